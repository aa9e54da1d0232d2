"""The script tag on a page of another site, on a phone with Slow 4G, compared with a floor that does the least."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from random import shuffle
from statistics import median
from time import sleep

import brotli
import minify
from flask import Flask, Response, request
from playwright.sync_api import Browser

from .browser import chromium, served
from .paint import slow_down
from .row import Row
from .sites import site

LOADS = 60
FLOOR = Path(__file__).parent / "floor/floor.js"
#: The page's largest text is the layer's, so the browser says when that was painted (naming no element: a shadow tree).
#: The time at which the layer is in the tree says less: styling, layout and painting come after it.
WATCH = """
const seen = globalThis.seen = { long: 0 };
const watch = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
watch("longtask", () => seen.long++);
watch("largest-contentful-paint", ({ element, startTime }) => element || (seen.readable ??= startTime));
"""
#: The driver asks the page nothing meanwhile: its own script takes a phone longer than the widget does.
QUIET = 1500
#: How long a closed page may still slow down the next one.
PAUSE = 0.3
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title>
<link rel="icon" href="data:,">{link}<script async src="{url}"></script></head>
<body><h1>A page</h1>{lines}
<script type="text/plain" data-consent="analytics">window.ran = performance.now()</script></body></html>"""
LINES = "".join(f"<h2>Part {n}</h2><p>No more than a line of words, {n}.</p>" for n in range(80))
PAGES = {"bare": "a page of one file", "styled": "a page with a style sheet"}
LINK = '<link rel="stylesheet" href="/site.css">'
#: About the style sheet of a small site: 8 kB on the wire.
SHEET = "".join(f".part-{n} {{ margin: {n}px; color: #{n * 7919 % 4096:03x} }}\n" for n in range(200))


def measure() -> Iterator[Row]:
    """The floor and the widget take turns in random order; then a visitor returns."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        static, floor = Flask("static"), Flask("floor")
        home = stack.enter_context(served(static)).rstrip("/")
        service = site(CONSENT_ORIGINS=[home])
        asked: list[str] = []
        service.before_request(lambda: asked.append(request.path))
        floor.add_url_rule("/floor.js", "floor", floor_script)
        tags = {
            "floor": stack.enter_context(served(floor)).replace("127.0.0.1", "localhost") + "floor.js",
            "widget": stack.enter_context(served(service)).replace("127.0.0.1", "localhost") + "consent/widget.js",
        }
        static.add_url_rule("/site.css", "sheet", lambda: Response(SHEET, mimetype="text/css"))
        for name, url in tags.items():
            static.add_url_rule(f"/bare/{name}", f"bare-{name}", lambda url=url: _page(url, ""))
            static.add_url_rule(f"/styled/{name}", f"styled-{name}", lambda url=url: _page(url, LINK))
        browser = stack.enter_context(chromium())
        with floor.test_request_context():
            yield Row("Slow 4G: bytes of the floor's script, br", floor_script().content_length or 0)
        loads: dict[str, list[dict[str, float]]] = {f"{kind}/{name}": [] for kind in PAGES for name in tags}
        turns = list(loads)
        for _ in range(LOADS):
            shuffle(turns)  # a heavy page slows the next one down, so none always follows the same one
            for name in turns:
                loads[name].append(_load(browser, f"{home}/{name}"))
        for kind, what in PAGES.items():
            widget, floor_ = (
                {key: median(load[key] for load in loads[f"{kind}/{name}"]) for key in ("readable", "long")}
                for name in ("widget", "floor")
            )
            ratio = widget["readable"] / floor_["readable"]
            yield Row(f"Slow 4G, {what}: layer readable, widget / floor, medians of {LOADS} loads", ratio, 1.05)
            yield Row(
                f"Slow 4G, {what}: tasks over 50 ms a load, above the floor's", widget["long"] - floor_["long"], 0
            )
        yield Row("requests to a visible layer", _needed(browser, f"{home}/bare/widget"), 1)
        yield Row(
            "returning visitor: requests before the gate opens", _returning(browser, f"{home}/bare/widget", asked), 0
        )


@cache
def _floor() -> bytes:
    script: bytes = brotli.compress(minify.string("text/javascript", FLOOR.read_text("utf-8")).encode())
    return script


def floor_script() -> Response:
    """The floor's script, minified and compressed as the widget's is."""
    headers = {"Content-Encoding": "br", "Cache-Control": "public, max-age=300"}
    return Response(_floor(), mimetype="text/javascript", headers=headers)


def _page(url: str, link: str) -> Response:
    html = PAGE.format(url=url, link=link, lines=LINES)
    return Response(brotli.compress(html.encode(), quality=5), mimetype="text/html", headers={"Content-Encoding": "br"})


def _load(browser: Browser, url: str) -> dict[str, float]:
    context = browser.new_context(locale="en", viewport={"width": 375, "height": 667})
    context.add_init_script(WATCH)
    tab = context.new_page()
    devtools = context.new_cdp_session(tab)
    slow_down(devtools)
    tab.goto(url)
    tab.wait_for_timeout(QUIET)
    seen: dict[str, float] = tab.evaluate("globalThis.seen")
    context.close()
    sleep(PAUSE)
    return seen


def _needed(browser: Browser, url: str) -> int:
    """How many requests to the service a visible layer takes, while the rest is not answered."""
    context = browser.new_context(locale="en")
    tab = context.new_page()
    answered: list[str] = []
    tab.route("**/*.mjs*", lambda route: None)
    tab.on("requestfinished", lambda request: answered.append(request.url))
    tab.goto(url, wait_until="commit")
    tab.locator(".cw-layer").wait_for()
    context.close()
    return sum("/consent/" in url for url in answered)


def _returning(browser: Browser, url: str, asked: list[str]) -> int:
    """How many requests reach the service before the gated script has run."""
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
