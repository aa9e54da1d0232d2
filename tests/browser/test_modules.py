"""The modules alone, as they stand in static/src: the browser must say what the server says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from consent_widget.choice import new_subject
from consent_widget.policy import Decision, State
from consent_widget.resources import STATIC
from consent_widget.script import words
from consent_widget.settings import Settings
from consent_widget.surface import View
from consent_widget.token import Seal

from ..changing import TABLE as CHANGES
from ..changing import TODAY, chosen, edited

TABLE = json.loads((Path(__file__).parent.parent / "policy_cases.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    page = browser.new_page()

    def serve(route: Route) -> None:
        path = route.request.url.partition("modules.test/")[2]
        if path:
            route.fulfill(path=STATIC / "src" / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route("http://modules.test/**", serve)
    page.goto("http://modules.test/")
    return page


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["why"])
def test_the_browsers_policy_answers_as_the_table_says(page: Page, case: dict[str, Any]) -> None:
    answer = page.evaluate(
        """async ({ terms, today, gpc = false, decided = {}, purpose, recipient, service, was = "", band = "" }) => {
          const { aged, policy } = await import("/policy.js");
          const { permits, permitsService } = policy(terms, aged(decided, was, band), gpc, today, band);
          return service ? permitsService(service) : permits(purpose, recipient);
        }""",
        {"terms": TABLE["terms"], "today": TABLE["today"]} | case,
    )

    assert bool(answer) is case["permitted"]


def test_the_browser_reads_what_the_server_signs(page: Page) -> None:
    decisions = {
        "AAAA": Decision(True, 20500),
        "B-_9": Decision(False, 20500),
        "CCCC": Decision(True, 20600),
        "DDDD": Decision(False, 20700),
    }
    token = Seal(["a-key-for-tests-only-0123456789"]).write(
        State(new_subject(), 40, 1_800_000_000, "0123abcd", decisions)
    )

    read = page.evaluate("async (token) => (await import('/token.js')).readToken(token)", token)
    assert read == {tag: [each.granted, each.until] for tag, each in decisions.items()}


@pytest.mark.parametrize(("band", "letter"), [("", ""), ("child", "c"), ("teen", "t"), ("adult", "a")])
def test_the_browser_reads_the_band_that_the_server_signs(page: Page, band: str, letter: str) -> None:
    state = State(new_subject(), 1, 1, "0123abcd", {"AAAA": Decision(True, 20500)}, band)
    token = Seal(["a-key-for-tests-only-0123456789"]).write(state)

    read = page.evaluate(
        "async (token) => { const { bandOf, readToken } = await import('/token.js');"
        "return [bandOf(token), readToken(token)] }",
        token,
    )
    assert read == [letter, {"AAAA": [True, 20500]}]


@pytest.mark.parametrize("junk", ["", ".", "1", "2.a.b.c.d.e", "1.a.b.c.d.e.f", "null", "%%%"])
def test_what_is_not_a_token_decides_nothing(page: Page, junk: str) -> None:
    assert not page.evaluate("async (token) => (await import('/token.js')).readToken(token)", junk)


@pytest.mark.parametrize("row", CHANGES["rows"], ids=lambda row: f"{row['change']} · {row['choice']}")
def test_the_browser_says_too_what_survives_a_change_and_what_is_asked(page: Page, row: dict[str, Any]) -> None:
    before, after = edited(), edited(*CHANGES["changes"][row["change"]]["edits"], version="1.1.0")
    state = chosen(before, row["choice"])
    token = Seal(["a-key-for-tests-only-0123456789"]).write(state) if state else ""

    stands = page.evaluate(
        """async ({ terms, token, day }) => {
          const { decision, policy } = await import("/policy.js");
          const { readToken } = await import("/token.js");
          const decisions = readToken(token) || {};
          const { permits } = policy(terms, decisions, false, day);
          return terms.options.map((option) =>
            [option.key, permits(...option.key.split(":")), decision(option, decisions, day) ?? null]);
        }""",
        {"terms": words(View(after, "en"), Settings()), "token": token, "day": TODAY},
    )

    assert {key for key, permitted, _ in stands if permitted} == set(row["survives"])
    assert {key for key, _, decided in stands if decided is False} == set(row["refused"])
    assert {key for key, _, decided in stands if decided is None} == set(row["asked"])
