"""Records what a visitor's account says about their age: a record that is no act of the visitor."""

from __future__ import annotations

from contextlib import suppress

from flask import request

from ..choice.act import Choice
from ..choice.actions import Action
from ..choice.age import Band
from ..choice.state import State
from ..errors import NotSaved, StateMoved
from ..site.site import Site
from ..subject.records import History, state_after_erasure
from ..subject.storing import make_site_choice, state_after, store_choice, store_errors_as_not_saved, stored_state
from .consent import consent
from .unpressed import unpressed

AGE_ACTIONS: dict[Band, Action] = {"child": "age_child", "teen": "age_teen", "adult": "age_adult"}


def record_account_age(site: Site, history: History | None = None) -> None:
    """Record the age band of the visitor's account where their cookie says something else, so that answers by subject
    know it too. Stores nothing if the visitor has not chosen yet, or if the records already say it. `history` is the
    visitor's, where the caller has it.
    """
    state, band = consent.state, consent.account_band
    if not (state and band) or consent.cookie_band == band:
        return
    history = history or History(site, state.subject)
    with suppress(NotSaved, StateMoved):  # recorded with the next page; the account counts in any case
        if _recorded_band(history) != band:
            if not site.limit.wait(request.remote_addr):  # a record costs as much by GET as by POST
                history.choices.append(_record(site, state, band))
        elif (current := stored_state(site, state.subject, history.choices)) and current.seq >= state.seq:
            _go_on_as(current, band)


def recorded_child(site: Site) -> str:
    """The subject of a visitor who is a child, with a record that a guardian can act on. NotSaved if that fails."""
    state = consent.state or consent.new_state()
    if _recorded_band(History(site, state.subject)) == "child":
        return state.subject
    try:
        _record(site, state, "child")
    except StateMoved:  # erased: a child goes on as a new subject
        _record(site, state_after_erasure(state), "child")
    return consent.state.subject if consent.state else state.subject


def _recorded_band(history: History) -> Band | None:
    with store_errors_as_not_saved():
        return history.age_band


def _record(site: Site, state: State, band: Band) -> Choice:
    submission = unpressed(site, AGE_ACTIONS[band], "account", {})
    stored, _ = store_choice(site, make_site_choice(site, submission, state, band, more=consent.signals))
    _go_on_as(state_after(site, state, stored, new=True), band)
    return stored


def _go_on_as(state: State, band: Band) -> None:
    consent.cookie_band = band
    consent.go_on_as(state)
