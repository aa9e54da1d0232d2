"""Every site serves what checks its receipts without it: a page that runs nothing but its own script, and a program."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

from flask.testing import FlaskClient

from consent_widget.proof.key import PrivateKey
from consent_widget.proof.verify_page import SCRIPT, verify_page

from ..conftest import MakeApp


def test_the_page_runs_its_own_script_and_fetches_nothing(client: FlaskClient) -> None:
    answer = client.get("/consent/log/verify")
    policy = answer.headers["Content-Security-Policy"]

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert policy.startswith("default-src 'none'; ")
    for kind, pattern in (("script", r"<script>(.*?)</script>"), ("style", r"<style>(.*?)</style>")):
        (source,) = re.findall(pattern, answer.text, re.DOTALL)
        assert f"{kind}-src 'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'" in policy
    (inside,) = re.findall('http-equiv="Content-Security-Policy" content="(.*?)"', answer.text)
    assert policy.startswith(unescape(inside))
    assert not re.search(r"https?:|//", re.sub(r"<script.*?</script>", "", answer.text, flags=re.DOTALL))


def test_the_page_begins_with_what_the_site_says_about_its_log(make_app: MakeApp) -> None:
    key = PrivateKey.make("shop.example/consent/log")
    text = make_app(CONSENT_LOG_KEY=key.text).test_client().get("/consent/log/verify").text

    assert f">log {key.public} https://shop.example/consent/log\nquorum none\n</textarea>" in text.replace("&#43;", "+")


def test_the_program_is_the_one_that_ships(client: FlaskClient) -> None:
    answer = client.get("/consent/log/verify_receipt.py")

    assert (answer.data, answer.mimetype) == (SCRIPT.read_bytes(), "text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_site_says_about_itself_stays_text() -> None:
    assert b"</textarea><script>" not in verify_page("</textarea><script>alert(1)</script>")
