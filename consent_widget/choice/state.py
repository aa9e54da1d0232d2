"""What a visitor's acts add up to: a decision on each option, and how the next act changes them."""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..days import day_of
from ..notice.model import Notice
from ..notice.options import MAX_OPTIONS
from ..regions import region_of
from .act import Choice
from .actions import ACTIONS
from .age import MINORS, older, read_band

DIGITS = string.digits + string.ascii_lowercase
#: Names the state of a visitor who has not chosen yet.
NOTHING = "0"
#: Stands among the decisions, in place of a fingerprint, once the visitor has allowed something in spite of their
#: browser's opt-out signal (GPC). Then all that is granted of what the signal covers was confirmed. A release
#: of before keeps it, and heeds the signal.
CONFIRMED = "-gpc"
#: The same, among the signals of the act that confirmed it.
CONFIRMS = "gpc_conflict_confirmed"
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
    the digest of the notice that they saw last (empty: their choice was carried over from another tool), `band` their
    age band where it is known.
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

    def is_newer_than(self, other: State) -> bool:
        """Did this come later? Of one subject by the number of acts, as the clocks of two processes may differ."""
        if self.subject == other.subject:
            return self.seq > other.seq
        return self.time > other.time

    def days_left(self, today: int) -> int:
        """How many days from now until the last decision expires, at most MAX_COOKIE_DAYS."""
        left = [decision.until - today for decision in self.decisions.values()]
        return min(max([0, *left]), MAX_COOKIE_DAYS)

    def with_age_band(self, band: str | None) -> State:
        """The state once this age band is known. Crossing the border of childhood, either way, drops all earlier
        decisions: so the state of a child holds only what their guardian decided. No minor's holds a confirmation.
        """
        if not band or band == self.band:
            return self
        crossing = "child" in (band, self.band)
        state = self._replace(band=band, decisions={} if crossing else self.decisions)
        return state.without(CONFIRMED) if band in MINORS else state

    def confirmed(self, today: int) -> bool:
        """Does what this visitor has granted count in spite of their browser's opt-out signal? Never for a minor."""
        found = self.decisions.get(CONFIRMED)
        return found is not None and found.granted and today <= found.until and self.band not in MINORS

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

    def heeding(self, cookie: State) -> State:
        """The state by the records, where the visitor's own cookie knows of acts that the records lack (the database
        was restored from a backup): what is refused in either is refused, and only what both grant is granted.
        """
        if cookie.seq <= self.seq:
            return self
        granted = {tag for tag, each in cookie.decisions.items() if each.granted}
        decisions = {tag: each for tag, each in self.decisions.items() if not each.granted or tag in granted}
        refusals = {tag: each for tag, each in cookie.decisions.items() if not each.granted}
        return cookie._replace(decisions=decisions | refusals)

    def after(self, choice: Choice, notice: Notice, others: Collection[Notice] = ()) -> State:
        """The state once `choice`, an answer to `notice`, is stored. `others` are notices that the visitor may have
        answered before: another release shows one of them still, or already.

        Rejecting or withdrawing everything also ends grants that the choice does not name (just in time, to a
        recipient). The browser's opt-out signal ends what it covers (11 CCR 7025), except what the visitor allows or
        has allowed in spite of it. A grant without the signal ends that: nobody was asked about it in spite of one.
        Acknowledging a change of the notice leaves every decision as it is. Only an account can say that a visitor is
        older than was known. A child's own grant never counts: only their guardian's does. An answer to a purpose is
        one for its services too, but not an `allow` for a service that was refused by name.

        What this notice does not ask stays as it was, for whoever asks it: another release, or another host of the same
        domain. But a refusal ends it, too, if it refuses everything, or the same thing in another meaning. Who has seen
        a newer notice stays one who has. A choice that was carried over was made before this notice: its visitor has
        seen none.
        """
        rule, band, state = ACTIONS[choice.action], read_band(choice.age_band), self
        if choice.surface == "account" or not older(band or "", state.band):
            state = state.with_age_band(band)
        # otherwise the change is still to be announced; "again" is a question that says what has changed
        saw_notice = rule.saw_notice or choice.surface == "again" or not state.notice
        saw_notice = saw_notice and choice.surface != "carried"
        seen = next((each for each in others if state.notice and each.digest.startswith(state.notice)), None)
        saw_notice = saw_notice and not (seen and seen.is_newer_than(notice))
        decisions = (
            state.decisions if choice.action == "acknowledge" else state._decisions_after(choice, notice, others)
        )
        return State(
            subject=choice.subject,
            seq=choice.seq,
            time=choice.time // 1000,
            notice=choice.notice[:8] if saw_notice else state.notice,
            decisions=decisions,
            band=state.band,
        )

    def _decisions_after(self, choice: Choice, notice: Notice, others: Collection[Notice]) -> Mapping[str, Decision]:
        today = day_of(choice.time)
        granted = Decision(True, choice.valid_until)
        denied = Decision(False, max(choice.valid_until, today + region_of(choice.region, today).refusal_days))
        withdraws, signal = ACTIONS[choice.action].withdraws, "gpc" in choice.signals
        confirms, stood = CONFIRMS in choice.signals, self.confirmed(today)
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
            confirmed = stood or (confirms and answer)
            if decision and decision.granted and signal and option.purpose.gpc_opt_out and not confirmed:
                decision = None if option.service else denied
            if decision:
                decisions[option.fingerprint] = decision
        if confirms or stood:
            covered = {key: option.fingerprint for key, option in notice.options.items() if option.purpose.gpc_opt_out}
            unconfirmed = not signal and any(choice.purposes.get(key) for key in covered)
            on = any(tag in decisions and decisions[tag].granted for tag in covered.values())
            if on and (confirms or not unconfirmed):
                decisions[CONFIRMED] = granted if confirms else self.decisions[CONFIRMED]
        carried = self._carried(choice, notice, others, denied)
        return decisions | dict(carried[: MAX_OPTIONS - len(decisions)])

    def _carried(
        self, choice: Choice, notice: Notice, others: Collection[Notice], denied: Decision
    ) -> list[tuple[str, Decision]]:
        """What `notice` does not ask, after `choice`: first what is valid longest, as there may not be room for all."""
        today, own = day_of(choice.time), {CONFIRMED, *notice.meanings}
        carried = {tag: each for tag, each in self.decisions.items() if tag not in own and today <= each.until}
        for tag, each in carried.items():
            option = next((other.meanings[tag] for other in others if tag in other.meanings), None)
            names = (option.key, option.purpose.id) if option and option.service else (option.key,) if option else ()
            refused = any(choice.purposes.get(name) is False for name in names)
            # the signal itself reaches whoever asks for the unknown; a press on "Do not sell or share" does not, and
            # what was confirmed in spite of the signal was nothing unknown
            opts_out = {choice.action, *choice.signals} & {"opt_out", CONFIRMS} or (option and "gpc" in choice.signals)
            opted_out = opts_out and (option is None or option.purpose.gpc_opt_out)
            if each.granted and (refused or opted_out or ACTIONS[choice.action].withdraws):
                carried[tag] = denied
        return sorted(carried.items(), key=lambda item: item[1].until, reverse=True)


def base36(number: int) -> str:
    """A whole number in base 36, as tokens write it."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"
