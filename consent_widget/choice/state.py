"""What a visitor's acts add up to: a decision on each option, and how the next act changes them."""

from __future__ import annotations

import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..days import day_of
from ..notice.model import Notice
from ..regions import region_of
from .act import Choice
from .actions import ACTIONS
from .age import older, read_band

DIGITS = string.digits + string.ascii_lowercase
#: Names the state of a visitor who has not chosen yet.
NOTHING = "0"
#: Our cookies last no longer than this, whatever they hold.
MAX_COOKIE_DAYS = 395


class Decision(NamedTuple):
    """Granted or denied, valid through the day `until` (days since 1970, UTC)."""

    granted: bool
    until: int


class State(NamedTuple):
    """All that a subject has decided so far, by the fingerprint of each option. A purpose whose meaning changes gets
    another fingerprint, so it alone is asked again and all other decisions stay.

    `seq` counts the subject's acts, `time` is the last one's (seconds since 1970), `notice` the first eight digits of
    the digest of the notice that they saw last, `band` their age band where it is known.
    """

    subject: str
    seq: int = 0
    time: int = 0
    notice: str = ""
    decisions: Mapping[str, Decision] = MappingProxyType({})
    band: str = ""

    @property
    def id(self) -> str:
        """Names this state: its subject, and how many acts led to it. A submission names the state that the visitor saw
        (its field `after`).
        """
        return f"{self.subject}.{base36(self.seq)}"

    def days_left(self, today: int) -> int:
        """How many days from now until the last decision expires, at most MAX_COOKIE_DAYS."""
        left = [decision.until - today for decision in self.decisions.values()]
        return min(max([0, *left]), MAX_COOKIE_DAYS)

    def with_age_band(self, band: str | None) -> State:
        """The state once this age band is known. Crossing the border of childhood, either way, drops all earlier
        decisions: so the state of a child holds only what their guardian decided.
        """
        if not band or band == self.band:
            return self
        crossing = "child" in (band, self.band)
        return self._replace(band=band, decisions={} if crossing else self.decisions)

    def without(self, fingerprint: str) -> State:
        """The state as if this option was undecided."""
        return self._replace(
            decisions={name: decision for name, decision in self.decisions.items() if name != fingerprint}
        )

    def without_grants(self) -> State:
        """The state with its refusals only."""
        return self._replace(
            decisions={name: decision for name, decision in self.decisions.items() if not decision.granted}
        )

    def after(self, choice: Choice, notice: Notice) -> State:
        """The state once `choice`, an answer to `notice`, is stored.

        Rejecting or withdrawing everything also ends grants that the choice does not name (just in time, to a
        recipient). The browser's opt-out signal ends what it covers (11 CCR 7025). Acknowledging a change of the
        notice leaves every decision as it is. Only an account can say that a visitor is older than was known. A child's
        own grant never counts: only their guardian's does. An answer to a purpose is one for its services too, but not
        an `allow` for a service that was refused by name.
        """
        rule, band, state = ACTIONS[choice.action], read_band(choice.age_band), self
        if choice.surface == "account" or not older(band or "", state.band):
            state = state.with_age_band(band)
        # otherwise the change is still to be announced; "again" is a question that says what has changed
        saw_notice = rule.saw_notice or choice.surface == "again" or not state.notice
        decisions = state.decisions if choice.action == "acknowledge" else state._decisions_after(choice, notice)
        return State(
            subject=choice.subject,
            seq=choice.seq,
            time=choice.time // 1000,
            notice=choice.notice[:8] if saw_notice else state.notice,
            decisions=decisions,
            band=state.band,
        )

    def _decisions_after(self, choice: Choice, notice: Notice) -> Mapping[str, Decision]:
        today = day_of(choice.time)
        granted = Decision(True, choice.valid_until)
        denied = Decision(False, max(choice.valid_until, today + region_of(choice.region).refusal_days))
        withdraws, signal = ACTIONS[choice.action].withdraws, "gpc" in choice.signals
        own_act_of_a_child = self.band == "child" and choice.actor == "subject"
        decisions = {}
        for key, option in notice.options.items():
            decision, answer = self.decisions.get(option.fingerprint), choice.purposes.get(key)
            if decision and (today > decision.until or (withdraws and decision.granted)):
                decision = None
            if decision and option.service and option.purpose.id in choice.purposes:
                decision = denied if choice.action == "allow" and not decision.granted else None
            if answer is False or (answer and not own_act_of_a_child):
                decision = granted if answer else denied
            if decision and decision.granted and signal and option.purpose.gpc_opt_out:
                decision = None if option.service else denied
            if decision:
                decisions[option.fingerprint] = decision
        return decisions


def base36(number: int) -> str:
    """A whole number in base 36, as tokens write it."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"
