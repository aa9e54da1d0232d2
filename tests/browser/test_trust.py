"""Markup, prototypes and cookies that somebody else controls cannot redirect or stop the script, and grant nothing."""

from __future__ import annotations

from time import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State
from consent_widget.choice.token import TokenSigner
from consent_widget.testing.stores import make_choice

from ..conftest import KEY
from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site, Static, shop
from .visitor import LOOK, middle, press_at

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>"
TAG = '<script type="text/plain" data-consent="data_analytics" src="VENDORS/tag.js"></script>'
FAR = 99_999


def token(*granted: str, key: str = KEY, time: int = 1_800_000_000, seq: int = 1) -> str:
    options = shop().options
    decisions = {option.fingerprint: Decision(id in granted, FAR) for id, option in options.items()}
    return TokenSigner([key]).write(State(new_subject(), seq, time, shop().digest[:8], decisions))


GENUINE = token("data_analytics")
FORGED = token("data_analytics", key="a-key-of-nobody-0123456789", time=1_900_000_000)


def on_record(site: Site, value: str) -> str:
    """A token whose visitor has a record: the server calls no other genuine, since their records may have been erased."""
    state = TokenSigner([KEY]).read(value)
    assert state
    if not site.store.history(state.subject):
        site.store.add(make_choice(subject=state.subject, seq=state.seq, site=""))
    return value


def plant(place: Place, page: Page, *values: str) -> None:
    """Set the cookie as a sibling domain or a plain-HTTP page could: for several paths, since a browser sends them all."""
    host = str(urlsplit(place.serve(HEAD)).hostname)
    for path, value in zip(("/", "/two", "/tw"), values, strict=False):
        page.context.add_cookies([{"name": "cw", "value": value, "domain": host, "path": path}])


CLOBBERING = {
    "the script's own tag": "<img name=currentScript src='EVIL/x'>",
    "where addresses begin": "<base href='EVIL/'>",
    "both": "<base href='EVIL/'><form name=currentScript></form>",
    "the cookie": "<img name=cookie>",
    "the body": "<img name=body><img name=documentElement><form name=head></form>",
    "how elements are found": "<img name=querySelector><form name=querySelectorAll></form><embed name=getElementById>",
    "how elements are made": "<img name=createElement><object name=createTextNode></object>",
    "how listeners are put": "<img name=addEventListener><img name=removeEventListener><img name=dispatchEvent>",
    "what the page is in": "<img name=prerendering><img name=defaultView><img name=location><img name=visibilityState>",
    "the widget itself": "<details id=ConsentWidget></details>",
    "the widget with a method": "<form id=ConsentWidget><input name=open><input name=push></form>",
    "the widget, a frame": "<iframe name=ConsentWidget></iframe>",
    "the widget, twice": "<a id=ConsentWidget name=open></a><a id=ConsentWidget></a>",
    "globals": "".join(f"<a id={name}></a>" for name in ("addEventListener", "trustedTypes", "navigator", "fetch", "self", "HTMLScriptElement", "once", "data", "sheet", "more")),
    "an element that asks": "<form data-consent=data_analytics>"
    + "".join(f"<input name={name}>" for name in ("dataset", "remove", "closest", "hidden", "before", "setAttribute", "src", "isConnected"))
    + "</form>",
    "another widget": "<consent-widget data-band=a data-gpc></consent-widget>",
    "another widget with a layer": "<consent-widget data-token><template shadowrootmode=open><section class=cw-layer><button value=accept_all>Reject</button></section></template></consent-widget>",
}  # fmt: skip


#: Where the server has put the widget into the page, these meet other code than where the script has.
EMBEDDED = ("the script's own tag", "both", "the cookie", "how elements are found", "the widget itself",
            "another widget", "another widget with a layer")  # fmt: skip


