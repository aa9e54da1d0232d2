"""The tea fair: a small site with ten vendors of the catalogue, each of which this computer plays."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from consent_widget import ConsentWidget
from consent_widget.notice import file
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Service
from consent_widget.vendors.catalogue import read_vendor

from .addresses import Addresses
from .counts import Counts
from .notice import CONTROLLER
from .shop import THEME, protect
from .versions import scratch
from .words import locale, words

#: What Google's tags are told, in the order of Google's documents.
MODES = (
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage",
    "personalization_storage", "security_storage",
)  # fmt: skip


def create_fair(at: Addresses, counts: Counts, **config: Any) -> Flask:
    """The fair, with its vendors at `at.vendors`. `config` overrides any setting."""
    app = Flask(__name__)
    notice = fair_notice(at.vendors)
    app.config.update(
        CONSENT_NOTICE=notice,
        CONSENT_KEYS=[secrets.token_urlsafe(32)],
        CONSENT_LOCALE=locale,
        CONSENT_DATABASE=scratch() if "CONSENT_DATABASE" not in config else "",
        CONSENT_THEME=THEME,
    )
    app.config.update(config)
    ConsentWidget(app)
    protect(app, at.vendors)
    shown = [_shown(service) for service in notice.services]

    @app.get("/")
    def fair() -> str:
        texts = words(locale())
        return render_template(
            "fair.html",
            t=texts,
            say=texts["fair"],
            lang=locale(),
            at=at,
            modes=MODES,
            services=shown,
            counts=received(),
        )

    @app.get("/fair.json")
    def seen() -> Response:
        response = jsonify(counts=received())
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.post("/reset")
    def reset() -> AnyResponse:
        counts.reset()
        return redirect(url_for("fair"), 303)

    def received() -> dict[str, int]:
        return counts.read([service.id for service in notice.services])

    app.add_url_rule("/favicon.ico", view_func=lambda: app.send_static_file("mark.svg"))
    return app


def fair_notice(vendor_url: str) -> Notice:
    """The shipped notice with the services of fair.toml, played at `vendor_url`."""
    services = tomllib.loads(Path(__file__).with_name("fair.toml").read_text("utf-8"))
    minimal = (Path(file.__file__).parent / "minimal.toml").read_text("utf-8")
    notice = file.notice_from(tomllib.loads(minimal) | services, CONTROLLER)
    return replace(notice, services=tuple(_played(service, vendor_url) for service in notice.services))


def _played(service: Service, vendor_url: str) -> Service:
    """The same service, from this computer: nothing of the demo may reach the vendor itself."""
    assert service.use
    use = replace(service.use, script=f"{vendor_url}/as/{service.id}.js")
    return replace(service, use=use, hosts=(urlsplit(vendor_url).netloc,))


def _shown(service: Service) -> dict[str, Any]:
    """What the page needs to follow a vendor: its name, what it stores on the site, and where its calls are kept."""
    vendor = read_vendor(service.id)
    queue = vendor.tag.queue if vendor.tag else None
    inner = queue.at if queue else None
    kept = (
        ""
        if queue is None
        else inner
        if queue.at_global and inner
        else f"{queue.name}.{inner}"
        if inner
        else queue.name
    )
    return {
        "id": service.id,
        "name": service.name,
        "kind": vendor.kind,
        "keys": [cookie.name for cookie in service.cookies if not cookie.host] + list(service.storage),
        "kept": kept,
        "tells": any(str(call.call[0]).startswith("consent") for call in vendor.calls),
    }
