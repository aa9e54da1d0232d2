"""The shop as a Flask app: how a site uses the package."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, g, render_template, request

from consent_widget import ConsentWidget, consent
from consent_widget.proof.key import PrivateKey
from consent_widget.web.http import BRIEFLY

from .addresses import Addresses
from .checkout import checkout
from .child import GuardianMail, age_setting, child
from .club import club
from .counts import Counts
from .elsewhere import leave_setting, outside
from .friend import friend
from .goods import read_basket
from .inside import inside
from .links import to
from .member import known, member, signed_in
from .notice import CONTROLLER, shop_notice
from .pages import pages
from .profiles import Profiles
from .versions import first_store, scratch
from .words import locale, words

#: As in static/shop.css.
THEME = {
    "ink": "#22261f", "paper": "#fffdf9", "muted": "#5c5f55", "accent": "#315345", "on_accent": "#fff",
    "dark": {"ink": "#eeeae1", "paper": "#20251f", "muted": "#b1b1a5", "accent": "#a9cbb6", "on_accent": "#12201a"},
}  # fmt: skip


def create_app(vendor_url: str, counts: Counts, at: Addresses | None = None, **config: Any) -> Flask:
    """The shop, with the vendors at `vendor_url`. The demo's other sites, whose addresses are in `at`, may use its
    widget. `config` overrides any setting.
    """
    app = Flask(__name__)
    mail = GuardianMail(app)
    app.config.update(
        SECRET_KEY=secrets.token_urlsafe(32),
        CONSENT_NOTICE=shop_notice(vendor_url),
        CONSENT_CONTROLLER=CONTROLLER,
        CONSENT_KEYS=[secrets.token_urlsafe(32)],
        CONSENT_LOCALE=locale,
        CONSENT_ORIGINS=[at.journal, at.brew] if at else [],
        CONSENT_LEAVE=leave_setting(vendor_url),
        CONSENT_AGE=age_setting(mail, at),
        CONSENT_THEME=THEME,
        CONSENT_ACCOUNT=signed_in,
        CONSENT_COLLECTED=known,
        CONSENT_CLOSE_ACCOUNT={"url": "/account"},
    )
    if at:  # its name is the address where it is; a real site keeps the key that `flask consent log-key` makes
        key = PrivateKey.make(f"{at.shop.partition('://')[2]}/consent/log")
        app.config.update(CONSENT_LOG_KEY=key.text, CONSENT_LOG_MINUTES=1)
    app.config.update(config)
    database = app.config.pop("CONSENT_DATABASE", None) or scratch()
    app.config["CONSENT_STORE"] = first_store(database, app.config["CONSENT_NOTICE"])
    app.extensions["counts"] = counts
    ConsentWidget(app)
    app.extensions["profiles"] = Profiles(app)
    for blueprint in (pages, checkout, club, child, friend, inside, member):
        app.register_blueprint(blueprint)
    app.add_url_rule("/favicon.ico", view_func=lambda: app.send_static_file("mark.svg"))
    protect(app, vendor_url)

    @app.context_processor
    def for_templates() -> dict[str, object]:
        addresses = {"vendor": vendor_url, "at": at, "outside": outside(vendor_url)}
        basket, texts = read_basket(request.args), words(locale(), consent.band == "child")
        minor = consent.band in ("child", "teen")
        return {
            "minor": minor,
            "t": texts,
            "lang": locale(),
            "to": to,
            "basket": basket,
            "guardian_mail": mail,
            "member": signed_in(),
            **addresses,
        }

    @app.errorhandler(404)
    def missing(error: Exception) -> tuple[str, int]:
        return render_template("missing.html"), 404

    return app


def protect(app: Flask, vendor: str) -> None:
    """A Content-Security-Policy as strict as possible: the package has to work with it."""

    @app.context_processor
    def nonce() -> dict[str, str]:
        g.nonce = g.get("nonce") or secrets.token_urlsafe(16)
        return {"csp_nonce": g.nonce}

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if response.headers.get("Cache-Control") == BRIEFLY:
            response.headers["Cache-Control"] = "no-cache"  # a notice published from the drawer shows at once
        if response.mimetype != "text/html" or "Content-Security-Policy" in response.headers:
            return response  # the package's pages have a policy of their own
        response.vary.add("Accept-Language")
        mine = f"'nonce-{g.get('nonce') or secrets.token_urlsafe(16)}'"
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src {mine} 'strict-dynamic'; style-src 'self' {mine}; "
            f"img-src 'self' data: {vendor}; connect-src 'self' {vendor}; frame-src {vendor}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        )
        return response
