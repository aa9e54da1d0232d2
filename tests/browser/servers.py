"""A small host site as its owner would write it, and the vendors on another origin, each in a thread of this process."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from random import random
from socket import SHUT_RDWR
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, Response, g, render_template_string, request
from flask_babel import Babel, format_date
from markupsafe import Markup
from werkzeug.serving import make_server

from consent_widget import (
    Choice,
    ConsentWidget,
    Cookie,
    Recipient,
    Service,
    SQLStore,
    StoreError,
    consent,
    read_notice,
    requires_consent,
)
from consent_widget.notice.model import Notice
from consent_widget.text import Text

from ..conftest import CONTROLLER, KEY, LATE
from ..support.parties import ACME_ABROAD
from ..support.serving import serving

PAGE = """<!doctype html>
<html lang="{{ request.accept_languages.best_match(['en', 'zh-CN'], 'en') }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Host</title>{{ head }}</head>
<body>
{{ consent_widget(nonce=nonce, inline_style=inline_style) }}
<header><nav aria-label="Pages"><a id="next" href="/two">Two</a></nav></header>
<main><h1>{{ request.path }}</h1>{{ body }}
{% for n in range(30) %}<p>Paragraph {{ n }} of a page that is longer than the screen.</p>{% endfor %}
<p><a id="last" href="/three">Three</a></p></main>
</body>
</html>"""


class HostStore(SQLStore):
    """The real store, which a test can make unavailable (`away`)."""

    away = False

    def add(self, choice: Choice) -> Choice:
        if self.away:
            raise StoreError("away")
        return super().add(choice)

    def forget(self) -> None:
        self.away = False
        with self._engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM consent_records"))


class Site:
    """The host site: its pages, and the choices in its store."""

    def __init__(self, store: HostStore, vendors: Vendors, **config: Any) -> None:
        self.store, self.vendors, self.url = store, vendors, ""
        self.babel, self.strict = config.pop("babel", False), config.pop("strict", "")
        self.reset_page()
        self.asked: list[str] = []
        app = self.app = Flask("host")
        app.before_request(lambda: self.asked.append(request.path))
        app.config.update(CONSENT_KEYS=[KEY], CONSENT_STORE=store, CONSENT_RATE_LIMIT=0)
        app.config.update({"CONSENT_NOTICE": shop()} | config)
        if self.babel:
            Babel(app, locale_selector=lambda: "fr")
        ConsentWidget(app)
        for path in ("/", "/two", "/three", "/deep/shop/item"):
            app.add_url_rule(path, path, self._page)
        if any(purpose.id == "identity_verification" for purpose in app.extensions["consent_widget"].notice.purposes):
            app.add_url_rule("/guarded", "guarded", requires_consent("data_analytics")(lambda: "let in"))
            checked = requires_consent("identity_verification", "checker")(lambda: "checked")
            app.add_url_rule("/checked", "checked", checked)
        app.add_url_rule("/granted", "granted", self._granted)
        app.add_url_rule("/date", "date", lambda: format_date(format="full") if self.babel else "")
        app.add_url_rule("/plant", "plant", _plant)
        app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
        app.add_url_rule("/own.js", "own", lambda: Response(tag("own"), mimetype="text/javascript"))
        app.after_request(self._protect)
        answer = app.wsgi_app
        app.wsgi_app = lambda environ, start: (_hang_up if self.unreachable else answer)(environ, start)  # type: ignore[method-assign]

    def _page(self) -> str:
        g.nonce = secrets.token_urlsafe(12) if self.strict else None
        body, head = (Markup(part.replace("NONCE", g.nonce or "")) for part in (self.body, self.head))
        nonce, inline = g.nonce if self.strict != "self" else None, self.strict == "nonce"
        return render_template_string(self.page, nonce=nonce, inline_style=inline, body=body, head=head)

    def _granted(self) -> dict[str, bool]:
        return {purpose.id: consent.granted(purpose.id) for purpose in shop().purposes if purpose.consent != "separate"}

    def _protect(self, response: Response) -> Response:
        response.headers.extend(self.headers)
        if "Retry-After" in response.headers:
            response.headers["Retry-After"] = "1"  # the suite waits for it too
        if self.strict and "nonce" in g:
            style = "'self'" if self.strict == "self" else f"'nonce-{g.nonce}'"
            response.headers["Content-Security-Policy"] = (
                f"default-src 'none'; script-src 'nonce-{g.nonce}' 'strict-dynamic'; style-src {style}; img-src 'self' data:; "
                f"connect-src 'self'; frame-src {self.vendors.url}; form-action 'self'; base-uri 'none'; "
                "require-trusted-types-for 'script'"
            )
            if self.strict == "self":  # a script tag without a nonce of its own, in a page that knows none
                response.headers["Content-Security-Policy"] = response.headers["Content-Security-Policy"].replace(
                    "'strict-dynamic'", "'self'"
                )
        return response

    def records(self) -> list[Choice]:
        """All recorded choices, oldest first."""
        return list(self.store.export())

    def reset(self) -> None:
        """Empty the store and restore the page, for the next test."""
        self.store.forget()
        self.reset_page()

    def reset_page(self) -> None:
        self.page, self.body, self.head = PAGE, "", ""
        self.headers: dict[str, str] = {}
        self.unreachable = False


def _hang_up(environ: dict[str, Any], start: object) -> Any:
    """Close the connection without an answer."""
    environ["werkzeug.socket"].shutdown(SHUT_RDWR)
    raise ConnectionResetError


def _plant() -> Response:
    response = Response("planted")
    response.set_cookie("tally_s_server", "1", httponly=True)
    response.set_cookie("basket", "1")
    return response


class Static:
    """A static site on another origin: every address serves the same page."""

    def __init__(self) -> None:
        self.url = self.page = ""
        self.headers: dict[str, str] = {}
        app = self.app = Flask(__name__)
        app.add_url_rule("/", "page", lambda: (self.page, self.headers))
        app.add_url_rule("/<name>", "other", lambda name: (self.page, self.headers))
        app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))


class Place:
    """A page with the widget: of the site itself, or of a static site with the script tag."""

    def __init__(self, site: Site, static: Static | None) -> None:
        self.site, self.vendors = site, site.vendors
        self._host = static or site
        self.tag = f'<script async src="{site.url}/consent/widget.js"></script>' if static else "{{ consent_widget() }}"
        self._host.headers = {}

    def serve(self, document: str, headers: dict[str, str] | None = None) -> str:
        """Serve `document` from now on, and return its address. WIDGET in it becomes the widget, VENDORS the vendors' origin."""
        self._host.page = document.replace("WIDGET", self.tag).replace("VENDORS", self.vendors.url)
        self._host.headers = headers or {}
        return self._host.url + "/"


