"""Decisions about one service: what they permit, what ends them, and what they cost."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

import pytest

from consent_widget.choice.act import Choice, new_key, new_subject
from consent_widget.choice.actions import ACTIONS, Action
from consent_widget.choice.age import Age
from consent_widget.choice.policy import barred, permits, permits_service
from consent_widget.choice.replay import Grant, replay
from consent_widget.choice.state import State
from consent_widget.choice.submission import Submission, answers_from_form, make_choice, parse
from consent_widget.choice.token import TokenSigner
from consent_widget.days import DAY
from consent_widget.errors import InvalidPayload, Problem, SeparateConsentRequired, UnknownPurpose
from consent_widget.notice.model import Notice

from ..support.choice_body import choice_body
from ..support.vendors import BOTH, FILM, MAP, PIXEL, TALLY, VENDORS, with_vendors

SIGNER = TokenSigner(["a-key-for-tests-only-0123456789"])
TODAY = 20_833
REFUSED = {"functional": False, "analytics": False, "marketing": False}
GRANTED = dict.fromkeys(REFUSED, True)


@pytest.fixture
def notice(minimal: Notice) -> Notice:
    return with_vendors(minimal)


def made(
    notice: Notice, state: State, action: str, purposes: Mapping[str, bool], day: int = TODAY, *, gpc: bool = False
) -> Choice:
    submission = parse(choice_body(notice, action, purposes=dict(purposes), gpc=gpc), notice)
    return make_choice(submission, notice, state, gpc=gpc, now_ms=day * DAY * 1000)


def after(
    notice: Notice, *acts: tuple[str, Mapping[str, bool]], state: State | None = None, day: int = TODAY, gpc: bool = False
) -> State:  # fmt: skip
    state = state or State(new_subject())
    for action, purposes in acts:
        state = state.after(made(notice, state, action, purposes, day, gpc=gpc), notice)
    return state


def running(notice: Notice, state: State, day: int = TODAY, *, gpc: bool = False) -> set[str]:
    return {each.id for each in VENDORS if permits_service(notice, state, each.id, gpc=gpc, today=day)}


def alone(notice: Notice, state: State) -> set[str]:
    """The services that have an answer of their own."""
    return {key for key, option in notice.options.items() if option.service and option.fingerprint in state.decisions}


def test_allowing_one_service_allows_nothing_else(notice: Notice) -> None:
    state = after(notice, ("allow", {FILM: True}))

    assert running(notice, state) == {"film"}
    assert not any(permits(notice, state, id, gpc=False, today=TODAY) for id in REFUSED)


def test_a_service_follows_its_purpose_until_it_is_answered_alone(notice: Notice) -> None:
    assert running(notice, after(notice, ("accept_all", GRANTED))) == {each.id for each in VENDORS}
    assert running(notice, after(notice, ("save", {**REFUSED, "marketing": True}))) == {"film", "pixel", "map"}
    state = after(notice, ("save", {**REFUSED, "marketing": True, PIXEL: False, TALLY: True}))
    assert running(notice, state) == {"film", "map", "tally"}


@pytest.mark.parametrize("action", ["reject_all", "withdraw_all"])
def test_refusing_everything_ends_what_was_granted_to_services(notice: Notice, action: str) -> None:
    state = after(notice, ("allow", {FILM: True}), ("allow", dict.fromkeys(BOTH, True)), (action, REFUSED))

    assert (running(notice, state), alone(notice, state)) == (set(), set())


@pytest.mark.parametrize(
    ("action", "purposes"),
    [
        ("refuse", {"marketing": False}),
        ("opt_out", {"marketing": False}),
        ("close", {"marketing": False, "functional": False}),
        ("save", {**GRANTED, "marketing": False}),
    ],
)
def test_a_refusal_of_a_purpose_leaves_no_grant_to_its_services(
    notice: Notice, action: str, purposes: dict[str, bool]
) -> None:
    before = after(notice, ("allow", {FILM: True}), ("allow", {TALLY: True}))
    state = after(notice, (action, purposes), state=before)

    assert "film" not in running(notice, state)
    assert "tally" in running(notice, state)


def test_accepting_everything_includes_what_was_refused_by_name(notice: Notice) -> None:
    state = after(notice, ("save", {**GRANTED, PIXEL: False}), ("accept_all", GRANTED))

    assert (running(notice, state), alone(notice, state)) == ({each.id for each in VENDORS}, set())


def test_saving_leaves_no_earlier_exception_that_it_does_not_name(notice: Notice) -> None:
    state = after(notice, ("save", {**GRANTED, PIXEL: False}), ("save", {**GRANTED, MAP: False}))

    assert alone(notice, state) == {MAP}


def test_a_service_that_was_refused_by_name_stays_shut_for_as_long_as_its_purpose_is_granted(notice: Notice) -> None:
    """Otherwise its refusal would expire first, and it would start without having been asked about."""
    state = after(notice, ("save", {**GRANTED, PIXEL: False}))
    state = after(notice, ("allow", {"marketing": True}), state=state, day=TODAY + 100)

    for day in range(TODAY + 100, TODAY + 400):
        assert "pixel" not in running(notice, state, day)
    assert "film" in running(notice, state, TODAY + 280)


def test_allowing_a_purpose_makes_a_grant_to_its_service_needless(notice: Notice) -> None:
    state = after(notice, ("allow", {FILM: True}), ("allow", {"marketing": True}))

    assert (running(notice, state), alone(notice, state)) == ({"film", "pixel", "map"}, set())


def test_a_grant_to_a_service_expires_like_any_other(notice: Notice) -> None:
    state = after(notice, ("allow", {FILM: True}))

    assert running(notice, state, TODAY + notice.lifetime_days) == {"film"}
    assert running(notice, state, TODAY + notice.lifetime_days + 1) == set()


def test_the_opt_out_signal_ends_what_was_granted_to_a_service_alone(notice: Notice) -> None:
    state = after(notice, ("allow", {FILM: True}), ("allow", {TALLY: True}))
    assert running(notice, state, gpc=True) == {"tally"}
    state = after(notice, ("close", {"functional": False}), state=state, gpc=True)

    assert (running(notice, state), alone(notice, state)) == ({"tally"}, {TALLY})


@pytest.mark.parametrize(
    ("action", "purposes", "gpc", "problem"),
    [
        ("accept_all", {**GRANTED, FILM: True}, False, SeparateConsentRequired),
        ("accept_all", {**GRANTED, FILM: False}, False, UnknownPurpose),
        ("reject_all", {**REFUSED, FILM: False}, False, UnknownPurpose),
        ("reject_all", {**REFUSED, FILM: True}, False, InvalidPayload),
        ("close", {**REFUSED, FILM: True}, False, InvalidPayload),
        ("opt_out", {"marketing": False, FILM: False}, False, InvalidPayload),
        ("save", {FILM: True}, False, InvalidPayload),
        ("allow", {"marketing@tally": True}, False, UnknownPurpose),
        ("allow", {"marketing@nobody": True}, False, UnknownPurpose),
        ("allow", {"@film": True}, False, UnknownPurpose),
        ("allow", {FILM: True}, True, InvalidPayload),
        ("allow", {FILM: True, PIXEL: False}, False, InvalidPayload),
        ("refuse", {FILM: True}, False, InvalidPayload),
    ],
)
def test_a_service_is_answered_only_where_the_visitor_can_see_it(
    notice: Notice, action: str, purposes: dict[str, bool], gpc: bool, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        parse(choice_body(notice, action, purposes=purposes, gpc=gpc), notice)


def test_nobody_grants_a_service_of_what_their_age_bars(notice: Notice) -> None:
    with pytest.raises(InvalidPayload, match="adults"):
        parse(choice_body(notice, "allow", purposes={FILM: True}), notice, barred(notice, "teen"))
    save = parse(choice_body(notice, "save", purposes={**REFUSED, FILM: True}), notice, barred(notice, "teen"))
    choice = make_choice(save, notice, State(new_subject()), gpc=False, now_ms=TODAY * DAY * 1000, age_band="14_to_17")
    assert choice.purposes == REFUSED


def test_a_childs_own_grant_to_a_service_never_counts(notice: Notice) -> None:
    child = State(new_subject(), band="child")
    choice = make_choice(
        Submission(key=new_key(), notice=notice.digest, locale="en", action="allow", surface="placeholder",
                   purposes={TALLY: True}),
        notice, child, gpc=False, now_ms=TODAY * DAY * 1000, age_band=Age().written("child"),
    )  # fmt: skip

    assert running(notice, child.after(choice, notice)) == set()


def test_a_record_names_the_services_that_differ_from_their_purpose_and_no_others(notice: Notice) -> None:
    said = {**REFUSED, "marketing": True, FILM: True, PIXEL: False, TALLY: False, BOTH[0]: True}

    assert made(notice, State(new_subject()), "save", said).purposes == {
        **REFUSED, "marketing": True, PIXEL: False, BOTH[0]: True,
    }  # fmt: skip
    signal = made(notice, State(new_subject()), "save", said, gpc=True)
    assert signal.purposes == {**REFUSED, BOTH[0]: True}


def test_only_exceptions_cost_bytes(minimal: Notice, notice: Notice) -> None:
    def length(notice: Notice, *acts: tuple[str, Mapping[str, bool]]) -> int:
        return len(SIGNER.write(after(notice, *acts)))

    for acts in ([("accept_all", GRANTED)], [("reject_all", REFUSED)], [("save", {**REFUSED, "analytics": True})]):
        assert length(notice, *acts) == length(minimal, *acts)
    plain = length(notice, ("save", GRANTED))
    assert length(notice, ("save", {**GRANTED, PIXEL: False})) == plain + 4
    assert length(notice, ("save", {**GRANTED, PIXEL: False, MAP: False})) == plain + 8


def test_a_token_from_before_services_could_be_decided_stays_valid_and_asks_nobody(
    minimal: Notice, notice: Notice
) -> None:
    """Its decisions are by fingerprint, and those of purposes are what they were."""
    fingerprints = {each.fingerprint for each in notice.options.values() if each.service is None}
    old = after(notice, ("accept_all", GRANTED))
    assert old.decisions.keys() == fingerprints

    read = SIGNER.read(SIGNER.write(old))
    assert read
    assert running(notice, read) == {each.id for each in VENDORS}


@dataclass
class Told:
    """What a visitor would say that they have decided, kept apart from the state: the latest word counts."""

    notice: Notice
    general: dict[str, bool] = field(default_factory=dict)
    named: dict[str, bool] = field(default_factory=dict)

    def hear(self, action: Action, purposes: Mapping[str, bool]) -> None:
        services = {key: option.purpose.id for key, option in self.notice.options.items() if option.service}
        for key, purpose in services.items():
            if purpose in purposes and (action != "allow" or self.named.get(key)):
                self.named.pop(key, None)
        if ACTIONS[action].withdraws:
            self.named = {key: yes for key, yes in self.named.items() if not yes}
        for key, yes in purposes.items():
            (self.named if key in services else self.general)[key] = yes

    def running(self) -> set[str]:
        return {
            each.id
            for each in VENDORS
            if all(self.named.get(f"{id}@{each.id}", self.general.get(id, False)) for id in each.purposes)
        }


@pytest.mark.parametrize("seed", range(40))
def test_after_any_acts_exactly_those_services_run_that_the_visitor_would_name(notice: Notice, seed: int) -> None:
    chance, state, told = random.Random(seed), State(new_subject()), Told(notice)
    choices = []
    for _ in range(25):
        action = chance.choice([each for each in get_args(Action) if not ACTIONS[each].age])
        options = list(notice.options)
        picked = [key for key in options if chance.random() < 0.5]
        if ACTIONS[action].answers_for == "picked":
            picked = [chance.choice(options)]
        decided = {key for key, option in notice.options.items() if option.fingerprint in state.decisions}
        answers = answers_from_form(notice, action, picked, decided)
        if not answers and action != "acknowledge":
            continue
        choice = made(notice, state, action, answers)
        choices.append(choice)
        state = state.after(choice, notice)
        told.hear(action, choice.purposes)
        assert running(notice, state) == told.running(), action
        assert len(SIGNER.write(state)) <= 100 + 8 + 4 * len(state.decisions)

    assert replay(choices, notice, lambda digest: notice, today=TODAY).state.decisions == state.decisions


def ended(notice: Notice, *acts: tuple[str, Mapping[str, bool]]) -> dict[str, str]:
    """What the site's code is told, by key."""
    choices, state = list[Choice](), State(new_subject())
    for action, purposes in acts:
        choices.append(made(notice, state, action, purposes))
        state = state.after(choices[-1], notice)
    done = replay(choices, notice, lambda digest: notice, today=TODAY)
    assert all(isinstance(grant, Grant) for grant in done.ended)
    return {grant.key: reason for grant, reason in done.ended.items()}


