"""Records once, and not with each page, that the browser's opt-out signal (GPC) has ended what its visitor allowed."""

from __future__ import annotations

from contextlib import suppress

from flask import request

from ..choice.policy import decision, signal_stops
from ..choice.state import State
from ..choice.submission import answers_from_form
from ..days import today
from ..errors import NotSaved, StateMoved
from ..site.site import Site
from ..subject.records import History
from ..subject.storing import make_site_choice, state_after, store_choice, store_errors_as_not_saved, stored_state
from ..ui.view import has_opt_outs
from .consent import consent
from .unpressed import unpressed


def record_signal(site: Site) -> None:
    """Record the opt-out of a visitor whose browser sends the signal and whose state still grants what it covers. The
    signal is an opt-out of that visitor, and not only of that browser (11 CCR 7025(c)(1)): jobs that ask by subject,
    and other browsers of their account, have to know it: so it is recorded for an account also where nobody has
    decided yet. For everybody else nothing is stored, nor asked of the store.
    """
    if not consent.gpc or not has_opt_outs(site.notice):
        return
    if consent.account and not _refuses_what_is_covered(site, consent.state):
        with suppress(NotSaved, StateMoved):
            if not site.limit.wait(request.remote_addr):
                _record(site, consent.state or consent.new_state())
        return
    state = consent.state
    if not (state and _grants_what_is_covered(site, state)):
        return
    with suppress(NotSaved, StateMoved):  # recorded with the next page; the signal counts in any case
        with store_errors_as_not_saved():
            choices = History(site, state.subject).choices if hasattr(site.store, "history") else None
        current = stored_state(site, state.subject, choices)
        if current and current.seq >= state.seq and not _grants_what_is_covered(site, current):
            consent.go_on_as(current)  # another browser of theirs was first
        elif not site.limit.wait(request.remote_addr):  # a record costs as much by GET as by POST
            _record(site, state)


def _grants_what_is_covered(site: Site, state: State) -> bool:
    """Does this state still grant what the signal stops? What was confirmed in spite of the signal is not stopped."""
    covered = (each for each in site.notice.options.values() if signal_stops(each, state, today(), gpc=True))
    return any((found := decision(option, state, today())) and found.granted for option in covered)


def _refuses_what_is_covered(site: Site, state: State | None) -> bool:
    """Has the account's state an answer to all that the signal covers, and none that the signal would stop?"""
    if state is None or _grants_what_is_covered(site, state):
        return False
    covered = (each for each in site.notice.options.values() if each.purpose.gpc_opt_out and not each.service)
    return all(decision(option, state, today()) for option in covered)


def _record(site: Site, state: State) -> None:
    submission = unpressed(site, "opt_out", "signal", answers_from_form(site.notice, "opt_out", (), ()))
    stored, _ = store_choice(
        site, make_site_choice(site, submission, state, state.band, gpc=True, more=consent.signals)
    )
    consent.go_on_as(state_after(site, state, stored, new=True))
