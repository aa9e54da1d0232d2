"""The script and the server agree on random sequences of acts: what they answer for, what they change, and who is asked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import pytest

from consent_widget.choice.act import Choice, new_key, new_subject
from consent_widget.choice.actions import ACTIONS, Action
from consent_widget.choice.age import Age, older
from consent_widget.choice.policy import (
    barred,
    choice_due,
    decision,
    forced_off,
    locked,
    permits,
    permits_service,
    signal_stops,
    standing,
)
from consent_widget.choice.state import Decision, State
from consent_widget.choice.submission import Submission, answers_from_form, make_choice
from consent_widget.choice.token import TokenSigner
from consent_widget.days import DAY
from consent_widget.notice.model import Notice
from consent_widget.notice.options import Option
from consent_widget.notice.parts import Service
from consent_widget.script.payload import payload
from consent_widget.settings.model import Settings
from consent_widget.text import Text
from consent_widget.ui.view import View

from ..support.changing import TABLE as CHANGES
from ..support.changing import TODAY, chosen, edited
from ..support.script import refused, replay_in_script

SIGNER = TokenSigner(["a-key-for-tests-only-0123456789"])
AGE = Age()
SEQUENCES, STEPS = 60, 12
#: Server pages alone offer this action.
NOT_IN_THE_SCRIPT = {"opt_out"}


def terms(notice: Notice, age: Age | None = None) -> dict[str, object]:
    return payload(View(notice, "en", age=age), Settings(age=age))


@dataclass
class Visitor:
    """What the server has stored of a visitor, and what their browser has still to send."""

    notice: Notice
    gpc: bool
    age: Age | None
    day: int = TODAY
    stored: State = field(default_factory=lambda: State(new_subject()))
    pending: list[tuple[Action, dict[str, bool]]] = field(default_factory=list)
    seen: str = "0"

    def shown(self) -> State:
        """The state that the page shows: what is stored, and what is refused since."""
        state = self.stored
        for action, purposes in self.pending:
            state = refused(state, action, purposes, self.notice, self.day)
        return state

    def options(self) -> dict[str, Option]:
        """What the script knows of: what waits for a child's guardian only where it knows a child."""
        return {key: option for key, option in self.notice.options.items() if self.age or not option.for_guardian}

    def possible(self) -> Iterator[Action]:
        """What the widget lets the visitor press now."""
        band = self.shown().band
        for action in get_args(Action):
            rule = ACTIONS[action]
            if rule.age and not (self.age and not band):
                continue
            if band == "child" and rule.may_grant != "nothing":
                continue
            if action not in NOT_IN_THE_SCRIPT:
                yield action

    def act(self, action: Action, chance: random.Random) -> dict[str, Any]:
        """Presses a button, with switches set at random where it has some."""
        state, options = self.shown(), self.options()
        off = barred(self.notice, state.band)
        free = [
            key
            for key, option in options.items()
            if key not in off and not (self.gpc and option.purpose.gpc_opt_out) and not option.for_guardian
        ]
        picked: list[str] = []
        if action == "save":
            picked = [key for key in free if options[key].in_centre and chance.random() < 0.5]
        elif ACTIONS[action].answers_for == "picked":
            picked = [chance.choice(free if action == "allow" else list(options))]
        decided = {key for key, option in options.items() if decision(option, state, self.day)}
        answers = answers_from_form(self.notice, action, picked, decided)
        stopped = {key for key, option in options.items() if signal_stops(option, state, self.day, gpc=self.gpc)}
        purposes = forced_off(self.notice, answers, stopped, state.band)
        self.pending.append((action, purposes))
        return {"action": action, "picked": picked, "expected": self.expected(), "purposes": purposes}

    def save(self) -> dict[str, Any]:
        """The server stores the oldest pending act, and answers with a new token."""
        action, purposes = self.pending.pop(0)
        said = ACTIONS[action].age
        band = said if said and not older(said, self.stored.band) else self.stored.band
        self.stored = self.stored.after(self.choice(action, purposes, band), self.notice)
        return {"saved": True, **self.sent()}

    def choice(self, action: Action, purposes: dict[str, bool], band: str) -> Choice:
        submission = Submission(
            key=new_key(), after=self.stored.id, notice=self.notice.digest, locale="en", action=action,
            surface="centre", purposes=purposes, gpc=self.gpc,
        )  # fmt: skip
        return make_choice(
            submission, self.notice, self.stored, gpc=self.gpc, now_ms=self.day * DAY * 1000,
            age_band=self.age.written(band) if self.age else None,
        )  # fmt: skip

    def sent(self) -> dict[str, Any]:
        self.seen = self.stored.id
        return {"token": SIGNER.write(self.stored), "expected": self.expected(), "purposes": None}

    def expected(self) -> dict[str, Any]:
        """What the page must say."""
        state, options = self.shown(), self.options()
        latest = {key: standing(self.notice, option, state, self.day) for key, option in options.items()}
        asks_age = bool(self.age) and not state.band
        return {
            "decided": {key: each.granted if each else None for key, each in latest.items()},
            "permitted": [
                key
                for key, option in options.items()
                if option.service is None
                and permits(
                    self.notice, state, option.purpose.id, gpc=self.gpc, today=self.day,
                    recipient=option.recipient.id if option.recipient else None,
                )
            ],
            "running": [
                service.id
                for service in self.notice.services
                if permits_service(self.notice, state, service.id, gpc=self.gpc, today=self.day)
            ],
            "band": state.band[:1],
            "seen": self.seen,
            "due": choice_due(
                self.notice, state, self.day, asks_age=asks_age, locked=locked(self.notice, state.band, gpc=self.gpc)
            ),
        }  # fmt: skip


