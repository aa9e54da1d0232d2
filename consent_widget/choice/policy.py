"""What a visitor's decisions permit now. static/src/core/policy.js says the same, and one table of cases tests both
(tests/choice/policy_cases.json).
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from ..notice.model import Notice
from ..notice.options import Option, option_key, service_key
from ..regions import Region, region_of
from .age import MINORS
from .state import Decision, State


def decision(option: Option, state: State | None, today: int) -> Decision | None:
    """The valid decision on an option, or None while it is undecided or has expired."""
    latest = state.decisions.get(option.fingerprint) if state else None
    return latest if latest and today <= latest.until else None


def standing(notice: Notice, option: Option, state: State | None, today: int) -> Decision | None:
    """The decision that counts for an option: its own, else for a service that of its purpose."""
    own = decision(option, state, today)
    return decision(notice.options[option.purpose.id], state, today) if own is None and option.service else own


def signal_stops(option: Option, state: State | None, today: int, *, gpc: bool) -> bool:
    """Does the browser's opt-out signal keep this off? Not where the visitor has allowed it in spite of the signal."""
    if not (gpc and option.purpose.gpc_opt_out):
        return False
    found = decision(option, state, today) if state and state.confirmed(today) else None
    return not (found and found.granted)


def starts_on(notice: Notice, region: Region, band: str, *, asks_first: bool) -> frozenset[str]:
    """The options that are on in this region until a visitor's first answer to anything: those that its law does not
    make a site ask about first. None on a site that asks everybody first for another reason (Settings.asks_first).
    """
    if region.model == "opt_in" or asks_first or band:
        return frozenset()
    return frozenset(
        purpose.id
        for purpose in notice.purposes
        if purpose.exemption or (region.model == "opt_out" and purpose.opt_out)
    )


def permits(
    notice: Notice, state: State | None, purpose: str, *, gpc: bool, today: int, recipient: str | None = None,
    service: str | None = None, on: Container[str] = (),
) -> bool:  # fmt: skip
    """May the site do this now? For a purpose with separate consent: towards this recipient. With `service`: may that
    one do it, whose own answer comes before the purpose's. `on` are the options that are on before a first answer
    (starts_on). False for an id that the notice does not have.
    """
    declared = notice.purpose(purpose)
    if declared is None:
        return False
    option = notice.options.get(option_key(purpose, recipient))
    if declared.control == "always_on" and not (option and state and state.band == "child"):
        return recipient is None
    if option is None or (gpc and declared.gpc_opt_out and not (state and state.confirmed(today))):
        return False
    if state and state.band in MINORS and option.for_adults:
        return False
    if not (state and state.decisions):
        return option.key in on
    own = notice.options.get(service_key(purpose, service)) if service else None
    current = standing(notice, own or option, state, today)
    return current is not None and current.granted


def permits_service(
    notice: Notice, state: State | None, service: str, *, gpc: bool, today: int, on: Container[str] = ()
) -> bool:
    """May this vendor's script run? All its purposes must be granted, to it alone or to everybody, and its recipient
    where it has one. False for an id that the notice does not have.
    """
    declared = next((candidate for candidate in notice.services if candidate.id == service), None)
    if declared is None:
        return False

    def permitted(purpose: str, recipient: str | None = None) -> bool:
        return permits(notice, state, purpose, gpc=gpc, today=today, recipient=recipient, service=service, on=on)

    if declared.recipient is None:
        return all(map(permitted, declared.purposes))
    separate = {purpose.id for purpose in notice.purposes if purpose.consent == "separate"}
    return all(
        permitted(purpose, declared.recipient) and (purpose in separate or permitted(purpose))
        for purpose in declared.purposes
    )


def undecided(
    notice: Notice, state: State | None, today: int, locked: Container[str] = frozenset()
) -> tuple[Option, ...]:
    """The options of the preference centre that have no valid answer. The site asks again while there are any.
    Consent towards a named recipient is left out: the site never asks for it by itself. A visitor who has decided
    before is not asked about what is `locked` for them: there would be only one answer.
    """
    left_out = locked if state and state.decisions else ()
    return tuple(
        option
        for option in notice.options.values()
        if option.is_asked and option.key not in left_out and decision(option, state, today) is None
    )


def choice_due(
    notice: Notice, state: State | None, today: int, *, asks_age: bool, locked: Container[str] = frozenset()
) -> bool:
    """Must the visitor be asked? For a choice; or, where the widget `asks_age`, for their age, which matters only while
    something of this notice is granted: a visitor who has refused everything is not asked.
    """
    current = (decision(option, state, today) for option in notice.options.values())
    asked = undecided(notice, state, today, locked)
    return bool(asked) or (asks_age and any(each and each.granted for each in current))


def barred(notice: Notice, band: str | None) -> frozenset[str]:
    """The options that are off for this age band, whoever grants them."""
    if band not in MINORS:
        return frozenset()
    return frozenset(key for key, option in notice.options.items() if option.for_adults)


def locked(notice: Notice, band: str | None, *, gpc: bool) -> frozenset[str]:
    """The options that this visitor cannot grant now: because of the browser's opt-out signal or their age. A child can
    grant none.
    """
    if band == "child":
        return frozenset(notice.options)
    if not gpc and band not in MINORS:
        return frozenset()
    opted_out = {key for key, option in notice.options.items() if gpc and option.purpose.gpc_opt_out}
    return barred(notice, band) | opted_out


def forced_off(
    notice: Notice, purposes: Mapping[str, bool], stopped: Container[str], band: str | None = None
) -> dict[str, bool]:
    """The answers, with what the browser's opt-out signal has `stopped` or the visitor's age forbids set to denied."""
    off = barred(notice, band)
    return {key: granted and key not in off and key not in stopped for key, granted in purposes.items()}


def lifetime(notice: Notice, region: str, granted: bool) -> int:
    """For how many days an answer is valid."""
    return notice.lifetime_days if granted else max(notice.lifetime_days, region_of(region).refusal_days)