class Vendors:
    """The vendors' origin: scripts, frames, and a list of the names that were requested (`asked`)."""

    def __init__(self) -> None:
        self.url, self._turn = "", 0
        self.asked: list[str] = []
        app = self.app = Flask("vendors")
        app.add_url_rule("/<name>.js", "script", self._script)
        app.add_url_rule("/<name>.html", "frame", self._frame)
        app.add_url_rule("/<name>", "picture", self._picture)
        app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))

    def next_test(self) -> None:
        """Give each test a host name of its own, so that late requests of the previous test's pages are not counted."""
        self._turn += 1
        self.url = f"http://test{self._turn}.localhost:{urlsplit(self.url).port}"
        self.asked.clear()

    def _hear(self, name: str) -> None:
        if request.host == urlsplit(self.url).netloc:
            self.asked.append(name)
        sleep(float(request.args.get("after", 0)))

    def _script(self, name: str) -> Response:
        self._hear(name)
        response = Response(tag(name), mimetype="text/javascript")
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _frame(self, name: str) -> str:
        self._hear(name)
        return f"<!doctype html><html lang=en><title>{name}</title><p>{name} plays."

    def _picture(self, name: str) -> Response:
        self._hear(name)
        return Response('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', mimetype="image/svg+xml")


def tag(name: str) -> str:
    """A vendor's script: adds its name to `ran`, and leaves cookies and stored items behind."""
    return (
        f"(window.ran ||= []).push('{name}');"
        "document.cookie = 'tally_id=1; path=/'; document.cookie = 'tally_s_page=1; path=/';"
        "localStorage.tally = 1; sessionStorage.tally = 1;"
    )


@cache
def shop() -> Notice:
    """The shop's notice, with the vendors and recipients of these tests."""
    return replace(
        read_notice("shop", CONTROLLER),
        services=(
            Service(
                id="tally",
                name=Text({"zh-CN": "塔利统计", "en": "Tally"}),
                company="Tally B.V.",
                country="CN",
                purposes=("data_analytics",),
                cookies=(
                    Cookie(name="tally_id", duration=Text({"zh-CN": "90 天", "en": "90 days"})),
                    Cookie(name="tally_s_*"),
                ),
                storage=("tally",),
            ),
            Service(
                id="reel",
                name=Text({"zh-CN": "瑞尔视频", "en": "Reel"}),
                company="Reel GmbH",
                country="CN",
                purposes=("targeted_advertising",),
            ),
            Service(
                id="acme_pixel",
                name=Text({"zh-CN": "艾克米像素", "en": "Acme Pixel"}),
                company="Acme Inc.",
                country="US",
                purposes=("partner_sharing",),
                recipient="acme",
            ),
        ),
        recipients=(
            ACME_ABROAD,
            Recipient(
                id="checker",
                name=Text({"zh-CN": "核验通", "en": "Checker"}),
                recipient_class="service_providers",
                company="Checker Ltd",
                contact="privacy@checker.example",
                country="CN",
                means=Text({"zh-CN": "加密接口", "en": "Encrypted interface"}),
                data=("identity_documents",),
                purposes=("identity_verification",),
            ),
        ),
    )


def late(app: Callable[..., Any]) -> Callable[..., Any]:
    def answer(environ: dict[str, Any], start: Any) -> Any:
        sleep(LATE * random())
        return app(environ, start)

    return answer


@contextmanager
def live(app: Callable[..., Any], host: str) -> Iterator[str]:
    """`app` on a free port, for as long as the block runs."""
    server = make_server("127.0.0.1", 0, late(app) if LATE else app, threaded=True)
    with serving(server):
        yield f"http://{host}:{server.port}"
