from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import Signer

from consent_widget import ConfigurationError
from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State
from consent_widget.choice.token import TokenSigner
from consent_widget.notice.check import MAX_OPTIONS
from consent_widget.notice.model import Notice

TABLE = json.loads(Path(__file__).with_name("token_cases.json").read_text("utf-8"))
OLD, NEW = "the-older-key-0123456789", "the-newer-key-0123456789"
STATE = State(
    new_subject(), 7, 1_800_000_000, "0123abcd", {"AAAA": Decision(True, 20500), "B-_9": Decision(False, 20500)}
)


def test_what_is_written_is_read() -> None:
    assert TokenSigner([NEW]).read(TokenSigner([NEW]).write(STATE)) == STATE


def test_decisions_that_end_on_different_days_are_kept_apart() -> None:
    state = State(
        new_subject(), 1, 0, "", {"AAAA": Decision(True, 1), "BBBB": Decision(True, 2), "CCCC": Decision(False, 1)}
    )

    assert TokenSigner([NEW]).read(TokenSigner([NEW]).write(state)) == state


def test_with_all_twenty_two_purposes_it_stays_under_three_hundred_bytes(shop: Notice) -> None:
    decisions = {f"{n:04d}": Decision(bool(n % 2), 20500 + n % 3) for n in range(len(shop.purposes))}

    assert len(TokenSigner([NEW]).write(State(new_subject(), 10**6, 1_800_000_000, "0123abcd", decisions))) <= 300


def test_a_token_of_the_most_options_each_with_its_own_day_is_read_back() -> None:
    decisions = {f"{n:04d}": Decision(bool(n % 2), 36**3 + n) for n in range(MAX_OPTIONS)}  # days of four digits
    state = State(new_subject(), 36**8 - 1, 36**7 - 1, "0123abcd", decisions, "teen")
    token = TokenSigner([NEW]).write(state)

    assert TokenSigner([NEW]).read(token) == state
    assert len(token) <= 4096 - 100  # a cookie holds it, with its name and attributes


@pytest.mark.parametrize("at", range(0, 130, 3))
def test_a_token_with_one_character_changed_is_no_token(at: int) -> None:
    token = TokenSigner([NEW]).write(STATE)
    at %= len(token)
    other = "A" if token[at] not in "ABCD" else "Q"  # the last letter of a signature has two bits that say nothing
    forged = token[:at] + other + token[at + 1 :]

    assert TokenSigner([NEW]).read(forged) is None


@pytest.mark.parametrize("cut", [0, 1, 10, 43, 44, 60, 99])
def test_a_cut_token_is_no_token(cut: int) -> None:
    assert TokenSigner([NEW]).read(TokenSigner([NEW]).write(STATE)[:cut]) is None


@pytest.mark.parametrize("junk", ["", ".", "1", "1.....", "é", "\x00", "%", "a" * 5000, "1." * 2000, "null", "eyJ9"])
def test_junk_is_no_token(junk: str) -> None:
    assert TokenSigner([NEW]).read(junk) is None


@pytest.mark.parametrize(
    "payload",
    [
        "2.x.1.a.1",
        "1.short.1.a.1",
        "1",
        "1." + "A" * 22 + ".z!.a.1",
        "1." + "A" * 22 + ".1.a.1.5.AAA.",
        "1." + "A" * 22 + ".1.a.1.5.AAAA",
    ],
)
def test_a_signed_text_that_is_not_a_state_is_no_token(payload: str) -> None:
    token_signer = TokenSigner([NEW])

    assert token_signer.read(token_signer._signer.sign(payload).decode()) is None


@pytest.mark.parametrize("case", TABLE["read"], ids=lambda case: case["why"])
def test_a_token_says_what_the_table_says(case: dict[str, Any]) -> None:
    """The script reads the same table: tests/js/token.test.js."""
    token_signer = TokenSigner([NEW])
    state = token_signer.read(token_signer._signer.sign(case["payload"]).decode())

    assert state
    assert {tag: list(decision) for tag, decision in state.decisions.items()} == case["decisions"]
    assert (state.subject, state.time) == (case["subject"], case["time"])
    assert state.band == case["band"]
    assert state.id == ".".join(case["payload"].split(".")[1:3])


@pytest.mark.parametrize("case", TABLE["void"], ids=lambda case: case["why"])
def test_what_the_table_calls_no_token_is_none(case: dict[str, Any]) -> None:
    token_signer = TokenSigner([NEW])

    assert token_signer.read(token_signer._signer.sign(case["payload"]).decode()) is None


def test_keys_rotate_without_asking_anybody_again() -> None:
    token = TokenSigner([OLD]).write(STATE)

    assert TokenSigner([OLD, NEW]).read(token) == STATE
    assert TokenSigner([NEW]).read(TokenSigner([OLD, NEW]).write(STATE)) == STATE
    assert TokenSigner([NEW]).read(token) is None


def test_a_key_is_the_same_as_a_text_and_as_bytes() -> None:
    assert TokenSigner([NEW.encode()]).read(TokenSigner([NEW]).write(STATE)) == STATE


def test_a_token_of_another_site_counts_for_nothing() -> None:
    assert TokenSigner([NEW], "site-b").read(TokenSigner([NEW], "site-a").write(STATE)) is None


def test_a_token_signed_with_the_weak_defaults_counts_for_nothing() -> None:
    payload = TokenSigner([NEW]).write(STATE).rpartition(".")[0]

    assert TokenSigner([NEW]).read(Signer(NEW, salt="consent_widget.token.1.", sep=".").sign(payload).decode()) is None


@pytest.mark.parametrize("keys", [[], [""], ["short"], [NEW, "short"]])
def test_a_key_that_can_be_guessed_is_refused(keys: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="keygen"):
        TokenSigner(keys)


def test_a_token_has_one_spelling() -> None:
    token_signer = TokenSigner([NEW])
    spellings = set()
    for time in range(1_800_000_000, 1_800_000_200):  # until each character that has a twin was there
        token = token_signer.write(State(new_subject(), 1, time, "0123abcd"))
        spellings |= {
            token.replace("-", "+"),
            token.replace("_", "/"),
            token[:-1] + chr(ord(token[-1]) + 1),
            token[:-20] + ":" + token[-20:],
            token + "=",
            token + "\n",
        } - {token}
        assert token_signer.read(token)

    assert len(spellings) > 800
    assert [each for each in spellings if token_signer.read(each)] == []


def test_texts_that_are_no_tokens_fill_no_memory() -> None:
    signer = TokenSigner(["k" * 16])
    for junk in ("x" * 100_000, "x" * 100_000 + "." + "A" * 43, "名" * 50, ""):
        assert signer.read(junk) is None
    assert signer.remembered.cache_info().currsize == 0
