"""From a press to what it leads to, and a returning visitor's script: by tag and embedded, compared with a floor."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from random import choices, seed, shuffle
from statistics import median, quantiles
from time import sleep

import brotli
from flask import Flask, Response, render_template_string
from markupsafe import Markup
from playwright.sync_api import Browser, CDPSession

from .browser import chromium, served
from .paint import PHONE, slow_down
from .row import Row
from .sites import NONCE, site
from .slow import LINES, PAUSE, QUIET, floor_script

LOADS = 12
#: From the press to the first frame that shows the dialog, and to the gated script.
WATCH = """
const seen = globalThis.seen = {};
addEventListener("click", ({ timeStamp }) => seen.press = timeStamp, true);
const look = () => {
  const root = document.querySelector("consent-widget, consent-floor")?.shadowRoot;
  if (seen.press && !seen.dialog && root?.querySelector("dialog[open] input")) {
    requestAnimationFrame(() => seen.dialog = performance.now() - seen.press);
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title>
<link rel="icon" href="data:,">{{ tag }}</head>
<body>{{ widget }}<h1>A page</h1>{{ lines }}
<script type="text/plain" data-consent="analytics" data-floor="analytics" data-src="{{ vendor }}"></script>
</body></html>"""
GRANTED = f"nonce='{NONCE}' data-consent"
CALL = f"consent_widget(nonce='{NONCE}', inline_style=True)"
EMBEDDED = PAGE.replace("widget", CALL).replace("data-consent", GRANTED)


def measure() -> Iterator[Row]:
    """The kinds of page take turns in random order, each with visitors of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        urls = _sites(stack)
        browser = stack.enter_context(chromium())
        for slow in (False, True):
            loads: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
            turns = list(urls)
            for _ in range(LOADS):
                shuffle(turns)
                for name in turns:
                    loads[name].append(_visit(browser, urls[name], slow))
            yield from _rows(loads, slow)


def _rows(loads: dict[str, list[dict[str, float]]], slow: bool) -> Iterator[Row]:
    speed = "Slow 4G" if slow else "full speed"
    for name in ("tag", "embedded"):
        ratio, spread = _compared(loads, name, "ran")
        yield Row(f"{speed}, {name}: accept → tag runs / floor, {spread}", ratio)
        if slow:
            trips = (_typical(loads, name, "ran") - _typical(loads, "floor", "ran")) / PHONE["latency"]
            yield Row(f"{speed}, {name}: accept → tag runs, above the floor, in round trips", trips, 1.3)
        ratio, spread = _compared(loads, name, "dialog")
        yield Row(f"{speed}, {name}: press → preferences shown / floor, {spread}", ratio, 1.3)
        for each in loads.values():
            for load in each:
                load.setdefault("more", load["script"] - _typical(loads, "bare", "script"))
        ratio, spread = _compared(loads, name, "more")
        yield Row(f"{speed}, {name}: script of a returning visitor, above a bare page's, / floor, {spread}", ratio, 1.3)


def _typical(loads: dict[str, list[dict[str, float]]], name: str, what: str) -> float:
    return median(load[what] for load in loads[name] if what in load)


def _compared(loads: dict[str, list[dict[str, float]]], name: str, what: str) -> tuple[float, str]:
    """The ratio of medians, and where it lies in 95 of 100 resamplings of the loads."""
    seed(0)
    ours, floor = ([load[what] for load in loads[each]] for each in (name, "floor"))
    resampled = [median(choices(ours, k=len(ours))) / median(choices(floor, k=len(floor))) for _ in range(2000)]
    cuts = quantiles(resampled, n=40)
    return median(ours) / median(floor), f"{cuts[0]:.2f} to {cuts[-1]:.2f}"


def _sites(stack: ExitStack) -> dict[str, str]:
    """The addresses of four pages with the same gated script, of a vendor of its own origin."""
    vendor, static = Flask("vendor"), Flask("static")
    ran = "seen.ran = performance.now() - seen.press"
    vendor.add_url_rule("/tag.js", "tag", lambda: Response(ran, mimetype="text/javascript"))
    vendor_url = stack.enter_context(served(vendor)).replace("127.0.0.1", "vendor.localhost") + "tag.js"
    home = stack.enter_context(served(static)).rstrip("/")
    service = site(CONSENT_ORIGINS=[home])
    service_url = stack.enter_context(served(service)).replace("127.0.0.1", "localhost")
    embedding = site()
    static.add_url_rule("/floor.js", "floor-script", floor_script)
    static.add_url_rule("/floor", "floor-record", lambda: ("", 204), methods=["POST"])
    pages = {"bare": "", "floor": "/floor.js", "tag": f"{service_url}consent/widget.js"}
    for name, script in pages.items():
        tag = f'<script async src="{script}"></script>' if script else ""
        static.add_url_rule(f"/{name}.html", name, lambda tag=tag: _page(vendor_url, tag=tag))
    embedding.add_url_rule("/", "home", lambda: _page(vendor_url, EMBEDDED))
    return {name: f"{home}/{name}.html" for name in pages} | {"embedded": stack.enter_context(served(embedding))}


def _page(vendor: str, template: str = PAGE, tag: str = "") -> Response:
    html = render_template_string(template, vendor=vendor, tag=Markup(tag), lines=Markup(LINES))
    return Response(brotli.compress(html.encode(), quality=5), mimetype="text/html", headers={"Content-Encoding": "br"})


def _visit(browser: Browser, url: str, slow: bool) -> dict[str, float]:
    """Opens the preferences, accepts, and comes back."""
    context = browser.new_context(locale="en", viewport={"width": 1000, "height": 800})
    context.add_init_script(WATCH)
    tab = context.new_page()
    devtools = context.new_cdp_session(tab)
    if slow:
        slow_down(devtools)
    tab.goto(url)
    tab.wait_for_timeout(QUIET)
    seen: dict[str, float] = {}
    if not url.endswith("bare.html"):
        layer = tab.locator(".cw-layer, #layer")
        layer.get_by_text("Choose one by one", exact=True).click()
        tab.wait_for_function("seen.dialog")
        tab.keyboard.press("Escape")
        tab.wait_for_timeout(QUIET / 2)
        layer.get_by_text("Accept all", exact=True).click()
        tab.wait_for_function("seen.ran")
        seen = tab.evaluate("({ ...seen })")
        tab.wait_for_timeout(QUIET / 2)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _script_seconds(devtools)
    tab.goto(url)
    tab.wait_for_timeout(QUIET)
    seen["script"] = _script_seconds(devtools) - before
    context.close()
    sleep(PAUSE)
    return seen


def _script_seconds(devtools: CDPSession) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "ScriptDuration")
