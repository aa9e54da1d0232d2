"""Pages that change, are prerendered, restored or open twice: gates and layer always follow the latest choice."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from ..conftest import HERE
from ..support.choice_body import choice_body
from .conftest import MakeVisitor
from .servers import Place, shop
from .test_choosing import SEVEN
from .visitor import PATIENCE, Visitor

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>"
TALLY = '<script type="text/plain" data-consent="data_analytics" src="VENDORS/tally.js"></script>'
FILM = """<iframe title=film data-consent=targeted_advertising data-consent-service=reel data-src="VENDORS/reel.html"></iframe>"""

#: How a page's own code puts gated elements in; `html` makes markup that the page's policy trusts.
WAYS = {
    "created": """const box = document.createElement("div");
        const script = document.createElement("script");
        script.type = "text/plain"; script.dataset.consent = "data_analytics"; script.src = url("VENDORS/created.js");
        script.onload = () => self.inline = ["created"];
        const frame = document.createElement("iframe");
        frame.title = "film"; frame.dataset.consent = "targeted_advertising"; frame.dataset.src = "VENDORS/created.html";
        box.append(script, frame); room.append(box)""",
    "innerHTML": "const box = document.createElement('div'); box.innerHTML = html(gated('innerHTML')); room.append(box)",
    "insertAdjacentHTML": "room.insertAdjacentHTML('beforeend', html(gated('insertAdjacentHTML', 'async')))",
    "rendered": """const view = document.createElement("main"); room.append(view);
        for (let times = 3; times--;) {
          const next = document.createElement("template"); next.innerHTML = html(gated("rendered"));
          view.replaceChildren(next.content.cloneNode(true));
        }""",
    "route": "history.pushState({}, '', '/route'); room.innerHTML = html(gated('route'))",
    "body": """const body = document.createElement("body"); body.innerHTML = html("<p>Another body</p>" + gated("body"));
        document.body.replaceWith(body)""",
}
LATE = (
    HEAD
    + """WIDGET<body><div id=room></div><script>
    const policy = self.trustedTypes?.createPolicy("page", { createHTML: (each) => each, createScriptURL: (each) => each });
    const html = (text) => policy ? policy.createHTML(text) : text, url = (text) => policy ? policy.createScriptURL(text) : text;
    const gated = (name, how = "") => `<p>${name}</p><script type="text/plain" data-consent="data_analytics" src="VENDORS/${name}.js" ${how}><\\/script>
      <script type="text/plain" data-consent="data_analytics">(self.inline ||= []).push("${name}")<\\/script>
      <iframe title=film data-consent=targeted_advertising data-src="VENDORS/${name}.html"></iframe>`;
    const ways = { WAYS };
    self.records = 0; new MutationObserver((all) => records += all.length).observe(document, { childList: true, subtree: true });
    </script>"""
)
POLICIES = {
    "no policy": {},
    "types, any list": {"Content-Security-Policy": "require-trusted-types-for 'script'"},
    "types, a list with ours": {
        "Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types page consent_widget"
    },
}


@pytest.mark.parametrize(
    ("place", "way", "policy"),
    [("tag", way, policy) for way in WAYS for policy in POLICIES]
    + [("embedded", way, "no policy") for way in ("innerHTML", "body")],
    indirect=["place"],
)
def test_what_comes_late_waits_for_the_grant_and_then_runs_once(
    place: Place, visit: MakeVisitor, way: str, policy: str
) -> None:
    document = LATE.replace("WAYS", ",".join(f"{name}() {{ {code} }}" for name, code in WAYS.items()))
    visitor, requests = visit(place.site), place.vendors.asked
    page = visitor.page
    page.goto(place.serve(document, POLICIES[policy]))
    expect(visitor.layer).to_be_visible()
    page.evaluate(f"ways.{way}()")
    expect(visitor.placeholder).to_have_count(1)
    expect(visitor.placeholder).to_be_visible()
    expect(visitor.layer).to_be_visible()
    quiet(visitor)
    assert requests == []
    visitor.accept()
    visitor.wait_until("performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.html'))")
    expect(visitor.placeholder).to_have_count(0)
    quiet(visitor)
    assert sorted(requests) == [way, way]
    assert page.evaluate("self.ran") == [way]
    assert page.evaluate("self.inline") == [way]


def quiet(visitor: Visitor) -> None:
    """The page comes to rest: the widget and the page do not react to each other for ever."""
    visitor.rest()
    before = visitor.page.evaluate("records")
    visitor.rest()
    assert visitor.page.evaluate("records") == before < 60


def test_a_policy_that_forbids_the_widgets_trusted_type_breaks_nothing(place: Place, visit: MakeVisitor) -> None:
    policy = {"Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types page"}
    visitor = visit(place.site, faults=True)
    visitor.page.goto(place.serve(HEAD + "WIDGET<body>" + TALLY + FILM, policy))
    visitor.accept()
    visitor.wait_until("self.ran?.includes('tally')")
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")
    assert [fault for fault in visitor.faults if "Creating a TrustedTypePolicy" not in fault] == []


def test_a_film_that_is_gone_needs_no_reload(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(HEAD + "WIDGET<body>" + FILM))
    visitor.accept()
    visitor.page.locator("iframe").evaluate("(frame) => frame.remove()")
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.wait_until("!ConsentWidget.granted('targeted_advertising')")
    visitor.expect_saved()


def test_the_tag_twice_is_the_widget_once(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(HEAD + place.tag * 2 + "<body>" + TALLY))
    expect(visitor.layer).to_have_count(1)
    expect(visitor.layer).to_be_visible()
    visitor.accept()
    visitor.wait_until("self.ran")
    assert (place.vendors.asked, len(place.site.records())) == (["tally"], 1)


def test_a_page_may_ask_before_the_script_is_there(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(
        place.serve(
            HEAD
            + """<script>
            self.heard = []; self.ConsentWidget = self.ConsentWidget || [];
            ConsentWidget.push((widget) => { self.widget = widget; self.undo = widget.on("change", (detail) => heard.push(detail.by)) });
            </script>WIDGET<body>"""
            + TALLY
        )
    )
    page = visitor.page
    visitor.wait_until("self.widget")
    assert page.evaluate("widget === ConsentWidget && widget.granted('data_analytics')") is False
    page.evaluate("ConsentWidget.push((widget) => self.late = widget.language)")
    visitor.wait_until("self.late == 'en'")
    page.evaluate("ConsentWidget.language = 'zh-CN'")
    expect(visitor.layer).to_contain_text("全部拒绝")
    assert page.evaluate("ConsentWidget.language") == "zh-CN"
    page.evaluate("ConsentWidget.language = 'en'")
    visitor.wait_until("ConsentWidget.language == 'en'")
    visitor.accept()
    assert page.evaluate("heard") == ["visitor"]
    page.evaluate("ConsentWidget.withdraw()")
    visitor.wait_until("heard.length > 1")
    assert page.evaluate("heard") == ["visitor", "script"]
    visitor.wait_until("self.widget && !self.heard.length")  # the reload
    page.evaluate("undo()")
    visitor.open_centre().press_in_centre("accept_all").expect_saved()
    assert page.evaluate("heard") == []


@pytest.fixture
def tabs(place: Place, visit: MakeVisitor) -> tuple[Visitor, Visitor]:
    """Two tabs of one visitor on the same page. Both collect the change events that they receive (`heard`)."""
    url = place.serve(HEAD + "WIDGET<body>" + TALLY + FILM)
    one = visit(place.site)
    other = Visitor(one.context, place.site)
    for tab in (one, other):
        tab.page.goto(url)
        expect(tab.layer).to_be_visible()
        tab.wait_until("self.ConsentWidget?.on")
        tab.page.evaluate("self.heard = []; ConsentWidget.on('change', ({ by }) => heard.push(by)); 0")
    one.page.bring_to_front()
    return one, other


def test_a_choice_in_one_tab_is_one_in_the_other(tabs: tuple[Visitor, Visitor]) -> None:
    one, other = tabs
    one.accept()
    other.wait_until("self.ran")
    expect(other.layer).to_have_count(0)
    expect(other.pill).to_be_visible()
    expect(other.placeholder).to_have_count(0)
    assert (one.page.evaluate("heard"), other.page.evaluate("heard")) == (["visitor"], ["tab"])
    other.page.evaluate("self.before = true")
    one.open_centre().press_in_centre("reject_all").expect_status("reloads")
    other.expect_status("reloads")
    other.wait_until("!self.before && self.ConsentWidget")
    assert other.ran() == []
    expect(other.placeholder).to_be_visible()
    assert [fault for tab in tabs for fault in tab.faults] == []


def test_a_refusal_in_one_tab_puts_the_layer_of_the_other_away(tabs: tuple[Visitor, Visitor], place: Place) -> None:
    one, other = tabs
    one.reject()
    expect(other.layer).to_have_count(0)
    expect(other.status).to_have_text("")
    assert other.page.evaluate("heard") == ["tab"]
    assert (place.vendors.asked, len(place.site.records())) == ([], 1)


@pytest.fixture(scope="module")
def remembering(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], whole_browser: str
) -> Iterator[Browser]:
    """A browser with its back/forward cache on, as visitors have it."""
    arguments = browser_type_launch_args | {"executable_path": whole_browser}
    browser = browser_type.launch(**arguments, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


def test_going_back_shows_the_choice_made_meanwhile(place: Place, remembering: Browser) -> None:
    with remembering.new_context(locale="en") as context:
        visitor = Visitor(context, place.site)
        page = visitor.page
        url = place.serve(
            HEAD
            + "<script>addEventListener('pageshow', (event) => self.kept = event.persisted)</script>WIDGET<body>"
            + TALLY
        )
        page.goto(url)
        expect(visitor.layer).to_be_visible()
        page.goto(url + "two")
        visitor.accept().wait_until("self.ran")
        back(visitor)
        expect(visitor.layer).to_have_count(0)
        visitor.wait_until("self.ran")

        page.evaluate("self.before = true")
        page.goto(url + "three")
        visitor.open_centre().press_in_centre("reject_all")
        visitor.wait_until("!ConsentWidget.granted('data_analytics')")
        visitor.wait_until("self.kept === false && !self.ran")
        back(visitor)
        visitor.expect_status("reloads")
        visitor.wait_until("!self.before && self.ConsentWidget")
        assert visitor.ran() == []
        assert visitor.faults == []


def back(visitor: Visitor) -> None:
    visitor.page.go_back(wait_until="commit")
    visitor.wait_until("self.kept")


EARLY = (
    HEAD
    + """WIDGET<body><script>
    const tell = (what, then) => Object.assign(new Image(), { onerror: then, src: `VENDORS/${what}.js` });
    if (document.prerendering) {
      document.write('TALLY');
      setTimeout(() => tell("prepared", () => localStorage.prepared = 1), 500);
      document.addEventListener("prerenderingchange", () => {
        tell("activated");
        setTimeout(() => tell(document.querySelector("consent-widget").shadowRoot.querySelector(".cw-layer")?.checkVisibility() ? "layer" : "none"), 500);
      });
    } else if (location.pathname == "/") {
      addEventListener("storage", ({ key }) => key == "prepared" && (location.href = "/two"));
      const rules = document.createElement("script");
      rules.type = "speculationrules";
      rules.textContent = JSON.stringify({ prerender: [{ source: "list", urls: ["/two"], eagerness: "immediate" }] });
      document.head.append(rules);
    } else tell("fetched")
    </script>"""
).replace("TALLY", TALLY.replace("</", "<\\/"))


@pytest.mark.parametrize(
    ("place", "returning"), [("tag", True), ("embedded", True), ("embedded", False)], indirect=["place"]
)
def test_a_prerendered_page_runs_nothing(
    place: Place, browser_type_launch_args: dict[str, Any], whole_browser: str, tmp_path: Path, returning: bool
) -> None:
    requests = place.vendors.asked
    expected = {"prepared", "activated"} | ({"tally", "none"} if returning else {"layer"})
    headers = {}
    if returning:
        answer = place.site.app.test_client().post(
            "/consent/records", json=choice_body(shop(), "accept_all", *SEVEN), headers=HERE
        )
        headers["Set-Cookie"] = re.match("cw=[^;]+", answer.headers["Set-Cookie"])[0]
    url = place.serve(EARLY, headers)
    command = [whole_browser, *browser_type_launch_args["args"]]
    # no debugger: under one, nothing is rendered beforehand
    browser = subprocess.Popen(
        [*command, "--headless", "--remote-debugging-port=0", f"--user-data-dir={tmp_path}", url],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = monotonic() + PATIENCE / 1000
        while not expected <= set(requests) and "fetched" not in requests and monotonic() < until:
            sleep(0.05)
    finally:
        browser.terminate()
        browser.wait()
    assert requests[0] == "prepared"  # the others may arrive in any order
    assert sorted(requests) == sorted(expected)
