"""The script tag on a page of another site, as a phone on Slow 4G meets it: beside a floor that does the least."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import brotli
import minify
from flask import Flask, Response, request
from playwright.sync_api import Browser

from .browser import chromium, served
from .paint import PHONE, WATCH
from .row import Row
from .sites import page, site

LOADS = 25
FLOOR = Path(__file__).parent / "floor/floor.js"


def measure() -> Iterator[Row]:
    """The floor and the widget take turns; then a visitor comes back."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        static, floor = Flask("static"), Flask("floor")
        home = stack.enter_context(served(static)).rstrip("/")
        service = site(CONSENT_ORIGINS=[home])
        asked: list[str] = []
        service.before_request(lambda: asked.append(request.path))
        script = brotli.compress(minify.string("text/javascript", FLOOR.read_text("utf-8")).encode())
        headers = {"Content-Encoding": "br", "Cache-Control": "public, max-age=300"}
        floor.add_url_rule("/floor.js", "floor", lambda: Response(script, mimetype="text/javascript", headers=headers))
        tags = {
            "floor": stack.enter_context(served(floor)).replace("127.0.0.1", "localhost") + "floor.js",
            "widget": stack.enter_context(served(service)).replace("127.0.0.1", "localhost") + "consent/widget.js",
        }
        for name, url in tags.items():
            static.add_url_rule(f"/{name}", name, lambda url=url: _page(static, url))
        browser = stack.enter_context(chromium())
        loads: dict[str, list[dict[str, float]]] = {name: [] for name in tags}
        turns = list(tags)
        for _ in range(LOADS):
            for name in turns:
                loads[name].append(_load(browser, f"{home}/{name}"))
            turns.reverse()
        yield Row("Slow 4G: bytes of the floor's script, br", len(script))
        ratio = median(load["layer"] for load in loads["widget"]) / median(load["layer"] for load in loads["floor"])
        yield Row(f"Slow 4G: layer readable, widget / floor, medians of {LOADS} loads", ratio, 1.05)
        more = median(load["long"] for load in loads["widget"]) - median(load["long"] for load in loads["floor"])
        yield Row("Slow 4G: tasks over 50 ms a load, above the floor's", more, 0)
        requests = [load["requests"] for load in loads["widget"]]
        yield Row("Slow 4G: requests to a visible layer, besides the page", median(requests), 1)
        yield Row("returning visitor: requests before the gate opens", _returning(browser, f"{home}/widget", asked), 0)


def _page(app: Flask, url: str) -> Response:
    gated = '<script type="text/plain" data-consent="analytics">window.ran = performance.now()</script>'
    html = (
        page().replace("</head>", f'<script async src="{url}"></script></head>').replace("</body>", f"{gated}</body>")
    )
    return Response(brotli.compress(html.encode(), quality=5), mimetype="text/html", headers={"Content-Encoding": "br"})


def _load(browser: Browser, url: str) -> dict[str, float]:
    context = browser.new_context(locale="en", viewport={"width": 375, "height": 667})
    context.add_init_script(WATCH)
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    devtools = context.new_cdp_session(tab)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", PHONE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    tab.goto(url)
    tab.wait_for_timeout(400)
    tab.wait_for_function("globalThis.seen.layer")
    seen: dict[str, float] = tab.evaluate("globalThis.seen")
    context.close()
    return seen | {"requests": len(asked) - 1}


def _returning(browser: Browser, url: str, asked: list[str]) -> int:
    """Requests that reach the service before the gated script has run."""
    context = browser.new_context(locale="en")
    tab = context.new_page()
    tab.goto(url)
    tab.locator("#cw-accept-all").click()
    tab.wait_for_function("window.ran")
    asked.clear()
    tab.goto(url)
    tab.wait_for_function("window.ran")
    context.close()
    return len(asked)
