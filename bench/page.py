"""CPU of a page view, in this process, side by side: the same page without and with the widget; only ratios count."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Flask, render_template
from jinja2 import DictLoader
from werkzeug.test import EnvironBuilder, run_wsgi_app

from .cost import OTHERS, in_turns
from .row import Row
from .sites import HERE, choice_body, site

ROUNDS, CALLS = 200, 50
#: As a small site has them: a base template with a menu, and a page of a few entries.
TEMPLATES = {
    "base.html": """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body>{{ widget() }}
<nav><a href="{{ url_for('home') }}">Home</a> <a href="{{ url_for('home', page=2) }}">Older</a></nav>
{% block content %}{% endblock %}</body></html>""",
    "home.html": """{% extends "base.html" %}{% block title %}{{ title }}{% endblock %}
{% block content %}<h1>{{ title }}</h1>
{% for entry in entries %}<article><h2>{{ entry.title }}</h2><p>{{ entry.body }}</p></article>{% endfor %}
{% endblock %}""",
}
ENTRIES = [{"title": f"Entry {n}", "body": "Cats & dogs, " * 20} for n in range(5)]
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language": "en-GB,en;q=0.9,zh-CN;q=0.8",
    "Sec-Fetch-Dest": "document",
}


def measure() -> Iterator[Row]:
    """A page for a new visitor, and for one who has chosen, compared with the same page without the widget."""
    widget = _serving(site())
    client = widget.test_client()
    client.post("/consent/records", json=choice_body(widget), headers=HERE)
    chosen = f"{OTHERS}; cw={client.get_cookie('cw').value}"  # type: ignore[union-attr]
    calls = {
        "bare": _call(_serving(site(widget=False)), OTHERS),
        "layer": _call(widget, OTHERS),
        "choice": _call(widget, chosen),
    }
    cost = in_turns(calls, ROUNDS, CALLS)
    yield Row("CPU a page: with the first layer / without the widget", cost["layer"] / cost["bare"], 1.6)
    yield Row("CPU a page: after a choice / without the widget", cost["choice"] / cost["bare"], 1.5)


def _serving(app: Flask) -> Flask:
    app.jinja_loader = DictLoader(TEMPLATES)  # type: ignore[assignment]
    app.jinja_env.globals["widget"] = app.jinja_env.globals.get("consent_widget", str)

    @app.get("/")
    def home() -> str:
        return render_template("home.html", title="A page", entries=ENTRIES)

    return app


def _call(app: Flask, cookies: str) -> Callable[[], object]:
    environ = EnvironBuilder("/", headers={**BROWSER, "Cookie": cookies}).get_environ()
    environ["REMOTE_ADDR"] = "203.0.113.7"
    return lambda: run_wsgi_app(app, environ.copy(), buffered=True)
