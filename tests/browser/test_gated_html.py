"""An old site whose pages load vendors as they always did: nothing is asked before, and all works after a grant."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import MakeSite, MakeVisitor
from .servers import PAGE, Site
from .test_tags import Internet, notice_using

FILM, META = "https://www.youtube-nocookie.com", "https://connect.facebook.net"
#: Every way to ask, however it is written.
CORPUS = f"""
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4"></script>
<script>window.dataLayer = window.dataLayer || []; function gtag() {{ dataLayer.push(arguments) }} gtag("js", new Date())</script>
<script>const s = document.createElement("script"); s.src = "{META}/en_US/fbevents.js"; document.head.append(s)</script>
<script type="module" src="{META}/own.js"></script><script type="text/javascript" src="{META}/old.js"></script>
<script type="module">import "{META}/module.js"</script>
<noscript><img src="https://www.facebook.com/tr?id=1&amp;ev=PageView"></noscript>
<iframe id="film" title="A film" width="560" height="315" src="{FILM}/embed/1"></iframe>
<iframe title="Old" src="ht&Tab;tps:\\\\www&period;youtube&#46;com/embed/2"></iframe>
<iframe title="Inside" srcdoc="&lt;script src='{META}/inside.js'>&lt;/script>"></iframe>
<img alt="" src=/own.png srcset="/own.png 1x, //i.ytimg.com/1.jpg 2x"><video poster="//i.ytimg.com/2.jpg"></video>
<link rel="preconnect" href="{META}"><link rel="stylesheet" href="{META}/a.css"><link rel="preload" as="script" href="{META}/p.js">
<svg width="9" height="9"><style><img src="//i.ytimg.com/3.jpg"></style></svg>
<svg width="9" height="9"><script href="{META}/svg.js"></script><image href="//i.ytimg.com/4.jpg" /></svg>
<!--><img alt="" src="//i.ytimg.com/5.jpg">--><template><img src="//i.ytimg.com/6.jpg"></template>
<object data="//www.youtube.com/v/1"></object><embed src="//www.youtube.com/v/2"><table background="//i.ytimg.com/7.jpg"></table>
<p title='>"<img src="//i.ytimg.com/8.jpg">'>Text</p><textarea><img src="//i.ytimg.com/9.jpg"></textarea>
<input type="image" alt="" src="//i.ytimg.com/10.jpg" src="/own.png"><img alt="" SRC = '//u:p@I.YTIMG.com.:443/11.jpg'>
"""
ASK = """async () => {
  const failed = [];
  const fails = (name) => () => failed.push(name);
  await fetch("https://connect.facebook.net/fetch").catch((error) => failed.push("fetch " + error.name));
  const request = new XMLHttpRequest();
  const ended = new Promise((done) => request.onloadend = done);
  request.onerror = fails("XMLHttpRequest");
  request.open("POST", "https://connect.facebook.net/xhr");
  request.send("x");
  await ended;
  failed.push("beacon " + navigator.sendBeacon("https://connect.facebook.net/beacon", "x"));
  await new Promise((done) => new EventSource("https://connect.facebook.net/events").onerror = (event) => done(failed.push("EventSource " + event.target.readyState)));
  await new Promise((done) => new WebSocket("wss://connect.facebook.net/socket").onclose = () => done(failed.push("WebSocket")));
  await new Promise((done) => { const image = new Image(); image.onerror = () => done(failed.push("img")); image.src = "https://connect.facebook.net/img"; });
  const script = document.createElement("script");
  script.setAttribute("src", "https://connect.facebook.net/script.js");
  await new Promise((done) => { script.onerror = () => done(failed.push("script")); document.head.append(script); });
  const frame = document.createElement("iframe");
  frame.src = "https://www.youtube-nocookie.com/embed/made";
  frame.id = "made";
  document.querySelector("main").prepend(frame);
  return failed;
}"""


@pytest.fixture
def old_site(make_site: MakeSite) -> Site:
    notice = notice_using(
        {"use": "ga4", "id": "G-ABC123DEF4", "load": False},
        {"use": "meta_pixel", "id": "1234567890123456", "load": False},
        {"use": "youtube", "purposes": ["marketing"]},
    )
    site = make_site(CONSENT_NOTICE=notice, CONSENT_GATE_HTML=True, CONSENT_GUARD=True)
    site.page = PAGE.replace("<title>", "{{ consent_guard() }}<title>")
    site.body = CORPUS
    return site


def test_nothing_is_asked_before_all_opens_after_a_grant_and_a_withdrawal_ends_it(
    old_site: Site, visit: MakeVisitor
) -> None:
    visitor = visit(old_site, faults=True)
    internet = Internet(visitor.context)
    page = visitor.go().page
    page.wait_for_load_state("load")

    held = page.evaluate(ASK)
    assert held == [
        "fetch TypeError", "XMLHttpRequest", "beacon true", "EventSource 2", "WebSocket", "img", "script",
    ]  # fmt: skip
    expect(page.locator("[data-cw-blocked]:has(+ #made)")).to_be_visible()
    assert internet.asked == []

    visitor.accept()
    expect(page.locator("#film")).to_have_attribute("src", f"{FILM}/embed/1")
    expect(page.locator("#made")).to_have_attribute("src", f"{FILM}/embed/made")
    visitor.wait_until("[...document.scripts].some((each) => each.src.endsWith('fbevents.js'))")
    page.evaluate("fetch('https://connect.facebook.net/fetch')")
    for url in (
        "https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4",
        f"{META}/module.js",
        f"{META}/en_US/fbevents.js",
    ):
        assert internet.asked.count(url) == 1

    internet.asked.clear()
    visitor.go()
    expect(page.locator("#film[src][data-consent-granted=marketing]")).to_be_attached()
    page.wait_for_load_state("load")
    assert internet.asked.count("https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4") == 1, "sent live"

    with page.expect_navigation():
        visitor.open_centre().press_in_centre("reject_all")
    internet.asked.clear()
    visitor.go("/two")
    page.wait_for_load_state("load")
    assert internet.asked == []
