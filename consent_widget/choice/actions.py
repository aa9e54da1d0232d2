"""What each action of a visitor means, in one table. The script is built with the same table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeGuard

Action = Literal[
    "accept_all", "reject_all", "save", "close", "withdraw_all", "allow", "refuse", "opt_out", "acknowledge",
    "age_child", "age_teen", "age_adult",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ActionRule:
    """What one action answers for, what it may grant, and what else it does."""

    #: Which options the action answers for:
    #: `offered` all of the preference centre; `offered_except_recipients` the same without named recipients;
    #: `undecided` those of the preference centre that have no answer yet; `picked` the ones that the visitor picked;
    #: `signal` those that the browser's opt-out signal (GPC) covers; `nothing` none.
    answers_for: Literal["offered", "offered_except_recipients", "undecided", "picked", "signal", "nothing"]
    #: Which of these it may grant: `accept_all` those that "Accept all" grants (Option.in_accept_all).
    may_grant: Literal["accept_all", "picked", "nothing"] = "nothing"
    #: Does it also end every grant that was given before?
    withdraws: bool = False
    #: Has the visitor seen the notice, and with it what is new in it?
    saw_notice: bool = True
    #: The age band that the visitor says they are in.
    age: Literal["child", "teen", "adult"] | None = None

    @property
    def claims_consent_age(self) -> bool:
        """Does the action say that the visitor is old enough to grant?"""
        return self.age in ("teen", "adult")


ACTIONS: Mapping[Action, ActionRule] = MappingProxyType({
    "accept_all": ActionRule(answers_for="offered_except_recipients", may_grant="accept_all"),
    "reject_all": ActionRule(answers_for="offered", withdraws=True),
    "save": ActionRule(answers_for="offered", may_grant="picked"),
    "close": ActionRule(answers_for="undecided"),
    "withdraw_all": ActionRule(answers_for="offered", withdraws=True),
    "allow": ActionRule(answers_for="picked", may_grant="picked", saw_notice=False),
    "refuse": ActionRule(answers_for="picked", saw_notice=False),
    "opt_out": ActionRule(answers_for="signal", saw_notice=False),
    "acknowledge": ActionRule(answers_for="nothing"),
    "age_child": ActionRule(answers_for="nothing", saw_notice=False, age="child"),
    "age_teen": ActionRule(answers_for="nothing", saw_notice=False, age="teen"),
    "age_adult": ActionRule(answers_for="nothing", saw_notice=False, age="adult"),
})  # fmt: skip


def is_action(value: object) -> TypeGuard[Action]:
    """Is this untrusted value the name of an action?"""
    return isinstance(value, str) and value in ACTIONS