@pytest.mark.parametrize(
    ("place", "name"),
    [("tag", name) for name in CLOBBERING] + [("embedded", name) for name in EMBEDDED],
    indirect=["place"],
)
def test_no_markup_leads_the_script_elsewhere_or_stops_it(place: Place, visit: MakeVisitor, name: str) -> None:
    visitor = visit(place.site, faults=True)
    page, evil = visitor.page, place.vendors.url.replace("test", "evil")
    led: list[str] = []
    page.on("request", lambda request: led.append(request.url) if evil in request.url else None)
    markup = CLOBBERING[name].replace("EVIL", evil)
    late = "<base" in markup
    page.goto(place.serve(f"{HEAD}<body>{'' if late else markup}WIDGET{TAG}{markup}<h1>A page</h1>"))
    led.clear()

    expect(page.locator("consent-widget")).to_have_count(1)
    visitor.layer.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    page.keyboard.press("Escape")
    for each in visitor.layer.locator("[href]").all():
        assert str(each.get_attribute("href")).startswith(f"{place.site.url}/consent/")
    visitor.set_language("zh-CN")
    expect(visitor.layer).to_contain_text("全部拒绝")
    visitor.accept()
    page.wait_for_function("() => self.ran?.includes('tag')")
    assert (led, visitor.record().action) == ([], "accept_all")
    assert page.evaluate("Object.isFrozen(ConsentWidget) && ConsentWidget.granted('data_analytics')")
    page.reload()
    page.wait_for_function("() => self.ran?.includes('tag')")
    expect(visitor.layer).to_have_count(0)
    assert led == [] or led == [f"{evil}/x"] * len(led)


#: Of what is looked for below.
TAGS = [shop().options[key].fingerprint for key in ("data_analytics", "targeted_advertising")]
KEYS = """0 1 2 a c t scripted all bulk adult gpc age modal news leave site origins domain src consent consentService
press refused opened held judged child own cookie tag host home memory write recipient again genuine token doubtful sure
band credentials method body allowed trust running ConsentWidget trustedTypes data-consent href length"""
VALUES = {
    "true": "true",
    "text": "'1'",
    "parsed": "{ 0: 'true', 1: '99999' }",
    "token": f"'{FORGED}'",
    "list": f"['', '{FORGED}']",
}


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("place", "value"),
    [("embedded", "true"), ("tag", "text"), ("embedded", "parsed"), ("tag", "token"), ("tag", "list")],
    indirect=["place"],
)
def test_nothing_is_read_from_a_polluted_prototype(place: Place, visit: MakeVisitor, value: str) -> None:
    visitor = visit(place.site, faults=True, reduced_motion="reduce")
    page = visitor.page
    frames = "".join(
        f'<iframe width=1 height=1 src="/two#{key}"></iframe>' for key in (*KEYS.split(), *TAGS, "nothing")
    )
    inner = (
        f"{HEAD}<script>Object.prototype[location.hash.slice(1)] = {VALUES[value]}</script><body>WIDGET{TAG}"
        "<iframe title=film data-consent=targeted_advertising data-src='VENDORS/film.html'></iframe>"
    )
    place.serve(inner)
    page.goto(place.serve(HEAD + "<body>"))
    place.serve(inner)
    page.evaluate("(frames) => document.body.append(document.createRange().createContextualFragment(frames))", frames)
    page.wait_for_function(
        """() => [...document.querySelectorAll("iframe")].every(({ contentWindow }) =>
          Object.isFrozen(contentWindow.ConsentWidget ?? []))"""
    )
    found = page.evaluate(
        """() => [...document.querySelectorAll("iframe")].map(({ contentWindow: frame }) => {
          const root = frame.document.querySelector("consent-widget")?.shadowRoot;
          root?.querySelector("#cw-accept-all")?.click();
          const granted = frame.ConsentWidget?.granted;
          return [frame.location.hash.slice(1), !!root?.querySelector(".cw-layer"), !!granted?.("data_analytics")];
        })"""
    )
    visitor.rest()

    assert {key for key, _, granted in found if granted} == set()
    assert (place.vendors.asked, place.site.records()) == ([], [])
    assert {key for key, layer, _ in found if not layer} == set()


