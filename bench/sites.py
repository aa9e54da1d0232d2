"""The sites that are measured: as plain as possible, with and without the widget."""

from __future__ import annotations

import atexit
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask, render_template_string

from consent_widget import ConsentWidget
from consent_widget.choice.act import new_key
from consent_widget.choice.submission import answers_from_form

HERE = {"Sec-Fetch-Site": "same-origin"}
NONCE = "bm9uY2UtZm9yLWEtcGFnZQ"
CONTROLLER = {
    "name": {"zh-CN": "示例有限公司", "en": "Example Ltd"},
    "address": {"zh-CN": "上海市示例路 1 号", "en": "1 Example Road, Shanghai"},
    "email": "privacy@example.com",
    "phone": "+86 21 0000 0000",
    "officer": {"zh-CN": "王女士", "en": "Ms Wang"},
    "storage_location": {"zh-CN": "中国上海", "en": "Shanghai, China"},
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title>
<link rel="icon" href="data:,">
<style nonce="{{ nonce }}">body { max-width: 40em; margin: 2em auto; font: 1em/1.5 sans-serif }</style></head>
<body>{{ widget }}<h1>A page</h1>
{% for n in range(12) %}<h2>Part {{ n }}</h2><p>{{ lipsum(n=1, html=False, min=40, max=60) }}</p>{% endfor %}
</body></html>"""


def site(widget: bool = True, notice: str | dict[str, Any] = "minimal", **config: Any) -> Flask:
    """A site with the widget, or the same site without it."""
    app = Flask("bench")
    if widget:
        app.config.update(
            CONSENT_NOTICE=notice,
            CONSENT_CONTROLLER=CONTROLLER,
            CONSENT_KEYS=["a-key-for-the-benchmarks-0123456789"],
            CONSENT_DATABASE=f"sqlite:///{Path(_scratch()) / 'consent.sqlite'}",
            CONSENT_RATE_LIMIT=0,
        )
        app.config.update(config)
        ConsentWidget(app)
    return app


def _scratch() -> str:
    """A directory that is deleted when the benchmarks end."""
    folder = TemporaryDirectory(prefix="bench-")
    atexit.register(folder.cleanup)
    return folder.name


def choice_body(app: Flask, action: str = "accept_all", locale: str = "en") -> dict[str, Any]:
    """What a browser sends for a choice."""
    notice = app.extensions["consent_widget"].notice
    return {
        "key": new_key(),
        "notice": notice.digest,
        "locale": locale,
        "action": action,
        "surface": "layer",
        "purposes": answers_from_form(notice, action, (), ()),
    }


def page(widget: str = "", nonce: str | None = None) -> str:
    """A page of about a thousand words. Needs an app context."""
    import random

    random.seed(0)  # the same words each time
    return render_template_string(PAGE, widget=widget, nonce=nonce)
