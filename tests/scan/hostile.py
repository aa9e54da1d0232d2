"""Sites that no scan can look at, or that make it hard."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from threading import Event

from flask import Flask, Response, redirect, request

#: Never set: who waits for it never answers.
NEVER = Event()


def create_app() -> Flask:
    app = Flask("hostile")

    def page(body: str, **more: str) -> Response:
        return Response(f"<!doctype html><title>Hostile</title>{body}", headers=more)

    def endless() -> Iterator[bytes]:
        yield b"<!doctype html><title>Endless</title>"
        for _ in itertools.repeat(0, 100_000):
            yield b"<p>More." * 100
            NEVER.wait(0.02)

    def silent() -> Iterator[bytes]:
        yield b"<!doctype html><title>Silent</title>"
        NEVER.wait(90)

    def secret() -> Response:
        if request.authorization and request.authorization.password == "open sesame":
            return page("<a href='/quiet'>Quiet</a><script>fetch('/quiet');</script>")
        return Response("No", 401, {"WWW-Authenticate": 'Basic realm="staging"'})

    add = app.add_url_rule
    add("/loop", "loop", lambda: redirect("/loop"))
    add("/endless", "endless", lambda: Response(endless(), mimetype="text/html"))
    add("/silent", "silent", lambda: Response(silent(), mimetype="text/html"))
    add("/download", "download", lambda: Response(b"x" * 999, headers={"Content-Disposition": "attachment"}))
    add("/picture", "picture", lambda: Response(b"GIF89a", mimetype="image/gif"))
    add("/secret", "secret", secret)
    add("/broken", "broken", lambda: Response("No", 500))
    add("/spin", "spin", lambda: page("<script>for (;;);</script>"))
    add("/storm", "storm", lambda: page("<script>for (;;) alert(1);</script>"))
    add("/moving", "moving", lambda: page("<script>location.replace('/moving?' + Math.random());</script>"))
    add("/data", "data", lambda: redirect("data:text/html,hello"))
    add("/crash", "crash", lambda: redirect("http://127.0.0.1/"))

    dialogs = "alert(1); confirm(2); prompt(3); addEventListener('beforeunload', (e) => e.preventDefault());"
    windows = "for (let n = 0; n < 3; n++) open('/quiet');"
    add("/dialogs", "dialogs", lambda: page(f"<script>{dialogs}</script>"))
    add("/windows", "windows", lambda: page(f"<script>{windows}</script>"))
    add("/leaky", "leaky", lambda: page('<img src="http://pixel.example/p.gif" alt="">'))
    add("/quiet", "quiet", lambda: page("<p>Quiet."))
    add("/huge", "huge", lambda: page("<p>Huge.</p>" * 400_000))
    add("/hanging", "hanging", lambda: page('<img src="/silent" alt="">'))
    add(
        "/busy",
        "busy",
        lambda: page("<script>setInterval(() => { const t = Date.now() + 300; while (Date.now() < t); }, 1)</script>"),
    )
    add(
        "/names",
        "names",
        lambda: page("<script>globalThis.JSON = Promise = Object = Array = undefined; document.links = 1</script>"),
    )
    lie = "Object.defineProperty(document, 'links', { get: () => [{ hasAttribute() {}, href: { a: 1 } }] })"
    wrong = '<a href="http://[">No address.</a><link rel="icon preconnect" href="https://x:99999/">'
    headers = {"Link": f"<http://[>; rel=preconnect, {'<' * 200_000}"}
    add("/careless", "careless", lambda: page(wrong, **headers))
    add("/lying", "lying", lambda: page(f"<script>{lie}</script>"))
    add("/favicon.ico", "icon", lambda: ("", 204))
    return app