def asked(page: Page) -> list[str]:
    """The paths of all POST requests from now on."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(urlsplit(request.url).path) if request.method == "POST" else None)
    return urls


@pytest.mark.parametrize("beside", [(), ("junk",), ("1.",)], ids=["alone", "beside junk", "beside more junk"])
def test_a_forged_token_grants_nothing_and_the_visitor_is_asked(
    place: Place, visit: MakeVisitor, beside: tuple[str, ...]
) -> None:
    visitor = visit(place.site)
    plant(place, visitor.page, FORGED, *beside)
    posts = asked(visitor.page)
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{TAG}").rstrip("/") + "/two")
    expect(visitor.layer).to_be_visible()
    assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
    assert (place.vendors.asked, place.site.records()) == ([], [])
    assert posts == ([] if "{{" in place.tag else ["/consent/verify"])

    visitor.accept().wait_until("self.ran")
    assert visitor.page.evaluate("ConsentWidget.granted('data_analytics')")


def test_a_forged_token_beside_a_genuine_one_takes_nothing_away(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    page = visitor.page
    page.goto(place.serve(f"{HEAD}<body>WIDGET{TAG}"))
    visitor.accept()
    page.context.add_cookies([{"name": "cw", "value": FORGED, "domain": urlsplit(page.url).hostname, "path": "/two"}])  # type: ignore[typeddict-item]
    page.goto(page.url + "two")
    visitor.wait_until("self.ran")
    expect(visitor.layer).to_have_count(0)
    assert len([each for each in page.context.cookies() if each["name"] == "cw"]) == 2  # type: ignore[typeddict-item]


def test_a_genuine_token_that_is_new_to_the_page_is_verified_once(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    plant(place, visitor.page, on_record(place.site, GENUINE))
    posts = asked(visitor.page)
    shown = "new MutationObserver(() => document.querySelector('consent-widget')?.shadowRoot?.querySelector('.cw-layer') && (self.shown = 1)).observe(document, { childList: true, subtree: true })"  # fmt: skip
    url = place.serve(f"{HEAD}<script>{shown}</script><body>WIDGET{TAG}")
    for _ in range(3):
        visitor.page.goto(url)
        visitor.wait_until("self.ran")
        expect(visitor.layer).to_have_count(0)
        assert not visitor.page.evaluate("self.shown")
    assert posts == ([] if "{{" in place.tag else ["/consent/verify"])


def test_an_unverified_token_only_refuses_while_the_server_is_away(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site, faults=True)
    page = visitor.page
    page.route("**/consent/verify", lambda route: route.abort())
    page.goto(place.serve(f"{HEAD}<body>WIDGET<h1>A page</h1>"))
    visitor.accept()
    page.evaluate(f"document.cookie = 'cw={token('targeted_advertising', time=2_000_000_000)};path=/'")
    if "{{" not in place.tag:
        page.evaluate("localStorage.removeItem('cw')")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert visitor.granted_by_script(["data_analytics", "targeted_advertising"]) == {"targeted_advertising"}


def test_a_cached_page_has_a_token_verified_once_in_a_tab(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_RENDER="script")
    place = Place(site, None)
    visitor = visit(site)
    plant(place, visitor.page, on_record(site, GENUINE))
    posts = asked(visitor.page)
    url = place.serve(f"{HEAD}<body>WIDGET{TAG}")
    for _ in range(3):
        visitor.page.goto(url)
        visitor.wait_until("self.ran")
        expect(visitor.layer).to_have_count(0)
    assert posts == ["/consent/verify"]
    visitor.context.clear_cookies()
    visitor.page.goto(url)
    expect(visitor.layer).to_be_visible()
    assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")


NESTED = """<template data-consent="data_analytics"><b id=outer>outer</b><script>(self.ran ||= []).push("outer")</script>
<script data-consent="targeted_advertising">self.ran.push("untyped")</script>
<script type="text/plain" data-consent="targeted_advertising">self.ran.push("typed")</script>
<script type="text/plain">self.ran.push("data")</script>
<div data-consent="targeted_advertising"><i id=inner>inner</i><script>self.ran.push("in a block")</script>
<script data-consent="personalisation">self.ran.push("third")</script></div>
<img data-consent="targeted_advertising" src="VENDORS/image.js" alt="">
<iframe title=film data-consent="targeted_advertising" data-src="VENDORS/film.html"></iframe>
<iframe title=plain data-consent="targeted_advertising" src="VENDORS/plain.html"></iframe></template>"""


@pytest.mark.parametrize(
    ("granted", "ran", "asked"),
    [
        ((), [], set()),
        (("targeted_advertising",), [], set()),
        (("data_analytics",), ["outer"], set()),
        (("data_analytics", "targeted_advertising"), ["outer", "untyped", "typed", "in a block"], {"image", "film", "plain"}),
    ],
)  # fmt: skip
def test_an_element_in_a_template_waits_for_its_own_purposes_too(
    place: Place, visit: MakeVisitor, granted: tuple[str, ...], ran: list[str], asked: set[str]
) -> None:
    visitor = visit(place.site)
    plant(place, visitor.page, on_record(place.site, token(*granted)))
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{NESTED}<h1>A page</h1>"))
    visitor.wait_until("ConsentWidget.language")
    visitor.wait_until_asked(*asked)
    visitor.rest()

    assert visitor.ran() == ran
    assert set(place.vendors.asked) == asked
    assert visitor.page.locator("#outer").count() == ("data_analytics" in granted)
    assert visitor.page.locator("#inner").count() == (len(granted) == 2)


def test_with_a_nonce_a_gate_opens_only_to_scripts_that_have_it_too(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(strict="nonce")
    site.body = """<script type="text/plain" data-consent="service_delivery">window.ran = ["without"]</script>
    <script type="text/plain" data-consent="service_delivery" src="/own.js"></script>
    <script type="text/plain" data-consent="service_delivery" nonce="guessed" src="/own.js?2"></script>
    <template data-consent="service_delivery"><script src="/own.js?3"></script><b id=shown>shown</b></template>
    <template data-consent="service_delivery"><script nonce=NONCE>(window.ran ||= []).push("inside")</script></template>
    <script nonce=NONCE type="text/plain" data-consent="service_delivery" data-src="/own.js?4"></script>
    <script nonce=NONCE type="text/plain" data-consent="service_delivery">(window.ran ||= []).push("with")</script>"""
    visitor = visit(site)
    warnings: list[str] = []
    visitor.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    visitor.go()
    visitor.wait_until("window.ran && ran.length == 3")
    expect(visitor.page.locator("#shown")).to_be_visible()
    visitor.page.evaluate("document.body.append(document.createElement('p'))")  # everything is looked at again
    visitor.rest()

    assert sorted(visitor.ran()) == [
        "inside",
        "own",
        "with",
    ]  # templates need a part of the script that is loaded for them
    assert site.asked.count("/own.js") == 1
    assert len([text for text in warnings if "nonce" in text]) == 4


SOURCES = {
    "javascript:self.top.hit = 1": False,
    "JavaScript:self.top.hit = 1": False,
    " javascript:self.top.hit = 1": False,
    "java\nscript:self.top.hit = 1": False,
    "java\tscript:self.top.hit = 1": False,
    "\x01javascript:self.top.hit = 1": False,
    "data:text/html,<script>top.hit = 1</script>": False,
    " data:text/html,x": False,
    "vbscript:x": False,
    "blob:null/x": False,
    "about:blank": False,
    "filesystem:x": False,
    "VENDORS/film.html": True,
    "/two": True,
    "two": True,
    "two?a:b": True,
    "two#a:b": True,
    "?a=javascript:b": True,
    "#a:b": True,
}


def test_a_frame_loads_only_http_addresses(site: Site, visit: MakeVisitor) -> None:
    place = Place(site, None)
    visitor = visit(site)
    page = visitor.page
    make = """(all) => { for (const src of all) { const frame = document.createElement("iframe");
      frame.dataset.consent = "service_delivery"; frame.dataset.src = src; document.body.append(frame) } }"""
    page.goto(place.serve(f"{HEAD}<body>WIDGET<h1>A page</h1>"))
    expect(visitor.layer).to_be_visible()
    page.evaluate(make, [source.replace("VENDORS", site.vendors.url) for source in SOURCES])
    visitor.rest()

    loaded = page.locator("iframe").evaluate_all("all => all.map((each) => each.hasAttribute('src'))")
    assert dict(zip(SOURCES, loaded, strict=True)) == SOURCES
    assert not page.evaluate("self.hit")


def test_a_tree_makes_only_elements_on_the_list(make_site: MakeSite, static: Static, visit: MakeVisitor) -> None:
    """Even if somebody else wrote the response that contains the tree."""
    site = make_site(CONSENT_ORIGINS=[static.url])
    place = Place(site, static)
    visitor = visit(site, faults=True)
    names = ["script", "iframe", "img", "link", "style", "object", "embed", "base", "meta", "svg", "video", "template"]
    attributes = {"src": "VENDORS/x.js", "onclick": "self.hit = 1", "style": "color: red", "srcdoc": "x", "data": "x",
                  "action": "javascript:x", "formaction": "javascript:x", "id": "made", "href": "javascript:self.hit = 1"}  # fmt: skip
    tree: list[Any] = ["article", *([name, attributes, "text"] for name in names), ["a", attributes, "link"]]
    visitor.page.route(
        "**/notice.en.json", lambda route: route.fulfill(json=["", tree], headers={"Access-Control-Allow-Origin": "*"})
    )
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET"))
    visitor.layer.locator("[data-open=notice]").click()
    made = visitor.page.locator("dialog article")
    expect(made).to_be_visible()

    assert made.evaluate("(made) => [...made.querySelectorAll('*')].map(({ localName }) => localName)") == [
        *"b" * len(names),
        "a",
    ]
    assert set(
        made.evaluate("(made) => [...made.querySelectorAll('*')].flatMap((each) => each.getAttributeNames())")
    ) == {"id", "href"}
    assert str(made.locator("a").get_attribute("href")).startswith(site.url)


@pytest.mark.parametrize(("place", "earlier"), [("tag", 0), ("tag", 9)], indirect=["place"])
def test_an_older_token_never_undoes_a_newer_one_though_both_are_genuine(
    place: Place, visit: MakeVisitor, earlier: int
) -> None:
    subject, now = new_subject(), 1_800_000_000
    tags = [option.fingerprint for option in shop().options.values()]
    token_signer = TokenSigner([KEY])
    granted, refused = (
        token_signer.write(State(subject, seq, time, shop().digest[:8], {tag: Decision(yes, FAR) for tag in tags}))
        for seq, time, yes in ((1, now - earlier, True), (2, now, False))
    )
    visitor = visit(place.site)
    url = place.serve(f"{HEAD}<body>WIDGET{TAG}")
    visitor.page.goto(url)
    visitor.page.evaluate(f"localStorage.cw = '{refused}'")
    plant(place, visitor.page, granted)
    url = place.serve(f"{HEAD}<body>WIDGET{TAG}")
    posts = asked(visitor.page)
    for _ in range(2):
        visitor.page.goto(url)
        visitor.rest()
        assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
    assert (place.vendors.asked, set(posts)) == ([], {"/consent/verify"})
    assert visitor.page.evaluate("localStorage.cw") == refused


def test_a_genuine_signature_on_an_altered_token_grants_nothing(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    page = visitor.page
    page.goto(place.serve(f"{HEAD}<body>WIDGET{TAG}"))
    visitor.reject()
    *payload, granted, denied, signature = visitor.cookies()["cw"].split(".")
    altered = ".".join([*payload, denied, granted, signature])
    host = str(urlsplit(page.url).hostname)
    page.context.add_cookies([{"name": "cw", "value": altered, "domain": host, "path": "/two"}])
    for _ in range(2):
        page.goto(place.serve(f"{HEAD}<body>WIDGET{TAG}").rstrip("/") + "/two")
        visitor.wait_until("self.ConsentWidget?.open")
        visitor.rest()
        assert not page.evaluate("ConsentWidget.granted('data_analytics')")
        expect(visitor.layer).to_have_count(0)  # the genuine one still counts
    assert place.vendors.asked == []


def test_an_outdated_centre_grants_nothing(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True).go()
    visitor.accept()
    visitor.open_centre()
    outdated = {
        "key": "k" * 22,
        "notice": shop().digest,
        "locale": "en",
        "action": "withdraw_all",
        "surface": "page",
        "purposes": {key: False for key, option in shop().options.items() if option.in_bulk},
    }
    origin = {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}
    assert visitor.context.request.post(site.url + "/consent/records", data=outdated, headers=origin).status == 201
    visitor.press_in_centre("save")
    expect(visitor.status).to_contain_text("Not saved")
    visitor.rest()

    assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
    assert not any(any(choice.purposes.values()) for choice in site.records()[1:])
    expect(visitor.switch("data_analytics")).not_to_be_checked()  # asked again, as it stands


@pytest.mark.parametrize("name", ["credentials", "mode", "redirect", "signal"])
def test_a_withdrawal_reaches_the_browsers_cookie_whatever_a_prototype_says(
    site: Site, visit: MakeVisitor, name: str
) -> None:
    visitor = visit(site, faults=True).go()
    visitor.accept()
    value = {"credentials": "omit", "mode": "no-cors", "redirect": "error", "signal": "none"}[name]
    visitor.page.evaluate(f"Object.prototype.{name} = '{value}'")
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.wait_until_sent()
    visitor.go("/two")

    assert visitor.granted_by_server() & {"data_analytics", "targeted_advertising"} == set()


@pytest.mark.parametrize("kind", ["open", "closed", "closed shadowrootclonable", "open shadowrootclonable"])
def test_a_shadow_root_in_a_template_brings_nothing_past_the_gates(place: Place, visit: MakeVisitor, kind: str) -> None:
    visitor = visit(place.site)
    inside = f'<template shadowrootmode={kind}><script>(self.ran ||= []).push("shadow")</script><svg><script>(self.ran ||= []).push("svg")</script></svg></template>'  # fmt: skip
    gated = f'<template data-consent="service_delivery"><div>{inside}<p>light</p></div><script>(self.ran ||= []).push("own")</script></template>'  # fmt: skip
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{gated}"))
    visitor.wait_until("self.ran")
    visitor.rest()

    assert visitor.ran() == ["own"]


@pytest.mark.real_time
def test_a_double_click_that_brings_a_placeholder_up_does_not_press_it(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    page = visitor.page
    film = (
        "<iframe data-consent=targeted_advertising data-src=VENDORS/film.html title=Film width=800 height=500></iframe>"
    )
    film = film.replace("VENDORS", place.vendors.url)
    page.goto(place.serve(f"{HEAD}<body>WIDGET<button id=show style='position:absolute;top:0;left:0;width:800px;height:500px'>Show</button><div id=at></div>"))  # fmt: skip
    visitor.reject()
    page.evaluate(f"show.onclick = () => {{ show.hidden = true; at.innerHTML = `{film}` }}")
    page.evaluate("show.click()")
    expect(visitor.placeholder).to_be_visible()
    buttons = visitor.placeholder.locator("button")
    spots = [middle(buttons.nth(each)) for each in range(buttons.count())]
    page.wait_for_timeout(LOOK)  # what the refusal brought up has long been there
    for spot in spots:
        page.evaluate("at.replaceChildren(), show.hidden = false")
        press_at(page, begun := time(), spot)
        expect(visitor.placeholder).to_be_visible()
        press_at(page, begun + 0.12, spot)
    visitor.rest()

    assert len(spots) > 1
    assert [choice.action for choice in place.site.records()] == ["reject_all"]
    assert place.vendors.asked == []


def test_a_placeholder_names_the_host_that_the_browser_would_ask(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    frame = r'<iframe data-consent=targeted_advertising data-src="/\elsewhere.test/Trusted Vendor/film" title=Film></iframe>'
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{frame}"))

    expect(visitor.placeholder).to_contain_text("elsewhere.test")
