"""What a visitor's choices permit now. Pure functions; static/src/core/policy.js says the same, and one
table of cases tests both (tests/policy_cases.json).
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..days import DAY
from ..notice.model import Notice, Option
from .act import Choice, Submission, hashed
from .actions import ACTIONS
from .age import MINORS, older, read_band

DIGITS = string.digits + string.ascii_lowercase
#: In the US, who has refused is not asked again for twelve months (Civ. Code 1798.135(c)(4)).
REFUSAL_IN_US = 365
#: How a browser names the state in which nothing was chosen yet.
NOTHING = "0"
#: No cookie of ours lasts longer, whatever it holds.
MAX_COOKIE_DAYS = 395


class Decision(NamedTuple):
    """Granted or denied, valid through the day `until` (days since 1970, UTC)."""

    granted: bool
    until: int


class State(NamedTuple):
    """All that a subject has decided so far, by the tag of each option.

    A tag is a fingerprint of what was agreed to, so a purpose whose meaning changed is simply
    unasked again while all others stand. `band` is how old the subject is, where that is known.
    """

    subject: str
    seq: int = 0
    time: int = 0
    notice: str = ""
    decisions: Mapping[str, Decision] = MappingProxyType({})
    band: str = ""

    @property
    def id(self) -> str:
        """Names this state: whose it is, and how many acts have led to it. An act says by it what it was made on."""
        return f"{self.subject}.{base36(self.seq)}"


def base36(number: int) -> str:
    """A whole number in base 36, as tokens write it."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"


def decision(option: Option, state: State | None, today: int) -> Decision | None:
    """The valid decision on an option, or None while it is unasked or expired."""
    found = state.decisions.get(option.fingerprint) if state else None
    return found if found and today <= found.until else None


def with_age_band(state: State, band: str | None) -> State:
    """The state of a subject who is now known to be in `band`. Becoming a child, and being one no longer, begins anew:
    so what stands in the state of a child is his guardian's word, and nobody else's.
    """
    if not band or band == state.band:
        return state
    anew = "child" in (band, state.band)
    return state._replace(band=band, decisions={} if anew else state.decisions)


def barred(notice: Notice, band: str | None) -> frozenset[str]:
    """The options that are off for whoever is in `band`, whoever grants them."""
    return frozenset(key for key, option in notice.options.items() if band in MINORS and option.for_adults)


def days_left(state: State, today: int) -> int:
    """For how many days from now something in this state stands."""
    return min(
        max((each.until - today for each in state.decisions.values() if today <= each.until), default=0),
        MAX_COOKIE_DAYS,
    )


def permits(
    notice: Notice, state: State | None, purpose: str, *, gpc: bool, today: int, recipient: str | None = None
) -> bool:
    """May the site do this now? For a purpose with separate consent: towards this recipient."""
    known = notice.purpose(purpose)
    if known is None:
        return False
    if known.control == "always_on":
        return recipient is None
    if gpc and known.gpc_opt_out:
        return False
    if state and state.band in MINORS and known.minors == "off":
        return False
    option = notice.options.get(f"{purpose}:{recipient}" if recipient else purpose)
    found = decision(option, state, today) if option else None
    return found is not None and found.granted


def permits_service(notice: Notice, state: State | None, service: str, *, gpc: bool, today: int) -> bool:
    """May this vendor's tag run? All its purposes must be granted, and its recipient where it has one."""
    known = next((each for each in notice.services if each.id == service), None)
    if known is None:
        return False

    def permitted(purpose: str, recipient: str | None = None) -> bool:
        return permits(notice, state, purpose, gpc=gpc, today=today, recipient=recipient)

    separate = {purpose.id for purpose in notice.purposes if purpose.consent == "separate"}
    return all(
        (permitted(purpose, known.recipient) if known.recipient else purpose not in separate)
        and (purpose in separate or permitted(purpose))
        for purpose in known.purposes
    )


