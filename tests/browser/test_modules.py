"""The modules alone, as they stand in static/src: the browser must say what the server says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State
from consent_widget.choice.token import TokenSigner
from consent_widget.resources import STATIC
from consent_widget.script.bundle import payload
from consent_widget.settings.model import Settings
from consent_widget.ui.view import View

from ..support.changing import TABLE as CHANGES
from ..support.changing import TODAY, chosen, edited

TABLE = json.loads((Path(__file__).parent.parent / "choice/policy_cases.json").read_text("utf-8"))


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
          const { withAgeBand, policy } = await import("/core/policy.js");
          const known = await import("/linked/service.js");
          const permits = policy(terms, withAgeBand(new Map(Object.entries(decided)), was, band), gpc, today, band);
          return service ? known.service.permitted(terms, permits, service) : permits(purpose, recipient);
        }""",
        {"terms": TABLE["terms"], "today": TABLE["today"]} | case,
    )

    assert bool(answer) is case["permitted"]


READ = """async (token) => {
  const { readToken, stateId } = await import("/core/token.js");
  return readToken(token).map(({ decisions, ...said }) =>
    ({ ...said, id: stateId(token), decisions: Object.fromEntries(decisions) }));
}"""
BANDS = {"": "", "c": "child", "t": "teen", "a": "adult"}
TOKENS = json.loads((Path(__file__).parent.parent / "choice/token_cases.json").read_text("utf-8"))


@pytest.mark.parametrize("case", TOKENS["read"], ids=lambda case: case["why"])
def test_both_sides_read_the_same_in_what_is_signed(page: Page, case: dict[str, Any]) -> None:
    token_signer = TokenSigner(["a-key-for-tests-only-0123456789"])
    token = token_signer._signer.sign(case["payload"]).decode()
    there = token_signer.read(token)
    (here,) = page.evaluate(READ, token)

    assert there
    assert {tag: list(each) for tag, each in there.decisions.items()} == here["decisions"] == case["decisions"]
    assert [there.subject, there.time] == case["said"]
    assert there.id == here["id"]
    assert there.band == BANDS[here["band"]] == case["band"]


@pytest.mark.parametrize("case", TOKENS["void"], ids=lambda case: case["why"])
def test_what_is_no_token_of_ours_is_none_on_either_side(page: Page, case: dict[str, Any]) -> None:
    token_signer = TokenSigner(["a-key-for-tests-only-0123456789"])
    token = token_signer._signer.sign(case["payload"]).decode()

    assert token_signer.read(token) is None
    assert page.evaluate(READ, token) == page.evaluate(READ, case["payload"]) == []


def test_the_browser_reads_what_the_server_signs(page: Page) -> None:
    decisions = {
        "AAAA": Decision(True, 20500),
        "B-_9": Decision(False, 20500),
        "CCCC": Decision(True, 20600),
        "DDDD": Decision(False, 20700),
    }
    state = State(new_subject(), 40, 1_800_000_000, "0123abcd", decisions, "teen")
    (read,) = page.evaluate(READ, TokenSigner(["a-key-for-tests-only-0123456789"]).write(state))

    assert read["decisions"] == {tag: [each.granted, each.until] for tag, each in decisions.items()}
    assert (read["id"], read["band"]) == (state.id, "t")


@pytest.mark.parametrize("junk", ["", ".", "1", "2.a.b.c.d.e", "1.a.b.c.d.e.f", "null", "%%%"])
def test_what_is_not_a_token_decides_nothing(page: Page, junk: str) -> None:
    assert page.evaluate(READ, junk) == []


COOKIES = [
    ("cw=a", ["a"]),
    ("other=1; cw=a; more=2", ["a"]),
    ("cw=a; cw=b; xcw=c; cw-shop=d; CW=e", ["a", "b"]),
    ("c w=a", []),
    ("cw", []),
    ("xcw=a; cww=b", []),
    ("other=cw=a", []),
    ("cw=a=b", ["a=b"]),
    ("cw=", [""]),
    ("", []),
    ("\u00a0cw=a; cw\u2003=b; \u2003cw=c", []),
]


@pytest.mark.parametrize(("all", "values"), COOKIES)
def test_a_cookie_is_ours_by_its_exact_name_alone(page: Page, all: str, values: list[str]) -> None:
    read = "async (all) => { self.CW_SHARED = { cookie: all }; return (await import('/core/token.js')).cookieValues('cw') }"

    assert page.evaluate(read, all) == values


@pytest.mark.parametrize("row", CHANGES["rows"], ids=lambda row: f"{row['change']} · {row['choice']}")
def test_the_browser_says_too_what_survives_a_change_and_what_is_asked(page: Page, row: dict[str, Any]) -> None:
    before, after = edited(), edited(*CHANGES["changes"][row["change"]]["edits"], version="1.1.0")
    state = chosen(before, row["choice"])
    token = TokenSigner(["a-key-for-tests-only-0123456789"]).write(state) if state else ""

    stands = page.evaluate(
        """async ({ terms, token, day }) => {
          const { decision, policy } = await import("/core/policy.js");
          const { readToken } = await import("/core/token.js");
          const decisions = readToken(token).at(0)?.decisions || new Map();
          const permits = policy(terms, decisions, false, day);
          return terms.options.map((option) =>
            [option.key, permits(...option.key.split(":")), decision(option, decisions, day) ?? null]);
        }""",
        {"terms": payload(View(after, "en"), Settings()), "token": token, "day": TODAY},
    )

    assert {key for key, permitted, _ in stands if permitted} == set(row["survives"])
    assert {key for key, _, decided in stands if decided is False} == set(row["refused"])
    assert {key for key, _, decided in stands if decided is None} == set(row["asked"])
