"""A complaint comes with the number of a receipt and nothing else: one command tells what was chosen, and what holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from consent_widget import SQLStore
from consent_widget.choice.act import Choice
from consent_widget.days import now_ms, today
from consent_widget.notice.model import Notice
from consent_widget.proof.key import PrivateKey
from consent_widget.testing import make_choice

from ..conftest import MakeApp


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store)


@pytest.fixture
def chosen(store: SQLStore, shop: Notice) -> list[Choice]:
    """A visitor agrees to two things, and takes one back."""

    def add(**values: Any) -> Choice:
        given = {"site": "", "notice": shop.digest, "time": now_ms(), "valid_until": today() + 180, "region": "CN"}
        return store.add(make_choice(signals=(), age_band=None, **given, **values))

    first = add(
        purposes={"data_analytics": True, "service_research": True, "marketing_messages": False}, locale="zh-CN"
    )
    second = add(subject=first.subject, seq=2, action="refuse", purposes={"service_research": False}, locale="en")
    return [first, second]


def run(app: Flask, number: str) -> Result:
    return app.test_cli_runner().invoke(args=["consent", "receipt", number])


def test_a_receipt_tells_what_was_agreed_to_and_what_of_it_holds(
    app: Flask, chosen: list[Choice], shop: Notice
) -> None:
    result = run(app, f" {chosen[0].id.upper()} ")

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert f"subject      {chosen[0].subject}" in lines
    assert f"notice       shop 1.0.0, digest {shop.digest}" in lines
    assert "shown in     centre, zh-CN" in lines
    assert "  agreed, holds today    data_analytics      数据分析 / Data analytics" in lines
    assert any(line.startswith("  agreed, withdrawn      service_research    ") for line in lines)
    assert any(line.startswith("  refused                marketing_messages  ") for line in lines)
    assert "Every choice of this visitor:" in lines
    assert lines[-2].endswith(f"{chosen[0].id}  (this one)")
    assert lines[-1].endswith(f"refuse        {chosen[1].id}")


def test_the_first_digits_do_where_no_other_receipt_begins_so(app: Flask, chosen: list[Choice]) -> None:
    assert chosen[1].id in run(app, chosen[1].id[:13]).output


@pytest.mark.parametrize("number", ["", "zzz", "%", "00000000-0000-0000-0000-000000000000"])
def test_a_number_that_nobody_has_is_an_error_of_one_line(app: Flask, chosen: list[Choice], number: str) -> None:
    result = run(app, number)

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "No receipt begins so" in result.output


def test_receipts_of_other_sites_are_not_told(app: Flask, store: SQLStore) -> None:
    other = store.add(make_choice(site="other"))

    assert "No receipt begins so" in run(app, other.id).output
    erase = app.test_cli_runner().invoke(args=["consent", "erase", other.subject, "--yes"])
    assert (erase.exit_code, "no records" in erase.output) == (1, True)
    assert store.history(other.subject) == [other]


def test_the_officer_gets_every_form_that_the_visitor_gets(app: Flask, chosen: list[Choice], tmp_path: Path) -> None:
    def told(*args: str) -> Result:
        return app.test_cli_runner().invoke(args=["consent", "receipt", chosen[0].id, *args])

    for form, said in (("json", '"record"'), ("jsonld", "dpv:ConsentReceipt"), ("kantara.json", "KI-CR-v1.1.0")):
        result = told("--format", form, "--at", "https://shop.example/consent/")
        assert result.exit_code == 0, result.output
        assert said in json.dumps(json.loads(result.output))
        assert "https://shop.example/consent/" in result.output
        assert "--at https://" in told("--format", form).output  # the app does not know its own name
    chinese, english = told("--format", "html").output, told("--format", "html", "--locale", "en").output
    assert ("<h2>回执</h2>" in chinese, "数据分析" in chinese, "Data analytics" in english) == (True, True, True)
    assert ("href=" in chinese, "<button" in chinese) == (False, False)
    assert "publishes no log" in english
    told("--format", "html", "--to", str(tmp_path / "receipt.html"))
    assert (tmp_path / "receipt.html").read_text("utf-8").startswith("<!doctype html>")
    assert "There is no 'fr'" in told("--format", "html", "--locale", "fr").output


def test_a_receipt_as_a_page_says_whether_others_can_check_it(
    make_app: MakeApp, store: SQLStore, chosen: list[Choice]
) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store, CONSENT_LOG_KEY=PrivateKey.make("shop.example/log").text)

    said = app.test_cli_runner().invoke(args=["consent", "receipt", chosen[0].id, "--format", "html", "--locale", "en"])

    assert "With the proof file of this receipt anyone can check" in said.output
