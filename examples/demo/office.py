"""The officer's page with a year of made-up choices, at a host name of its own: nothing is there of what the visitor of
the demo does.
"""

from __future__ import annotations

import secrets
from threading import Lock
from typing import Any

from flask import Flask, redirect
from werkzeug.wrappers import Response

from consent_widget import ConsentWidget
from consent_widget.proof.key import PrivateKey

from ..seed import seed
from .addresses import Addresses
from .notice import CONTROLLER, shop_notice
from .shop import THEME
from .versions import first_store, scratch
from .words import locale

#: How many choices are made up. They take a second, so nobody who does not look waits for them.
RECORDS = 20_000


def create_office(at: Addresses, **config: Any) -> Flask:
    """The office. Everybody is its officer: there is nothing of anybody. `config` overrides any setting."""
    app = Flask(__name__)
    notice = shop_notice(at.vendors)
    app.config.update(
        CONSENT_NOTICE=notice,
        CONSENT_CONTROLLER=CONTROLLER,
        CONSENT_KEYS=[secrets.token_urlsafe(32)],
        CONSENT_LOCALE=locale,
        CONSENT_THEME=THEME,
        CONSENT_OFFICER=lambda: "demo",
        CONSENT_LOG_KEY=PrivateKey.make(f"{at.office.partition('://')[2]}/consent/log").text,
        CONSENT_LOG_MINUTES=1,
    )
    app.config.update(config)
    store = app.config["CONSENT_STORE"] = first_store(app.config.pop("CONSENT_DATABASE", None) or scratch(), notice)
    ConsentWidget(app)
    app.add_url_rule("/favicon.ico", view_func=lambda: app.send_static_file("mark.svg"))
    lock = Lock()

    @app.before_request
    def fill() -> None:
        with lock:
            if store.size() == 0:
                seed(store, app.extensions["consent_widget"].notice, RECORDS, 400)

    @app.get("/")
    def office() -> Response:
        return redirect("/consent/officer")

    return app