@pytest.mark.parametrize(
    ("why", "acts", "told"),
    [
        ("withdrawn by name", [("allow", {FILM: True}), ("refuse", {FILM: False})], {FILM}),
        ("withdrawn with its purpose", [("allow", {FILM: True}), ("refuse", {"marketing": False})], {FILM}),
        ("withdrawn with everything", [("allow", {FILM: True}), ("reject_all", REFUSED)], {FILM}),
        ("goes on under its purpose", [("allow", {FILM: True}), ("accept_all", GRANTED)], set()),
        ("refused by name", [("accept_all", GRANTED), ("save", {**GRANTED, PIXEL: False})], {PIXEL}),
        ("refused by name at once", [("save", {**GRANTED, PIXEL: False})], set()),
        ("granted again by name", [("accept_all", GRANTED), ("refuse", {PIXEL: False}), ("allow", {PIXEL: True})], set()),
        ("granted again", [("accept_all", GRANTED), ("refuse", {PIXEL: False}), ("accept_all", GRANTED)], set()),
        ("ended with its purpose", [("accept_all", GRANTED), ("refuse", {"marketing": False})], {"marketing"}),
        ("goes on alone", [("accept_all", GRANTED), ("save", {**GRANTED, "marketing": False, FILM: True})], {"marketing"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_sites_code_is_told_what_has_ended(
    notice: Notice, why: str, acts: list[tuple[str, Mapping[str, bool]]], told: set[str]
) -> None:
    assert ended(notice, *acts) == dict.fromkeys(told, "withdrawn")
