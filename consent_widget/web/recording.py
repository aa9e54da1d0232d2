"""The way of one choice on the server: checked, durably kept, told to listeners, signed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import after_this_request, current_app, request

from ..choice.act import Choice, grants, hashed, new_key, new_subject
from ..choice.actions import Action
from ..choice.age import Band, older
from ..choice.policy import barred
from ..choice.state import NOTHING, State
from ..choice.submission import Submission, make_choice, parse
from ..days import today
from ..errors import (
    AgeNeeded,
    GuardianNeeded,
    InvalidPayload,
    KeyReused,
    NotPressed,
    NotSaved,
    RateLimited,
    StateMoved,
    StoreError,
)
from ..notice.model import Notice
from ..signals import choice_recorded
from ..subject.endings import announce_ended_now
from ..subject.records import history, last_age_band, replay_subject, was_erased
from .consent import consent, set_consent_cookie

if TYPE_CHECKING:
    from ..site.site import Site


AGE_ACTS: dict[Band, Action] = {"child": "age_child", "teen": "age_teen", "adult": "age_adult"}
#: For so long a retry is answered with the visitor's token though it comes without one: the first answer was lost.
#: Later only the record is confirmed, so that a key found somewhere opens nothing.
RETRY_MS = 3_600_000


@dataclass(frozen=True)
class Recorded:
    """A choice that is kept, the notice it answers, the state after it, and that state signed. Not `new`: a retry.
    Without a `token`: a retry that comes too late to show whose it is.
    """

    choice: Choice
    notice: Notice
    state: State
    token: str
    new: bool


def record_choice(site: Site, raw: object) -> Recorded:
    """Record what was submitted, or raise the Problem to answer with. Nothing is half done: no token without a durable
    record. After StateMoved, `consent.state` is how the visitor's choices stand.
    """
    told = raw if isinstance(raw, dict) else {}
    acknowledging = told.get("action") == "acknowledge"
    notice = site.acknowledged(told.get("notice")) if acknowledging else site.notice
    token = told.get("token")
    known = consent.state or (site.token_signer.read(token) if isinstance(token, str) else None)
    band = _known_band(site, known)
    said = parse(raw, notice, barred(notice, band))
    band = _heed_age(site, said, band)
    if said.scripted and grants(said.action, said.purposes) and not site.settings.scripted_grants:
        raise NotPressed("A script pressed this. Only a person can grant.")
    if wait := site.limit.wait(request.remote_addr):
        raise RateLimited("Too many choices from one place. Try again later.", wait)
    if consent.state:
        record_account_age(site)
        known = consent.state
    before, known = known, _unforgotten(site, known)
    if acknowledging and known is None:
        raise InvalidPayload("acknowledge is for a visitor who has chosen before. This one has no choice on record.")
    state = known or State(subject=new_subject())
    choice = make_choice(
        said,
        site.notice,
        state,
        gpc=consent.gpc,
        now_ms=time.time_ns() // 1_000_000,
        site=site.settings.site,
        region=site.settings.region,
        age_band=site.settings.age.written(band) if site.settings.age else None,
    )
    try:
        # whose records were erased pressed on what is gone, whether or not the browser says so
        kept = _add_or_answer(site, choice, known, before.id if before and known != before else said.after)
    except StateMoved:
        if choice.opens:
            consent.state = _keep_refusals(site, choice, known)
            raise
        state = _begun_anew(state)  # erased at this moment: a refusal counts all the same
        kept = store_choice(site, replace(choice, subject=state.subject, seq=1))
    new = kept.id == choice.id
    late = not new and not (known and known.subject == kept.subject) and choice.time - kept.time > RETRY_MS
    state = _state_after(site, state, kept, new)
    if not late:
        consent.state = state
    return Recorded(kept, notice, state, "" if late else site.token_signer.write(state), new)


def _unforgotten(site: Site, known: State | None) -> State | None:
    """Who is known to the store, too. Of one who was erased meanwhile no more counts than that they are a child."""
    with _stored():
        if known is None or not was_erased(site, known.subject):
            return known
    return _begun_anew(known) if known.band == "child" else None


def _begun_anew(state: State) -> State:
    return State(new_subject(), band=state.band if state.band == "child" else "")


def _state_after(site: Site, state: State, kept: Choice, new: bool) -> State:
    """The state once `kept` is kept. Where that is not simply the next act after `state`, the store says: an answer
    must not bring back what was refused meanwhile.
    """
    if new and (kept.subject, kept.seq) == (state.subject, state.seq + 1):
        return state.after(kept, site.notice)
    return _standing(site, kept.subject) or (state if state.subject == kept.subject else State(kept.subject)).after(
        kept, site.notice
    )


def _standing(site: Site, subject: str) -> State | None:
    with _stored():
        return replay_subject(site, subject).state if hasattr(site.store, "history") else None


def _keep_refusals(site: Site, choice: Choice, known: State | None) -> State | None:
    """How it stands for a visitor whose act came too late, once what they refused in it one by one counts: a refusal
    always does, and only what they granted is asked again.
    """
    refused = {key: False for key, granted in choice.purposes.items() if not granted}
    if known and refused and choice.action == "save":
        with suppress(StateMoved):  # erased: nothing is left to refuse
            key = hashed(choice.key)
            store_choice(site, replace(choice, id=str(uuid.uuid4()), action="refuse", purposes=refused, key=key))
    now = _standing(site, known.subject) if known else None
    if now is None or (known and now.subject and now.seq < known.seq):  # a restored backup knows less than the cookie
        return known
    return now if now.subject else None


@contextmanager
def _stored() -> Iterator[None]:
    """Where the store fails inside, nothing is half done, and the visitor is told so."""
    try:
        yield
    except StoreError as error:
        current_app.logger.error("A choice could not be kept: %s", error)
        raise NotSaved("The choice could not be saved. Nothing was switched on; try again shortly.") from None


def store_choice(site: Site, choice: Choice) -> Choice:
    """Keep a choice durably and tell listeners, or raise NotSaved. Where its key is known, the choice of then."""
    with _stored():
        kept = site.store.add(choice)
    if kept.id == choice.id:
        _tell(kept)
        announce_ended_now(site, kept.subject)
    return kept


def record_account_age(site: Site) -> None:
    """Record what the account says of a known visitor's age where their cookie says otherwise, so that answers by
    subject know it too. Nothing is stored for a visitor who has not chosen yet, nor what the records say already.
    """
    state, band = consent.state, consent.account
    if not (state and band) or consent.cookie_band == band:
        return
    with suppress(NotSaved, StateMoved):  # recorded with the next page; meanwhile the account counts anyway
        if not hasattr(site.store, "history") or _last_band(site, state.subject) != band:
            if not site.limit.wait(request.remote_addr):  # a record costs as much by GET as by POST
                record_age_band(site, state, band)
        elif (now := _standing(site, state.subject)) and now.seq >= state.seq:
            _hold(site, now, band)


def recorded_child(site: Site) -> str:
    """The subject of a visitor who is a child, by a record that a guardian can act on. NotSaved while that fails."""
    state = consent.state or State(subject=new_subject())
    if _last_band(site, state.subject) == "child":
        return state.subject
    try:
        record_age_band(site, state, "child")
    except StateMoved:  # erased: a child begins anew as one
        record_age_band(site, _begun_anew(state), "child")
    return consent.state.subject if consent.state else state.subject


def record_age_band(site: Site, state: State, band: Band) -> None:
    """Record, by no act of the visitor, how old he is, and let his cookie say it."""
    choice = Choice(
        subject=state.subject,
        seq=state.seq + 1,
        time=time.time_ns() // 1_000_000,
        notice=site.notice.digest,
        locale=site.locale(),
        action=AGE_ACTS[band],
        surface="account",
        purposes={},
        valid_until=today() + site.notice.lifetime_days,
        key=new_key(),
        age_band=site.settings.age.written(band) if site.settings.age else None,
        site=site.settings.site,
        region=site.settings.region,
    )
    _hold(site, _state_after(site, state, store_choice(site, choice), True), band)


def _hold(site: Site, state: State, band: Band) -> None:
    """From now on in this request, and in the cookie."""
    consent.state, consent.cookie_band = state, band
    after_this_request(lambda response: set_consent_cookie(response, site, consent.state or state))


def _last_band(site: Site, subject: str) -> Band | None:
    with _stored():
        return last_age_band(site, subject)


def _known_band(site: Site, state: State | None) -> str:
    """What the account says, else the subject: as it is recorded, so that an older cookie makes nobody grow up."""
    if site.settings.age is None or state is None:
        return consent.account or ""
    return consent.account or _last_band(site, state.subject) or state.band


def _heed_age(site: Site, said: Submission, band: str) -> str:
    """How old the visitor is once this counts; or the Problem, where somebody of that age cannot say it."""
    told = said.action.removeprefix("age_") if said.action.startswith("age_") else ""
    granting = any(said.purposes.values())
    if told and not (site.settings.age and site.settings.age.ask):
        raise InvalidPayload(f"{said.action} is for sites that ask how old a visitor is (CONSENT_AGE).")
    if band == "child" and (granting or older(told, band)):
        raise GuardianNeeded("A child agrees to nothing alone, and stays one here. A guardian can agree.")
    if older(told, band):
        raise InvalidPayload("The age group is known. Only the visitor's account can say that they are older.")
    if granting and site.asks_age(band):
        raise AgeNeeded("Say how old the visitor is (age_child, age_teen, age_adult) before anything is granted.")
    return consent.account or told or band


def _add_or_answer(site: Site, choice: Choice, known: State | None, after: str | None) -> Choice:
    """`choice`, or what is kept under its key. That is answered with its subject's token, so whoever is `known` as
    somebody else does not get it: their grant is turned away, and their refusal, never given up, is their own act.
    StateMoved where it opens something and was pressed `after` another state than the visitor's own of now.
    """
    if choice.opens and after not in (None, known.id if known else NOTHING):
        kept = _earlier(site, known, choice)
    else:
        kept = store_choice(site, choice)
    own = known is None or known.subject == kept.subject
    if kept.id == choice.id or (own and kept.same_act_as(choice)):
        return kept
    if kept.same_act_as(choice) and not any(choice.purposes.values()):
        return store_choice(site, replace(choice, key=hashed(new_key())))
    raise KeyReused("This key already stands for another choice. Use a new key for each act.")


def _earlier(site: Site, known: State | None, choice: Choice) -> Choice:
    """The choice of a visitor that is kept under the same key, or StateMoved."""
    if known and hasattr(site.store, "history"):
        with _stored():
            for kept in history(site, known.subject):
                if kept.key == choice.key:
                    return kept
    raise StateMoved


def _tell(choice: Choice) -> None:
    try:
        choice_recorded.send(current_app._get_current_object(), choice=choice)  # type: ignore[attr-defined]
    except Exception:  # a listener's fault must not make a kept choice look lost
        current_app.logger.exception("A listener of choice_recorded failed.")
