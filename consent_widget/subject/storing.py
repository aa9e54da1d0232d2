"""Makes the record of one choice, stores it, announces it to the site's code, and tells the state after it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from flask import current_app

from ..choice.act import Actor, Choice, new_key, new_subject, record_id
from ..choice.state import NOTHING, State
from ..choice.submission import Submission, make_choice
from ..days import now_ms
from ..errors import KeyReused, NotSaved, StateMoved, StoreAway, StoreError
from ..signals import choice_recorded
from ..site.beside import notices_beside
from ..site.site import Site
from .endings import announce_ended_now
from .records import History, grants_single_use, read_history, replay_subject, shown_notice


class Stored(NamedTuple):
    """What is stored now. `new` is False where it was before: a retry."""

    choice: Choice
    new: bool


#: The surfaces that look as the site's layout says.
IN_LAYOUT = ("layer", "centre", "bar", "again")


class store_errors_as_not_saved:  # noqa: N801  read as a statement
    """Inside, StoreError becomes NotSaved: visitors are told that nothing was saved. Also for reads before a write."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, StoreError):
            if not isinstance(error, StoreAway):
                current_app.logger.error("A choice could not be saved, or records could not be read: %s", error)
            raise NotSaved("The choice could not be saved. Nothing was switched on; try again shortly.") from None


def make_site_choice(
    site: Site, submission: Submission, state: State, band: str, *, gpc: bool = False, actor: Actor = "subject",
    more: tuple[str, ...] = (), script: str = "",
) -> Choice:  # fmt: skip
    """The record of a submission at this site, made now. `state` and `band` are the visitor's, `gpc` their opt-out
    signal, `more` what else was seen: see `signals` in Choice. `script` names the script that asked, if one did.
    """
    return make_choice(
        submission,
        site.notice,
        state,
        gpc=gpc,
        now_ms=now_ms(),
        site=site.settings.site,
        region=site.region,
        age_band=site.settings.age.written(band) if site.settings.age else None,
        actor=actor,
        more=more,
        script=script,
        layout=site.settings.layout if submission.surface in IN_LAYOUT else "",
    )


def store_choice(site: Site, choice: Choice) -> Stored:
    """Store a choice durably and tell listeners, or raise NotSaved or StateMoved. If its key was used before, returns
    the choice that was stored then.
    """
    with store_errors_as_not_saved():
        stored = site.store.add(choice)
    new = choice.is_stored_as(stored)
    if new:
        _announce_recorded(stored)
        announce_ended_now(site, stored.subject)
    return Stored(stored, new)


def store_submitted(
    site: Site, choice: Choice, visitor: State | None, pressed_on: str | None, history: History
) -> Stored:
    """Store a choice that a visitor submitted, or return the one that their key already stands for: a retry.

    `visitor` is their current state, `pressed_on` names the state that they saw (None: unknown). Refusals are always
    stored. Raises StateMoved if the choice grants something and was pressed on another state. Raises KeyReused if the
    key belongs to another act, or to another subject's grant: the answer would reveal that subject's token.
    """
    if choice.needs_latest_state and pressed_on not in (None, visitor.id if visitor else NOTHING):
        with store_errors_as_not_saved():
            found = history.find(choice.id)
        if found is None:
            raise StateMoved
        stored = Stored(found, new=False)
    else:
        stored = _store_or_restart(site, choice)
    if stored.new:
        return stored
    same_act = stored.choice.same_act_as(choice)
    if same_act and (visitor is None or visitor.subject == stored.choice.subject):
        return stored
    if same_act and not any(choice.purposes.values()):
        return _store_or_restart(site, replace(choice, id=record_id(choice.site, new_key())))
    raise KeyReused("This key already stands for another choice. Use a new key for each act.")


def store_refusals(site: Site, choice: Choice, visitor: State | None) -> State | None:
    """Store what the visitor refused in a choice that came too late (StateMoved), and return their current state. A
    refusal always counts; only what they granted is asked again.
    """
    refused = {key: False for key, granted in choice.purposes.items() if not granted}
    if visitor and refused and choice.action == "save":
        with suppress(StateMoved):  # erased: nothing is left to refuse
            id = record_id(choice.site, choice.id)
            store_choice(site, replace(choice, id=id, action="refuse", purposes=refused))
    if visitor is None or (choices := _history(site, visitor.subject)) is None:
        return visitor  # the store cannot be read
    return caught_up(site, visitor, choices) if choices else None


def state_after(site: Site, state: State, stored: Choice, *, new: bool) -> State:
    """The state after `stored`. Unless it is simply the next act after `state`, the store is asked: an answer must not
    bring back what was refused in the meantime, nor what was used up.
    """
    directly = (stored.subject, stored.seq) == (state.subject, state.seq + 1)
    if new and directly and not grants_single_use(site, state):
        return state.after(stored, site.notice, notices_beside(site, state))
    if state.subject != stored.subject:
        state = State(stored.subject)
    choices = _history(site, stored.subject)
    if choices is None:
        return state.after(stored, site.notice, notices_beside(site, state))
    return caught_up(site, state, choices)


def caught_up(site: Site, cookie: State, choices: list[Choice]) -> State:
    """The state of a visitor by their records (`choices`, oldest first), which their own cookie may be behind, or ahead
    of: see State.heeding. What only another host of the same domain asks is in the cookie alone: it stays as all acts
    leave it that the cookie lacks.
    """
    with store_errors_as_not_saved():
        stored = replay_subject(site, cookie.subject, choices).state.heeding(cookie)
    if not site.settings.cookie_domain:
        return stored
    now, others = cookie, notices_beside(site, cookie)
    for choice in choices:
        if choice.seq > now.seq:
            now = now.after(choice, shown_notice(site, choice.notice) or site.notice, others)
    theirs = {
        tag: each for tag, each in now.decisions.items() if tag in cookie.decisions and tag not in site.notice.meanings
    }
    return stored._replace(decisions={**theirs, **stored.decisions})


def stored_state(site: Site, subject: str, choices: list[Choice] | None = None) -> State | None:
    """The state of a subject by the store (by these `choices` of theirs, if they were read before); None where the
    store cannot be read back.
    """
    with store_errors_as_not_saved():
        return replay_subject(site, subject, choices).state if hasattr(site.store, "history") else None


def _history(site: Site, subject: str) -> list[Choice] | None:
    with store_errors_as_not_saved():
        return read_history(site, subject) if hasattr(site.store, "history") else None


def _store_or_restart(site: Site, choice: Choice) -> Stored:
    """Store a choice. If its subject was erased at this moment, a refusal is stored as that of a new subject."""
    try:
        return store_choice(site, choice)
    except StateMoved:
        if choice.needs_latest_state:
            raise
        return store_choice(site, replace(choice, subject=new_subject(), seq=1))


def _announce_recorded(choice: Choice) -> None:
    try:
        choice_recorded.send(current_app._get_current_object(), choice=choice)  # type: ignore[attr-defined]
    except Exception:  # a listener's fault must not make a stored choice look lost
        current_app.logger.exception("A listener of choice_recorded failed.")
