"""Whatever comes in: nothing is granted that nobody pressed, nothing breaks, and nothing of it comes back.

`FUZZ_EXAMPLES` in the environment makes each of these longer.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consent_widget import NoticeError, consent
from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State
from consent_widget.notice.file import SHIPPED, notice_from
from consent_widget.notice.model import Notice
from consent_widget.resources import PACKAGE

from ..conftest import CONTROLLER, HERE, MakeApp
from ..support.choice_body import choice_body

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "250"))
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES <= 250,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
X = "data_analytics"
Harmless = Callable[[int], None]

#: What hostile text is made of: separators of cookies and headers, and letters that look like others.
TEXT = st.text(
    st.one_of(st.sampled_from(' \t=;,._-"\\\0\r\n%/@<\u00a0\u200b\uff1d'), st.characters(codec="utf-8")), max_size=40
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(CONSENT_NOTICE="shop", CONSENT_DATABASE="sqlite://")


def token(app: Flask, *, time: int = 1_790_000_000, granted: bool = True) -> str:
    site = app.extensions["consent_widget"]
    decisions = {site.notice.options[X].fingerprint: Decision(granted, 40_000)}
    return str(site.token_signer.write(State(new_subject(), 1, time, site.notice.digest[:8], decisions)))


def asked(app: Flask, header: str) -> bool:
    with app.test_request_context(environ_overrides={"HTTP_COOKIE": header}):
        return consent.granted(X)


@FUZZ
@given(at=st.integers(0, 200), cut=st.integers(0, 6), put=st.text(max_size=6) | st.text("+/-_=:", max_size=2))
@example(at=0, cut=0, put=" ")
@example(at=199, cut=1, put="")
def test_an_altered_token_is_not_read(app: Flask, at: int, cut: int, put: str) -> None:
    genuine = token(app)
    at = min(at, len(genuine))
    touched = genuine[:at] + put + genuine[at + cut :]
    state = app.extensions["consent_widget"].token_signer.read(touched)

    assert (state is None) == (touched != genuine)


@FUZZ
@given(text=TEXT)
def test_a_foreign_token_is_ignored_without_an_error(app: Flask, text: str) -> None:
    assert app.extensions["consent_widget"].token_signer.read(text) is None


@FUZZ
@given(
    cookies=st.lists(
        st.tuples(st.one_of(st.sampled_from(["cw", "c w", "cw ", "Cw", "xcw", "cw-shop", ""]), TEXT), TEXT), max_size=4
    ),
    joint=st.sampled_from(["; ", ";", " ; ", ";\t"]),
)
@example(cookies=[("__Host-cw", "x"), ("c w", "TOKEN")], joint="; ")
@example(cookies=[("x", "cw=TOKEN")], joint="; ")
def test_a_cookie_of_another_name_is_not_read(app: Flask, cookies: list[tuple[str, str]], joint: str) -> None:
    planted = token(app)
    pairs = [
        f"{name}={value.replace('TOKEN', planted) or planted}"
        for name, value in cookies
        if not any(each in name + value for each in ";\r\n\0") and name.strip(" \t") != "cw"
    ]

    assert not asked(app, joint.join(pairs))


@FUZZ
@given(junk=st.lists(TEXT.filter(lambda text: not set(text) & set(";\r\n\0")), max_size=3), place=st.integers(0, 3))
def test_junk_of_our_name_hides_no_genuine_cookie(app: Flask, junk: list[str], place: int) -> None:
    values = [*junk[:place], token(app), *junk[place:]]

    assert asked(app, "; ".join(f"cw={value}" for value in values))


@FUZZ
@given(older=st.lists(st.integers(1_700_000_000, 1_789_999_999), max_size=3), place=st.integers(0, 3))
def test_of_several_genuine_cookies_the_newest_counts(app: Flask, older: list[int], place: int) -> None:
    values = [token(app, time=time) for time in older]
    values.insert(place, token(app, granted=False))

    assert not asked(app, "; ".join(f"cw={value}" for value in values))


@pytest.fixture
def harmless(app: Flask) -> Harmless:
    """Nothing broke (the status says so), and what was stored since the last look grants nothing."""
    store, seen = app.extensions["consent_widget"].store, 0

    def look(status: int) -> None:
        nonlocal seen
        assert status < 500
        if seen < store.size():
            seen = store.size()
            assert not any(any(each.purposes.values()) for each in store.export())

    return look


@FUZZ
@given(data=st.data())
def test_no_body_but_a_choice_grants_anything(
    client: FlaskClient, shop: Notice, harmless: Harmless, data: st.DataObject
) -> None:
    body: dict[str, Any] = choice_body(shop, "reject_all")
    for name in data.draw(
        st.lists(st.sampled_from([*body, "after", "token", "gpc", "scripted", "__proto__"]), min_size=1, max_size=3)
    ):
        body[name] = data.draw(JSON)
    if data.draw(st.booleans()):
        body["purposes"] = {data.draw(TEXT | st.sampled_from(list(shop.options))): data.draw(st.booleans())}
    answer = client.post(
        "/consent/records",
        data=json.dumps(body).encode("utf-8", "replace"),
        content_type="application/json",
        headers=HERE,
    )

    harmless(answer.status_code)


@FUZZ
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "text/plain", "application/x-www-form-urlencoded"]),
)
def test_no_bytes_break_a_route(client: FlaskClient, harmless: Harmless, body: bytes, kind: str) -> None:
    for path in ("records", "verify", "preferences", "do-not-share", "choices/erase"):
        answer = client.post(f"/consent/{path}", data=body, content_type=kind, headers=HERE)
        harmless(answer.status_code)


@FUZZ
@given(
    fields=st.dictionaries(
        st.sampled_from(["action", "notice", "locale", "surface", "next", "key", "after", "grant", "lang", "otherwise"])
        | TEXT,
        TEXT
        | st.sampled_from(
            ["reject_all", "close", "refuse", "withdraw_all", "en", "zh-CN", "page", "layer", X, "//evil.example"]
        ),
        max_size=8,
    )
)
def test_no_form_but_ours_grants_anything_or_leads_away(
    client: FlaskClient, shop: Notice, harmless: Harmless, fields: dict[str, str]
) -> None:
    for path in ("preferences", "do-not-share"):
        answer = client.post(f"/consent/{path}", data={"notice": shop.digest, "surface": "page"} | fields, headers=HERE)
        harmless(answer.status_code)
        assert answer.headers.get("Location", "/").startswith("/")
        assert not answer.headers.get("Location", "/").startswith("//")


SHIPPED_FILES = {name: tomllib.loads((PACKAGE / "notice" / f"{name}.toml").read_text("utf-8")) for name in SHIPPED}


@FUZZ
@given(data=st.data())
def test_a_notice_file_is_read_or_told_what_is_wrong_with_it(data: st.DataObject) -> None:
    raw = json.loads(json.dumps(SHIPPED_FILES["minimal"], default=str))
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = raw
        while True:
            keys = list(range(len(place))) if isinstance(place, list) else list(place)
            key = data.draw(st.sampled_from([*keys, "new"] if isinstance(place, dict) else keys or [0]))
            inner = place[key] if key in keys else None
            if not isinstance(inner, (dict, list)) or not inner or data.draw(st.integers(0, 3)) == 0:
                break
            place = inner
        if isinstance(place, list) and not place:
            place.append(None)
        place[key] = data.draw(JSON)
    with suppress(NoticeError):  # and nothing else
        notice_from(raw, CONTROLLER)