def sequence(notice: Notice, chance: random.Random, gpc: bool, age: Age | None) -> dict[str, Any]:
    visitor, steps = Visitor(notice, gpc, age), []
    for _ in range(STEPS):
        move = chance.random()
        if visitor.pending and move < 0.4:
            steps.append(visitor.save())
        elif not visitor.pending and move < 0.15:
            visitor.day += chance.choice([1, 100, 181])
            steps.append(visitor.sent())
        else:
            steps.append(visitor.act(chance.choice(list(visitor.possible())), chance))
        steps[-1]["day"] = visitor.day
    return {"terms": terms(notice, age), "steps": steps}


@pytest.mark.parametrize("gpc", [False, True], ids=["without the signal", "with the signal"])
def test_both_sides_agree_after_every_step_of_a_random_sequence(shop: Notice, gpc: bool) -> None:
    notices, chance = [with_vendors(small(shop)), small(shop), shop], random.Random(20261128 + gpc)
    sequences = [sequence(chance.choice(notices), chance, gpc, age) for age in (None, AGE) for _ in range(SEQUENCES)]

    for number, (case, results) in enumerate(zip(sequences, replay_in_script(sequences, gpc=gpc), strict=True)):
        for at, (step, result) in enumerate(zip(case["steps"], results, strict=True)):
            done = [each.get("action") or "saved" for each in case["steps"][: at + 1]]
            assert result == {**step["expected"], "purposes": step["purposes"]}, f"{number}: {done}"


def small(notice: Notice) -> Notice:
    """One purpose of each kind, so that random acts often affect the same purpose."""
    kinds = {}
    for purpose in notice.purposes:
        kinds.setdefault((purpose.control, purpose.consent, purpose.gpc_opt_out, purpose.minors), purpose)
    return replace(notice, purposes=tuple(kinds.values()))


def with_vendors(notice: Notice) -> Notice:
    """A service of each ordinary purpose, one of all of them, and one that is always on too."""
    ordinary = [purpose.id for purpose in notice.purposes if purpose.consent == "ordinary"]
    always = [purpose.id for purpose in notice.purposes if purpose.consent == "none"]
    wanted = [(id,) for id in ordinary] + [tuple(ordinary), (always[0], ordinary[0])]
    services = (
        Service(id=f"s{at}", name=Text({"zh-CN": "-", "en": "-"}), company="S", country="CN", purposes=purposes)
        for at, purposes in enumerate(wanted)
    )
    return replace(notice, services=tuple(services))


def test_the_script_reads_what_the_server_signs() -> None:
    decisions = {"AAAA": Decision(True, TODAY), "B-_9": Decision(False, TODAY), "CCCC": Decision(True, TODAY + 100),
                 "DDDD": Decision(False, TODAY + 200), "EEEE": Decision(True, TODAY - 1)}  # fmt: skip
    state = State(new_subject(), 40, 1_800_000_000, "0123abcd", decisions, "teen")
    names = {"options": [{"key": tag, "tag": tag} for tag in decisions], "always": [], "age": {}}
    ((page,),) = replay_in_script([{"terms": names, "steps": [{"token": SIGNER.write(state), "day": TODAY}]}])

    assert page["decided"] == {"AAAA": True, "B-_9": False, "CCCC": True, "DDDD": False, "EEEE": None}
    assert (page["seen"], page["band"]) == (state.id, "t")


@pytest.fixture(scope="module")
def after_changes() -> list[Any]:
    sequences = []
    for row in CHANGES["rows"]:
        before, after = edited(), edited(*CHANGES["changes"][row["change"]]["edits"], version="1.1.0")
        state = chosen(before, row["choice"])
        token = SIGNER.write(state) if state else ""
        sequences.append({"terms": terms(after), "steps": [{"token": token, "day": TODAY}]})
    return [steps[0] for steps in replay_in_script(sequences)]


@pytest.mark.parametrize(
    "at", range(len(CHANGES["rows"])), ids=lambda at: "{change} · {choice}".format(**CHANGES["rows"][at])
)
def test_the_script_too_says_what_survives_a_change_and_what_is_asked(after_changes: list[Any], at: int) -> None:
    row, page = CHANGES["rows"][at], after_changes[at]

    assert set(page["permitted"]) == set(row["survives"])
    assert {key for key, decided in page["decided"].items() if decided is False} == set(row["refused"])
    asked = {key for key, decided in page["decided"].items() if decided is None}
    assert {key for key in asked if "@" not in key} == set(row["asked"])
    assert {key.partition("@")[0] for key in asked if "@" in key} <= set(row["asked"])  # a service follows its purpose
