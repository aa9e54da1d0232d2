"""What it costs to look through a page of 100 kB for vendors, beside the same app without that; and the guard."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator

from flask import Flask, render_template
from jinja2 import DictLoader
from markupsafe import Markup
from werkzeug.test import EnvironBuilder, run_wsgi_app

from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.resources import PACKAGE
from consent_widget.script.bundle import built_files
from consent_widget.script.guard import make_guard

from .browser import chromium
from .cost import in_turns
from .row import Row
from .sites import CONTROLLER, site

ROUNDS, CALLS = 60, 5
SERVICES = [
    {"use": "ga4", "id": "G-ABC123DEF4", "purposes": ["analytics"], "load": False},
    {"use": "gtm", "id": "GTM-ABC1234", "purposes": ["marketing"], "load": False},
    {"use": "meta_pixel", "id": "1234567890123456", "purposes": ["marketing"], "load": False},
    {"use": "youtube", "purposes": ["marketing"]},
    {"use": "vimeo", "purposes": ["marketing"]},
    {"use": "baidu_tongji", "id": "0123456789abcdef0123456789abcdef", "purposes": ["analytics"], "load": False},
]
#: Ten tags, as their vendors hand them out.
TAGS = Markup("""
<link rel="preconnect" href="https://www.googletagmanager.com">
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4"></script>
<script>window.dataLayer = window.dataLayer || [];
function gtag(){dataLayer.push(arguments)} gtag("js", new Date());</script>
<script>(function(w,d,s,l,i){w[l]=w[l]||[];var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.async=true;
j.src='https://www.googletagmanager.com/gtm.js?id='+i;f.parentNode.insertBefore(j,f)
})(window,document,'script','dataLayer','GTM-ABC1234')</script>
<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-ABC1234" height="0"></iframe></noscript>
<script>var t=document.createElement("script");t.src="https://connect.facebook.net/en_US/fbevents.js";
document.head.append(t)</script>
<noscript><img height="1" width="1" src="https://www.facebook.com/tr?id=1&amp;ev=PageView&amp;noscript=1"></noscript>
<script>var h=document.createElement("script");h.src="https://hm.baidu.com/hm.js?0123456789abcdef0123456789abcdef";
document.head.append(h)</script>
<iframe width="560" height="315" src="https://www.youtube.com/embed/abc" title="A film" allowfullscreen></iframe>
<iframe src="https://player.vimeo.com/video/1" width="640" height="360" title="Another"></iframe>
""")
#: A shop's page with all its goods: links made by Flask, pictures, prices, and a form for each.
TEMPLATES = {
    "base.html": """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title><link rel="canonical" href="https://www.shop.example.com{{ url_for('home') }}">
<link rel="stylesheet" href="{{ url_for('static', filename='shop.css') }}"></head><body>{{ consent_widget() }}
<nav>{% for page in range(8) %}<a href="{{ url_for('home', page=page) }}">Page {{ page }}</a>{% endfor %}</nav>
{% block content %}{% endblock %}{{ tags }}</body></html>""",
    "card.html": """{% macro card(each) %}<article class="card card--{{ each.kind }}">
<h2 class="card__title"><a href="{{ url_for('item', number=each.number) }}">{{ each.title }}</a></h2>
<a class="card__picture" href="{{ url_for('item', number=each.number) }}">
<img src="{{ url_for('static', filename=each.picture) }}" alt="{{ each.title }}" width="200" loading="lazy"></a>
<p>{{ each.text }}</p><p class="card__price">{{ "%.2f"|format(each.price) }} EUR</p>
<form method="post" action="{{ url_for('basket') }}"><input type="hidden" name="number" value="{{ each.number }}">
<button class="card__buy">Into the basket</button></form></article>{% endmacro %}""",
    "home.html": """{% extends "base.html" %}{% from "card.html" import card with context %}
{% block content %}<h1>{{ title }}</h1>{% for each in goods %}{{ card(each) }}{% endfor %}{% endblock %}""",
}
TEXT = "Picked in spring, dried in the shade. " * 2
GOODS = [
    {"number": n, "title": f"Tea {n} & cup", "picture": f"img/{n}.jpg", "text": TEXT, "price": n * 1.1, "kind": "green"}
    for n in range(180)
]
#: How long a call takes, in microseconds, of 200,000 in a row.
TIMED = """() => {
  const time = () => {
    const begin = performance.now();
    for (let n = 0; n < 2e5; n++) fetch("https://api.shop.example/goods/" + n);
    return (performance.now() - begin) / 200;
  };
  time();
  return Math.min(time(), time(), time());
}"""


def measure() -> Iterator[Row]:
    """Pages by turns; then `fetch`, in a page whose own one does nothing."""
    notice = _notice()
    calls = {
        f"{kind}{' gated' * gated}": _call(_serving(notice, tags, gated))
        for kind, tags in (("plain", Markup()), ("ten", TAGS))
        for gated in (False, True)
    }
    cost = in_turns(calls, ROUNDS, CALLS)
    yield Row("CPU a page of 100 kB without vendors: gated / not", cost["plain gated"] / cost["plain"], 1.02)
    yield Row("CPU a page of 100 kB with ten tags: gated / not", cost["ten gated"] / cost["ten"], 1.05)
    with chromium() as browser:
        page = browser.new_page()
        page.goto("data:text/html,<title>A page</title>")
        page.evaluate("globalThis.fetch = () => {}")
        bare = page.evaluate(TIMED)
        page.evaluate(make_guard(built_files(), notice).content.decode())
        yield Row("guard: microseconds a request where nothing is held back", page.evaluate(TIMED) - bare, 1.0)


def _notice() -> Notice:
    table = tomllib.loads((PACKAGE / "notice" / "minimal.toml").read_text("utf-8"))
    return notice_from(table | {"services": SERVICES}, CONTROLLER)


def _serving(notice: Notice, tags: Markup, gated: bool) -> Flask:
    app = site(notice=notice, CONSENT_GATE_HTML=gated)  # type: ignore[arg-type]
    app.jinja_loader = DictLoader(TEMPLATES)  # type: ignore[assignment]
    app.add_url_rule("/item/<int:number>", "item", lambda number: "")
    app.add_url_rule("/basket", "basket", lambda: "", methods=["POST"])

    @app.get("/")
    def home() -> str:
        return render_template("home.html", title="All our tea", goods=GOODS, tags=tags)

    return app


def _call(app: Flask) -> Callable[[], object]:
    environ = EnvironBuilder("/").get_environ()
    return lambda: run_wsgi_app(app, environ.copy(), buffered=True)
