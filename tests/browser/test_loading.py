"""However a page loads the script, it works, or the console says what to change; and it believes no address but its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site, Static
from .visitor import Visitor

GATED = '<script type="text/plain" data-consent="data_analytics">window.ran = 1</script>'
PAGE = f"<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>HEAD<body>BODY<h1>A page</h1>{GATED}"
ADD = "document.head.append(Object.assign(document.createElement('script'), {PROPERTIES}))"
FETCH = "<script>fetch('URL').then((answer) => answer.HOW()).then((got) => { THEN })</script>"


def fetched(then: str, how: str = "text") -> str:
    return FETCH.replace("HOW", how).replace("THEN", then)


WAYS = {
    "classic": "<script src='URL'></script>",
    "async": "<script async src='URL'></script>",
    "deferred": "<script defer src='URL'></script>",
    "twice": "<script src='URL'></script><script src='URL'></script>",
    "a module": "<script type=module src='URL'></script>",
    "import()": "<script type=module>import('URL')</script>",
    "put in by a tag manager": "<script>" + ADD.replace("PROPERTIES", "src: 'URL'") + "</script>",
    "delayed by an optimiser": "<script type='x-text/javascript' src='URL'></script><script>setTimeout(() => {"
    "const old = document.querySelector('[type^=x-]'), made = document.createElement('script');"
    "for (const { name, value } of old.attributes) if (name != 'type') made.setAttribute(name, value);"
    "old.replaceWith(made) }, 200)</script>",
    "fetched, and put in as text": fetched(ADD.replace("PROPERTIES", "text: got")),
    "fetched, and evaluated": fetched("(0, eval)(got)"),
    "fetched, and loaded as a blob": fetched(ADD.replace("PROPERTIES", "src: self.URL.createObjectURL(got)"), "blob"),
    "requested, and evaluated": "<script>const all = new XMLHttpRequest(); all.open('GET', 'URL');"
    "all.onload = () => (0, eval)(all.responseText); all.send()</script>",
}


@pytest.fixture
def site(make_site: MakeSite, static: Static) -> Site:
    static.headers = {}
    return make_site(CONSENT_ORIGINS=[static.url])


def serve(site: Site, static: Static, way: str, page: str = PAGE, head: bool = False) -> None:
    tag = way.replace("'URL'", f"'{site.url}/consent/widget.js?lang=en'")
    static.page = page.replace("HEAD", tag if head else "").replace("BODY", "" if head else tag)


def works(visitor: Visitor) -> None:
    """A new visitor is asked, agrees, is obeyed; and is not asked again on the next page."""
    visitor.accept().wait_until("self.ran")
    visitor.page.reload()
    visitor.wait_until("self.ran && self.ConsentWidget?.granted('data_analytics')")
    expect(visitor.layer).to_have_count(0)
    expect(visitor.page.locator("consent-widget")).to_have_count(1)


@pytest.mark.parametrize(
    ("way", "head"),
    [(way, True) for way in WAYS]
    + [(way, False) for way in ("classic", "async", "twice", "a module", "fetched, and evaluated")],
)
def test_the_script_works_however_it_is_loaded(
    site: Site, static: Static, visit: MakeVisitor, way: str, head: bool
) -> None:
    serve(site, static, WAYS[way], head=head)
    visitor = visit(site)
    visitor.page.goto(static.url)
    works(visitor)


@pytest.mark.parametrize("way", ["async", "a module", "fetched, and evaluated"])
def test_a_base_element_leads_the_script_nowhere(site: Site, static: Static, visit: MakeVisitor, way: str) -> None:
    serve(site, static, WAYS[way])
    static.page = static.page.replace("<body>", "<base href='https://elsewhere.example/x/'><body>")
    visitor = visit(site)
    visitor.page.goto(static.url)
    works(visitor)


def test_in_a_joined_file_the_script_says_what_to_change(site: Site, static: Static, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True)
    joined = f"window.other = 1;\n{site.app.test_client().get('/consent/widget.js').text}"
    visitor.page.route("**/all.js", lambda route: route.fulfill(body=joined, content_type="text/javascript"))
    static.page = PAGE.replace("HEAD", "").replace("BODY", "<script src=/all.js></script>")
    visitor.page.goto(static.url)
    visitor.wait_until("self.other")
    visitor.rest()

    assert visitor.faults == ["consent_widget: needs its own script tag."]


#: What somebody may put into a page who can write markup. The page's policy lets none of it run.
PLANTED = """<img name=currentScript src="EVIL/consent/widget.js?clobbering"><img crossorigin src="EVIL/consent/widget.js">
<link rel=preload as=script crossorigin href="EVIL/consent/widget.js"><link rel=stylesheet crossorigin href="EVIL/consent/widget.js?s">
<script src="EVIL/consent/widget.js" data-token="TOKEN" crossorigin></script><script type=module src="EVIL/consent/widget.js"></script>
<script type="text/plain" data-consent="data_analytics" src="EVIL/vendor.js"></script>
<script type="text/plain" data-consent="data_analytics" src="EVIL/vendor.js" nonce="guessed"></script>"""


@pytest.mark.parametrize("way", ["a module", "import()", "fetched, and evaluated", "fetched, and put in as text"])
def test_markup_never_tells_the_script_where_it_comes_from(
    site: Site, static: Static, visit: MakeVisitor, way: str
) -> None:
    visitor = visit(site, faults=True)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(
            body="window.evil = 1", headers={"Access-Control-Allow-Origin": "*"}, content_type="text/javascript"
        )

    visitor.page.route("https://evil.test/**", answer)
    planted = PLANTED.replace("EVIL", "https://evil.test").replace("TOKEN", "1." + "A" * 22)
    tag = WAYS[way].replace("<script", "<script nonce=secret").replace("text: got", "text: got, nonce: 'secret'")
    serve(site, static, planted + tag)
    static.page = static.page.replace(GATED, GATED.replace("<script", "<script nonce=secret"))
    static.headers = {
        "Content-Security-Policy": "script-src 'nonce-secret' 'strict-dynamic' 'unsafe-eval'; base-uri 'none'"
    }
    visitor.page.goto(static.url)
    visitor.accept()
    visitor.rest()

    assert not [url for url in asked if not re.search(r"widget\.js(\?\w+)?$", url)]
    assert not visitor.page.evaluate("self.evil")
    # where several nonces are in the page, a module cannot tell which is the page's: then no script passes
    has_own_tag = way == "fetched, and put in as text"
    assert bool(visitor.page.evaluate("self.ran")) is has_own_tag


def test_a_module_lets_in_scripts_with_the_nonce_of_the_page(site: Site, static: Static, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True)
    serve(site, static, WAYS["a module"].replace("<script", "<script nonce=secret"))
    without = GATED.replace("window.ran = 1", "window.wrong = 1")
    static.page = static.page.replace(GATED, without + GATED.replace("<script", "<script nonce=secret"))
    static.headers = {"Content-Security-Policy": "script-src 'nonce-secret' 'strict-dynamic'"}
    visitor.page.goto(static.url)
    visitor.accept().wait_until("self.ran")

    assert not visitor.page.evaluate("self.wrong")


@pytest.mark.parametrize("cors", ["", " crossorigin"], ids=["plain", "crossorigin"])
@pytest.mark.parametrize("policy", ["require-corp", "credentialless"])
def test_the_printed_tag_works_on_an_isolated_page(
    site: Site, static: Static, visit: MakeVisitor, policy: str, cors: str
) -> None:
    serve(site, static, WAYS["async"].replace("async", f"async{cors}"))
    static.headers = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": policy}
    visitor = visit(site)
    visitor.page.goto(static.url)
    assert visitor.page.evaluate("crossOriginIsolated")
    visitor.open_centre()
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    visitor.page.reload()
    works(visitor)


@pytest.mark.parametrize("names", ["mine", "'none'", "consent_widget", "mine consent_widget"])
def test_a_page_may_allow_which_trusted_types_policies_it_likes(place: Place, visit: MakeVisitor, names: str) -> None:
    visitor = visit(place.site, faults=True)
    policy = {"Content-Security-Policy": f"require-trusted-types-for 'script'; trusted-types {names}"}
    visitor.page.goto(place.serve(PAGE.replace("HEAD", "").replace("BODY", "WIDGET"), policy))
    visitor.accept().wait_until("self.ran")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads")


def test_a_page_of_before_a_deployment_is_asked_about_the_notice_of_today(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site)

    def older(route: Route) -> None:
        answer = route.fetch()
        text = re.sub(r"/widget\.\w{16}\.", "/widget.0123456789abcdef.", answer.text())
        text = re.sub(r'name="notice" value="\w+"', f'name="notice" value="{"0" * 64}"', text)
        route.fulfill(response=answer, body=text.replace("Reject all", "An older text"))

    visitor.page.route(site.url + "/", older)
    visitor.go()
    expect(visitor.layer.locator("#cw-reject-all")).to_have_text("Reject all")
    visitor.accept()

    (record,) = site.records()
    assert record.notice == site.app.extensions["consent_widget"].notice.digest


#: A clock that is wrong by so many days, from the first script of the page on.
CLOCK = """{ const { now } = Date, Real = Date, off = DAYS * 864e5;
globalThis.Date = class extends Real { constructor(...all) { all.length ? super(...all) : super(now() + off) } static now() { return now() + off } } }"""


@pytest.mark.parametrize(
    ("place", "days"),
    [("tag", days) for days in (-20000, -3650, -2, 2, 200, 400, 20000)]
    + [("embedded", days) for days in (-20000, 2, 400)],
    indirect=["place"],
)
def test_a_visitor_whose_clock_is_wrong_is_asked_once_and_obeyed(place: Place, visit: MakeVisitor, days: int) -> None:
    visitor = visit(place.site)
    visitor.page.add_init_script(CLOCK.replace("DAYS", str(days)))
    visitor.page.goto(place.serve(PAGE.replace("HEAD", "").replace("BODY", "WIDGET")))
    works(visitor)
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads")
    visitor.wait_until("self.ConsentWidget?.open && !self.ran")
    expect(visitor.layer).to_have_count(0)


def test_a_clock_that_is_set_right_again_is_believed(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    options: dict[str, Any] = {"script": CLOCK.replace("DAYS", "(+sessionStorage.days || 0)")}
    visitor.page.add_init_script(**options)
    address = place.serve(PAGE.replace("HEAD", "").replace("BODY", "WIDGET"))
    visitor.page.goto(address)
    visitor.page.evaluate("sessionStorage.days = 4000")
    visitor.page.reload()
    works(visitor)
    visitor.page.evaluate("sessionStorage.days = 0")
    visitor.page.reload()
    visitor.wait_until("self.ran")
    visitor.page.evaluate("sessionStorage.days = 900")  # and now time has passed
    visitor.page.reload()
    if "{{" not in place.tag:
        expect(visitor.layer).to_be_visible()
        assert not visitor.page.evaluate("self.ran")