def unasked(notice: Notice, state: State | None, today: int) -> tuple[Option, ...]:
    """The options of the preference centre that still wait for an answer. What needs separate
    consent never makes the site ask by itself.
    """
    return tuple(
        option
        for option in notice.options.values()
        if option.in_bulk and option.recipient is None and decision(option, state, today) is None
    )


def forced_off(notice: Notice, purposes: Mapping[str, bool], gpc: bool, band: str | None = None) -> dict[str, bool]:
    """The answers with the browser's opt-out signal (GPC) and the visitor's age applied: what they forbid is denied."""
    off = barred(notice, band)
    return {
        key: granted and key not in off and not (gpc and notice.options[key].purpose.gpc_opt_out)
        for key, granted in purposes.items()
    }


def lifetime(notice: Notice, region: str, granted: bool) -> int:
    """How many days an answer lasts."""
    return notice.lifetime_days if granted else max(notice.lifetime_days, _refusal(region))


def _refusal(region: str) -> int:
    return REFUSAL_IN_US if region.split("-")[0] == "US" else 0


def make_choice(
    said: Submission, notice: Notice, state: State, *, gpc: bool, now_ms: int, site: str = "", region: str = "",
    age_band: str | None = None,
) -> Choice:  # fmt: skip
    """The choice to keep for what was submitted, after `state`. It is valid until its first answer ends."""
    purposes = forced_off(notice, said.purposes, gpc or said.gpc, read_band(age_band))
    signals = (("gpc",) if gpc or said.gpc else ()) + (("scripted",) if said.scripted else ())
    return Choice(
        subject=state.subject,
        seq=state.seq + 1,
        time=now_ms,
        notice=said.notice,
        locale=said.locale,
        action=said.action,
        surface=said.surface,
        purposes=purposes,
        valid_until=now_ms // 1000 // DAY + lifetime(notice, region, any(purposes.values())),
        key=hashed(said.key),
        signals=signals,
        age_band=age_band,
        site=site,
        region=region,
    )


def after(state: State, choice: Choice, notice: Notice) -> State:
    """The state once `choice` is kept, with what it says of the visitor's age heeded. Refusing everything also ends
    what was granted on the way, and the browser's opt-out signal, which speaks for the person, what it forbids (11 CCR
    7025). Acknowledging a change, also one that lies ahead, leaves every decision as it is.

    Only the account can say that somebody is older than is known, and a child's own agreement counts for nothing,
    whatever process has kept it: only their guardian's does.
    """
    band = read_band(choice.age_band)
    if choice.surface == "account" or not older(band or "", state.band):
        state = with_age_band(state, band)
    alone = state.band == "child" and choice.actor == "subject"
    if choice.action == "acknowledge":
        return state._replace(
            subject=choice.subject, seq=choice.seq, time=choice.time // 1000, notice=choice.notice[:8]
        )
    today = choice.time // 1000 // DAY
    withdraws = ACTIONS[choice.action].withdraws
    tags = {option.fingerprint for option in notice.options.values()}
    kept = {
        tag: each
        for tag, each in state.decisions.items()
        if tag in tags and today <= each.until and not (withdraws and each.granted)
    }
    refused_until = max(choice.valid_until, today + _refusal(choice.region))
    new = {
        notice.options[key].fingerprint: Decision(granted, choice.valid_until if granted else refused_until)
        for key, granted in choice.purposes.items()
        if not (granted and alone)
    }
    signal = "gpc" in choice.signals
    off = {option.fingerprint for option in notice.options.values() if signal and option.purpose.gpc_opt_out}
    decisions = {
        tag: Decision(False, refused_until) if tag in off and each.granted else each
        for tag, each in {**kept, **new}.items()
    }
    saw_notice = ACTIONS[choice.action].saw_notice or not state.notice  # otherwise the change is still to be announced
    return State(
        subject=choice.subject,
        seq=choice.seq,
        time=choice.time // 1000,
        notice=choice.notice[:8] if saw_notice else state.notice,
        decisions=decisions,
        band=state.band,
    )
