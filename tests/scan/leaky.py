"""A site with leaks of every kind that are known to be overlooked, and the other hosts that they go to, on one server."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response, redirect, render_template_string, request

from consent_widget import ConsentWidget, Cookie, Service, read_notice
from consent_widget.notice.model import Notice
from consent_widget.text import Text

from ..conftest import CONTROLLER, KEY

HOST = "shop.localhost"
#: What is planted: the kind, the host and the place of each finding, and the visitors who meet it.
ALWAYS, BEFORE, AFTER = ("new", "refused", "accepted", "withdrawn"), ("new", "refused", "withdrawn"), ("accepted",)
PLANTED = {
    ("request", "pixel.example", "/p.gif"): ALWAYS,  # a picture in the markup
    ("request", "late.example", "/"): ALWAYS,  # long after the page
    ("request", "lazy.example", "/"): ALWAYS,  # at the first movement
    ("request", "bye.example", "/"): ALWAYS,  # as the page is left
    ("request", "worker.example", "/"): ALWAYS,  # by a worker that several pages share
    ("request", "frame.example", "/frame"): ALWAYS,  # a frame, with what it loads and stores
    ("request", "hop.example", "/hop"): ALWAYS,  # by way of the site's own host
    ("request", HOST, "/metrics/"): BEFORE,  # Google's tag from the site's own host
    ("preconnect", "ahead.example", "/"): ALWAYS,  # a connection, and no request
    ("request", "icon.example", "/i.png"): ALWAYS,
    ("preconnect", "header.example", "/"): ALWAYS,  # by a header
    ("cookie", HOST, "visitor"): ALWAYS,  # that no script can read
    ("cookie", HOST, "_ga_planted"): BEFORE,  # by a script, of a service that the notice tells
    ("local", HOST, "profile"): ALWAYS,
    ("database", HOST, "history"): ALWAYS,
    ("request", "tally.example", "/late.js"): ("withdrawn",),  # of a service, in spite of the withdrawal
    ("request", "more.example", "/"): AFTER,  # brought along by the service, and not told
}

PAGE = """<!doctype html><title>Shop</title><link rel="icon" href="http://icon.example/i.png">
<link rel="preconnect" href="http://ahead.example"><link rel="stylesheet" href="/own.css">
{{ consent_widget() }}<h1>{{ request.path }}</h1><a href="/two">Two</a> <a href="/logout">Sign out</a>
<img src="http://pixel.example/p.gif" alt="" width="1" height="1">
<img src="/go" alt="" width="1" height="1">
<iframe src="http://frame.example/frame" title="Frame"></iframe>
<script src="/metrics/?id=G-ABC123DEF4" async></script>
<script type="text/plain" data-consent="analytics" data-consent-service="tally" data-src="http://tally.example/tally.js"></script>
<script>
const send = (host) => fetch(`http://${host}/`, { mode: "no-cors" }).catch(() => {});
setTimeout(send, LATE, "late.example");
addEventListener("mousemove", () => send("lazy.example"), { once: true });
addEventListener("pagehide", () => navigator.sendBeacon("http://bye.example/", "x"));
new SharedWorker("/worker.js");
document.cookie = "_ga_planted=1; path=/";
document.cookie = "session=1; path=/";
localStorage.profile = 1;
indexedDB.open("history");
if (document.cookie.includes("was_there")) document.write('<script src="http://tally.example/late.js"><\\/script>');
</script>"""


def notice() -> Notice:
    tally = Service(
        id="tally", name=Text({"zh-CN": "塔利统计", "en": "Tally"}), company="Tally B.V.", country="NL",
        purposes=("analytics",), hosts=("tally.example",), storage=("tally",),
        cookies=(Cookie(name="tally_id"),),
    )  # fmt: skip
    ga4 = Service(
        id="ga4", name=Text({"zh-CN": "谷歌统计", "en": "GA4"}), company="Google LLC", country="IE",
        purposes=("analytics",), hosts=("www.googletagmanager.com",), cookies=(Cookie(name="_ga_*"),),
    )  # fmt: skip
    own = Service(
        id="own", name=Text({"zh-CN": "本站", "en": "This site"}), company="Shop", country="NL", purposes=("necessary",),
        cookies=(Cookie(name="was_there"),), storage=("basket",),
    )  # fmt: skip
    return replace(read_notice("minimal", CONTROLLER), services=(tally, ga4, own), country="NL")


def create_app(late: int = 8000) -> Flask:
    """The site. One of its leaks comes so many milliseconds `late`."""
    app = Flask("leaky")
    app.config.update(CONSENT_KEYS=[KEY], CONSENT_DATABASE="sqlite://", CONSENT_NOTICE=notice(), CONSENT_RATE_LIMIT=0)
    app.config["CONSENT_REGION"] = "EU"
    ConsentWidget(app)

    def page() -> Response:
        response = Response(render_template_string(PAGE.replace("LATE", str(late))))
        response.set_cookie("visitor", "1", httponly=True)
        response.headers["Link"] = '<http://header.example/>; rel="preconnect"; crossorigin'
        return response

    def script(text: str) -> Response:
        return Response(text, mimetype="text/javascript", headers={"Access-Control-Allow-Origin": "*"})

    def other(path: str = "") -> Response:
        if request.host.startswith(HOST):
            return Response(status=404)
        if path == "tally.js":
            return script(
                "document.cookie = 'tally_id=1; path=/'; localStorage.tally = 1;"
                "document.cookie = 'was_there=1; path=/';"
                "fetch('http://more.example/', { mode: 'no-cors' }).catch(() => {});"
            )
        if path == "frame":
            body = '<img src="/inside.gif" alt=""><script>localStorage.inside = 1;</script>'
            return Response(body, mimetype="text/html", headers={"Set-Cookie": "inside=1"})
        return Response("", mimetype="image/gif", headers={"Set-Cookie": "third=1"})

    @app.after_request
    def _clear(response: Response) -> Response:
        """A deleted cookie is none, also where Firefox keeps it for a moment: the more there are, the more often it does."""
        for number in range(100):
            response.headers.add("Set-Cookie", f"gone{number}=; Max-Age=0")
        return response

    for path in ("/", "/two"):
        app.add_url_rule(path, path, lambda: page() if request.host.startswith(HOST) else other(), host=None)
    app.add_url_rule("/own.css", "css", lambda: Response("", mimetype="text/css"))
    app.add_url_rule("/go", "go", lambda: redirect("http://hop.example/hop"))
    app.add_url_rule("/metrics/", "metrics", lambda: script(""))
    app.add_url_rule(
        "/worker.js", "worker", lambda: script("fetch('http://worker.example/', { mode: 'no-cors' }).catch(() => {})")
    )
    app.add_url_rule("/<path>", "other", other, methods=["GET", "POST"])
    app.add_url_rule("/", "beacon", other, methods=["POST"])
    return app
