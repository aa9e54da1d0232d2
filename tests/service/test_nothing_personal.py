"""What must not be stored is not stored, whoever sends it and wherever: no address, no browser, no page, no name. Not in
the database, not in the logs, not in the figures, and no problem repeats it.

Every address that the description names is sent the same text, in each place that a request has for one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from consent_widget.choice.submission import FIELDS
from consent_widget.service.app import HostedSites, create_service
from consent_widget.service.metrics import Counts, exposition

from ..support.choice_body import choice_body
from ..support.services import SHOP, SITES, TOP, written

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
WORD = st.text("abcdefghijkmnpqrstuvwxyz", min_size=8, max_size=12)
NUMBER = st.integers(10**8, 10**9 - 1)
PERSONAL = st.one_of(
    st.builds("{}@mail.example".format, WORD),
    st.builds("+86 13{}".format, NUMBER),
    st.builds("13{}".format, NUMBER),
    st.builds("王{}".format, WORD),
    st.builds("31010119900101{:04}".format, st.integers(1000, 9999)),
    st.builds("2001:db8::{:x}:{:x}".format, st.integers(4096, 65535), st.integers(4096, 65535)),
    st.builds("Mozilla/5.0 (iPhone; {})".format, WORD),
    st.builds("https://{}.example/basket?of={}".format, WORD, NUMBER),
    st.builds("{}-aaaaaaaaaaaaaaaaaaaaaaaa".format, WORD),  # fits the pattern of a key
    st.builds("1.{}AAAAAAAAAA.1.d6e07a87.tpa75z".format, WORD),  # and looks like a token
)
HEADERS = (
    "User-Agent", "Referer", "Accept-Language", "X-Forwarded-For", "X-Real-IP", "From", "X-Request-Id",
    "Sec-CH-UA", "Authorization", "X-Country", "If-None-Match", "Accept",
)  # fmt: skip
QUERIES = ("lang", "format", "next", "option", "q", "page")
FORM_FIELDS = ("action", "notice", "locale", "surface", "key", "after", "next", "mark", "grant", "address", "name")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[HostedSites]:
    carried = 'region_header = "X-Country"\n[sites.shop.carry_over]\ntool = "klaro"\npurposes = { data_analytics = "statistics" }\n'
    first, second = SITES.split("[sites.club]")
    made = create_service(written(tmp_path, f"{first}{carried}[sites.club]{second}", f"{TOP}proxies = 1\n"))
    yield made
    made.close()


def requests_with(text: str, document: Mapping[str, Any], choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The text at each address: in the path, the query, the headers, the cookies and the body."""
    ascii_text = quote(text, safe=" @:/?=.+();,")
    headers = {"Origin": SHOP, **dict.fromkeys(HEADERS, ascii_text), "Cookie": f"cw-shop={ascii_text}; {ascii_text}=1"}
    base = document["servers"][0]["url"]
    for path, item in document["paths"].items():
        for name in ("{hash}", "{digest}", "{locale}", "{version}", "{key}", "{name}", "{link}", "{path}", "{origin}"):
            path = path.replace(name, quote(text, safe=""))
        for method, operation in item.items():
            query = dict.fromkeys(QUERIES, text)
            sent = {"path": base + path, "method": method.upper(), "headers": headers, "query_string": query,
                    "environ_overrides": {"REMOTE_ADDR": text}}  # fmt: skip
            content = operation.get("requestBody", {}).get("content", {})
            if "application/x-www-form-urlencoded" in content:
                here = headers | {"Sec-Fetch-Site": "same-origin"}
                yield sent | {"headers": here, "data": dict.fromkeys(FORM_FIELDS, text)}
                yield sent | {"headers": here, "data": {"action": "reject_all", "notice": choice["notice"],
                                                        "locale": "en", "surface": "page", "next": text}}  # fmt: skip
            elif "application/json" in content:
                for name in (*FIELDS, "left", "receipt", text):
                    yield sent | {"json": {**choice, name: text}}
                yield sent | {"json": {**choice, "purposes": {**choice["purposes"], text: False}}}
                yield sent | {"json": choice}
                yield sent | {"data": text.encode(), "content_type": text.encode("ascii", "replace").decode()}
            else:
                yield sent | ({"data": text.encode()} if content else {})


@settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES <= 50, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(text=PERSONAL)
def test_nothing_personal_is_kept_told_or_logged(
    service: HostedSites, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    caplog.clear()
    site = service.sites["shop"].extensions["consent_widget"]
    client, counts = Client(service), Counts()
    document = client.get("/consent/shop/openapi.json").get_json()
    stored = len(list(service.store.export()))
    with caplog.at_level(logging.DEBUG):
        for sent in requests_with(text, document, choice_body(site.notice)):
            answer = client.open(**sent)
            assert answer.status_code < 500, (sent["method"], sent["path"])
            counts.answered("shop", sent["method"], unquote(sent["path"]), answer.status_code, 0.01)
            assert not is_told(answer, text), (sent["method"], sent["path"])
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("*.sqlite*"))

    assert len(list(service.store.export())) > stored  # some of these requests were choices
    assert site.notice.title["zh-CN"].encode() in kept  # which is how a text would be found
    assert not found_in(kept, text)
    assert not found_in(caplog.text.encode(), text)
    assert not found_in(exposition([counts.numbers()]).encode(), text)


def is_told(answer: TestResponse, text: str) -> bool:
    """Does an answer for programs repeat the text? A page may: it leads back to where its visitor was."""
    return answer.mimetype != "text/html" and found_in(answer.data, text)


def found_in(content: bytes, text: str) -> bool:
    """Is the text there, as it was sent, as JSON or a URL writes it, or the part of it that is nobody else's?"""
    forms = {text, quote(text), quote(text, safe=""), json.dumps(text)[1:-1]}
    return any(form.encode() in content for form in forms)
