"""Stores one choice and tells the site's code about it; then says what the subject's state is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from ..choice.act import Choice
from ..choice.state import State
from ..errors import NotSaved, StoreError
from ..signals import choice_recorded
from ..site.site import Site
from .endings import announce_ended_now
from .records import replay_subject


@contextmanager
def store_errors_as_not_saved() -> Iterator[None]:
    """While the store is unavailable, nothing is half done and the visitor is told so: StoreError becomes NotSaved."""
    try:
        yield
    except StoreError as error:
        current_app.logger.error("A choice could not be kept: %s", error)
        raise NotSaved("The choice could not be saved. Nothing was switched on; try again shortly.") from None


def store_choice(site: Site, choice: Choice) -> Choice:
    """Store a choice durably and tell listeners, or raise NotSaved or StateMoved. If its key was used before, returns
    the choice that was stored then.
    """
    with store_errors_as_not_saved():
        stored = site.store.add(choice)
    if stored.id == choice.id:
        _announce_recorded(stored)
        announce_ended_now(site, stored.subject)
    return stored


def state_after(site: Site, state: State, stored: Choice, *, new: bool) -> State:
    """The state after `stored`. Unless it is simply the next act after `state`, the store is asked: an answer must not
    bring back what was refused in the meantime.
    """
    if new and (stored.subject, stored.seq) == (state.subject, state.seq + 1):
        return state.after(stored, site.notice)
    if state.subject != stored.subject:
        state = State(stored.subject)
    return stored_state(site, stored.subject) or state.after(stored, site.notice)


def stored_state(site: Site, subject: str, choices: list[Choice] | None = None) -> State | None:
    """The state of a subject by the store (by these `choices` of theirs, if they were read before); None where the
    store cannot be read back.
    """
    with store_errors_as_not_saved():
        return replay_subject(site, subject, choices).state if hasattr(site.store, "history") else None


def _announce_recorded(choice: Choice) -> None:
    try:
        choice_recorded.send(current_app._get_current_object(), choice=choice)  # type: ignore[attr-defined]
    except Exception:  # a listener's fault must not make a stored choice look lost
        current_app.logger.exception("A listener of choice_recorded failed.")
