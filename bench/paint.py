"""When the first layer is visible: in Chromium at full speed, and as a slow phone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

import brotli
from flask import Flask, Response
from markupsafe import Markup
from playwright.sync_api import Browser, CDPSession

from consent_widget.web.embed import embed

from .browser import chromium, served
from .row import Row
from .sites import NONCE, page, site

LOADS = 15
PHONE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}  # 1.6 Mbit/s
FLOOR = """
const e = document.body.appendChild(document.createElement("p"));
e.id = "floor";
e.style = "position: fixed";
e.append("A layer.");
"""
WATCH = """
const seen = globalThis.seen = { shift: 0, long: 0 };
const watch = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
watch("layout-shift", (entry) => seen.shift += entry.value);
watch("longtask", () => seen.long++);
watch("paint", ({ name, startTime }) => seen[name] = startTime);
const look = (frame) => {
  const root = document.querySelector("consent-widget, consent-floor")?.shadowRoot;
  const layer = document.querySelector("#floor") || root?.querySelector(".cw-layer, #layer");
  if (layer?.getClientRects().length) seen.layer = frame;
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def slow_down(devtools: CDPSession) -> None:
    """Makes a tab as slow as on a phone."""
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", PHONE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def measure() -> Iterator[Row]:
    """The pages take turns; medians, and ratios of medians."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    apps = {
        "bare": _serving(site(widget=False), lambda: ""),
        "server": _serving(site(), lambda: embed(NONCE, inline_style=True)),
        "linked": _serving(site(), embed),
        "cached": _serving(site(CONSENT_RENDER="cached"), lambda: embed(locale="en")),
        "script": _serving(site(CONSENT_RENDER="script"), embed),
        "inert": _inert(),
    }
    with ExitStack() as stack:
        urls = {name: stack.enter_context(served(app)) for name, app in apps.items()}
        browser = stack.enter_context(chromium())
        for slow in (False, True):
            loads: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
            turns = list(urls)
            for _ in range(LOADS):
                for name in turns:
                    loads[name].append(_load(browser, urls[name], slow))
                turns.append(turns.pop(0))  # so that no page always follows the same one
            yield from _rows(loads, slow)


def _rows(loads: dict[str, list[dict[str, float]]], slow: bool) -> Iterator[Row]:
    speed = "slow phone" if slow else "full speed"
    paint = "first-contentful-paint"

    def typical(name: str, what: str) -> float:
        return median(load[what] for load in loads[name])

    for name, how in (
        ("server", "style in the page"),
        ("linked", "style linked"),
        ("cached", "in a page for all"),
        ("script", "drawn by the script"),
    ):
        ratio = typical(name, paint) / typical("bare", paint)
        yield Row(f"{speed}: first paint, {how} / bare page", ratio, None if name == "linked" or not slow else 1.05)
        if name != "script":
            late = sum(load["layer"] > load[paint] for load in loads[name])
            yield Row(f"{speed}: of {LOADS} loads, layer not there at first paint, {how}", late, 0)
        yield Row(f"{speed}: layout shift, {how}, sum of {LOADS} loads", sum(load["shift"] for load in loads[name]), 0)
        more = typical(name, "long") - typical("bare", "long")
        yield Row(f"{speed}: tasks over 50 ms a load, {how}, above the bare page's", more, None if slow else 0)
    ratio = typical("script", "layer") / typical("inert", "layer")
    yield Row(f"{speed}: layer drawn by the script / one element drawn by an inert script of equal size", ratio, 1.05)


def _serving(app: Flask, widget: Callable[[], str]) -> Flask:
    app.add_url_rule("/", "home", lambda: page(widget(), NONCE))

    @app.after_request
    def compressed(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.set_data(brotli.compress(response.get_data(), quality=5))
            response.content_encoding = "br"
        return response

    return app


def _inert() -> Flask:
    """A page with an inert script as long as ours, which shows one element."""
    source = site().extensions["consent_widget"].assets.scripts["en"].first.content.decode()
    body = brotli.compress(f"if (0) {{{source}}}{FLOOR}".encode())
    app = site(widget=False)
    headers = {"Content-Encoding": "br"}
    app.add_url_rule("/inert.js", "inert", lambda: Response(body, mimetype="text/javascript", headers=headers))
    return _serving(app, lambda: Markup('<script src="/inert.js" defer></script>'))


def _load(browser: Browser, url: str, slow: bool) -> dict[str, float]:
    context = browser.new_context(locale="en")
    context.add_init_script(WATCH)
    tab = context.new_page()
    devtools = context.new_cdp_session(tab)
    if slow:
        slow_down(devtools)
    tab.goto(url)
    tab.wait_for_timeout(600)
    seen: dict[str, float] = tab.evaluate("globalThis.seen")
    context.close()
    return seen
