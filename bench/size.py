"""Bytes: the script, whole and its first part, what it adds to a page, and the cookie."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import brotli
from flask import Flask

from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State
from consent_widget.days import today
from consent_widget.notice.parts import Service, Use
from consent_widget.script.tags import tag_of
from consent_widget.vendors.catalogue import all_vendors
from consent_widget.vendors.model import Vendor
from consent_widget.web.embed import embed

from .row import Row
from .sites import HERE, NONCE, choice_body, page, site

SCRIPT = {"minimal": 10_400, "shop": 14_000}
FIRST = 5_190
EMBEDS = 4_740


def measure() -> Iterator[Row]:
    """Every size, in bytes."""
    for notice, most in SCRIPT.items():
        app = site(notice=notice)
        for locale, script in app.extensions["consent_widget"].assets.scripts.items():
            what = f"script, styles and words, `{notice}`, {locale}"
            yield Row(f"{what}, br", len(script.whole.encodings["br"]), most)
            yield Row(f"{what}, gzip", len(script.whole.encodings["gzip"]))
            yield Row(f"first part, `{notice}`, {locale}, br", len(script.first.encodings["br"]), FIRST)
            follows = app.extensions["consent_widget"].assets.payloads[locale]
            yield Row(f"preference centre, when asked for, `{notice}`, {locale}, br", len(follows.encodings["br"]))
        placeholders = app.extensions["consent_widget"].assets.embeds
        yield Row(
            f"placeholders, where there is embedded content, `{notice}`, br", len(placeholders.encodings["br"]), EMBEDS
        )
        for locale in app.extensions["consent_widget"].notice.locales:
            yield from _page(app, notice, locale)
    yield from _vendors()
    yield from _token(app)


#: Services of the catalogue, and what a site pays for having these besides one of its own.
USED: dict[str, list[dict[str, str]]] = {
    "`ga4`": [{"use": "ga4", "id": "G-ABC123DEF4"}],
    "`ga4` and `google_ads`": [{"use": "ga4", "id": "G-ABC123DEF4"}, {"use": "google_ads", "id": "AW-123456789"}],
    "`baidu_tongji`": [{"use": "baidu_tongji", "id": "0" * 32}],
    "a film, `youtube`": [{"use": "youtube"}],
    "a captcha, `turnstile`": [{"use": "turnstile"}],
}
OWN = {"id": "own", "name": "Own", "company": "Own Ltd", "country": "US", "purposes": ["analytics"]}


def _vendors() -> Iterator[Row]:
    minimal = tomllib.loads((files("consent_widget") / "notice" / "minimal.toml").read_text("utf-8"))

    def size(services: list[dict[str, Any]]) -> int:
        assets = site(notice=minimal | {"services": [OWN, *services]}).extensions["consent_widget"].assets
        return len(assets.scripts["en"].whole.encodings["br"])

    for name, services in USED.items():
        yield Row(f"script of `minimal`, en, br: {name}, with what loads and tells it", size(services) - size([]))
    told = {vendor.id: _calls(vendor) for vendor in all_vendors() if vendor.calls and vendor.tag and vendor.tag.script}
    most = max(told, key=told.__getitem__)
    yield Row(f"consent calls beyond a vendor's stub, br: the most of {len(told)} vendors (`{most}`)", told[most], 400)


def _calls(vendor: Vendor) -> int:
    """What telling this vendor adds to what loads it."""
    examples = {name: each.example for name, each in vendor.parameters.items()}

    def size(tell: bool) -> int:
        use = Use(vendor=vendor.id, parameters=examples, tell=tell)
        service = Service(
            id=vendor.id, name=vendor.name, company="C", country=vendor.country, purposes=("marketing",), use=use
        )
        return _br(json.dumps(tag_of(service)))

    return size(tell=True) - size(tell=False)


def _page(app: Flask, notice: str, locale: str) -> Iterator[Row]:
    client = app.test_client()
    client.post("/consent/records", json=choice_body(app), headers=HERE)
    chosen = {"Cookie": f"cw={client.get_cookie('cw').value}"}  # type: ignore[union-attr]
    first = 4_500 if notice == "minimal" else None
    for name, headers, inline, most in (
        ("no choice yet, style in the page", {}, True, first),
        ("no choice yet, style linked", {}, False, first),
        ("choice made", chosen, False, 210),
    ):
        with app.test_request_context("/", headers=headers):
            with_widget, without = page(embed(NONCE, locale, inline_style=inline), NONCE), page("", NONCE)
        yield Row(f"added to a page, {name}, `{notice}`, {locale}, br", _br(with_widget) - _br(without), most)


def _token(app: Flask) -> Iterator[Row]:
    known = app.extensions["consent_widget"]
    tags = [option.fingerprint for option in known.notice.options.values()]
    many = [f"{n:04}" for n in range(22)]  # as if each purpose of `shop` were one option
    for name, answered, days in (
        (f"all {len(tags)} options of `shop`", tags, 1),
        ("22 options", many, 1),
        ("22 options, on three days", many, 3),
    ):
        decisions = {tag: Decision(n % 2 == 0, today() + 180 + n % days) for n, tag in enumerate(answered)}
        token = known.token_signer.write(State(new_subject(), 9, 1_800_000_000, "0" * 8, decisions))
        yield Row(f"cookie with its name, {name}", len(f"__Host-cw={token}"), 300)


def _br(text: str) -> int:
    return len(brotli.compress(text.encode()))
