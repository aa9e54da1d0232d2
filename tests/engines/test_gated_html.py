"""A page whose vendors are held back by the server, and what its scripts ask by the guard."""

from __future__ import annotations

from ..browser.conftest import MakeSite
from ..browser.servers import PAGE
from ..browser.test_tags import notice_using
from .conftest import MakeVisitor

CORPUS = """<script src="V/tag.js"></script><script type=module src="V/module.js"></script><script type=text/javascript src="V/old.js"></script><noscript><img src="V/none"></noscript>
<iframe title=film src="V/film.html"></iframe><template><img alt="" src="V/template"><video poster="V/poster"></video></template>
<svg><style><img alt="" src="V/svg"></style><image href="V/image" /></svg><link rel=stylesheet href="V/sheet"><link rel=preload as=image href="V/pre">
<img alt="" srcset="V/set 1x"><iframe title=inside srcdoc="<img src='V/inside'>"></iframe><table background="V/back"></table>"""
ASK = """const failed = [], v = arguments[0];
const fetched = fetch(v + "/fetch").catch((error) => failed.push(error.name));
const request = new XMLHttpRequest();
request.open("GET", v + "/xhr");
const requested = new Promise((done) => request.onerror = () => done(failed.push("request")));
request.send();
failed.push(navigator.sendBeacon(v + "/beacon", "x"));
const streamed = new Promise((done) => new EventSource(v + "/events").onerror = () => done(failed.push("events")));
let socket;
try { socket = new Promise((done) => new WebSocket(v.replace("http", "ws") + "/socket").onerror = () => done(failed.push("socket"))); }
catch { failed.push("socket"); }
const image = new Image();
const drawn = new Promise((done) => image.onerror = () => done(failed.push("image")));
image.src = v + "/drawn";
document.body.prepend(Object.assign(document.createElement("iframe"), { src: v + "/made.html" }));
return Promise.all([fetched, requested, streamed, socket, drawn]).then(() => failed.map(String).sort().join());"""


def test_nothing_is_asked_before_and_all_after_a_grant(make_site: MakeSite, visit: MakeVisitor) -> None:
    text = {"zh-CN": "第三方", "en": "Vendor"}
    vendor = {"id": "vendor", "name": text, "company": "Vendor Ltd", "country": "CN", "hosts": ["*.localhost"]}
    notice = notice_using(vendor | {"purposes": ["marketing"], "description": text})
    site = make_site(CONSENT_NOTICE=notice, CONSENT_GATE_HTML=True, CONSENT_GUARD=True)
    site.page = PAGE.replace("<title>", "{{ consent_guard() }}<title>")
    site.body = CORPUS.replace("V/", f"{site.vendors.url}/")
    visitor = visit(site, faults=True)
    browser, asked = visitor.browser, site.vendors.asked
    visitor.go()
    browser.until("document.readyState == 'complete' && ConsentWidget.on")

    failed = browser.js(ASK, site.vendors.url)
    assert failed == "TypeError,events,image,request,socket,true"
    assert asked == []

    visitor.accept()
    browser.until("window.ran?.length == 3")
    visitor.wait_until_asked("film", "made", "set")
    assert [asked.count(name) for name in ("tag", "module", "old")] == [1, 1, 1]
    assert not {"fetch", "xhr", "beacon", "events", "drawn"} & set(asked), "what was held back is not repeated"
