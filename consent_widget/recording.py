"""The way of one choice on the server: checked, durably kept, told to listeners, signed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import after_this_request, current_app, request

from . import policy
from .age import Band
from .archive import forgotten, last_band, standing
from .choice import Action, Choice, Submission, grants, new_key, new_subject, parse
from .consent import consent, keep
from .ending import tell_at_once
from .errors import AgeNeeded, GuardianNeeded, InvalidPayload, KeyReused, NotPressed, NotSaved, RateLimited, StoreError
from .notice import Notice
from .policy import State
from .signals import choice_recorded

if TYPE_CHECKING:
    from .site import Site


AGE_ACTS: dict[Band, Action] = {"child": "age_child", "teen": "age_teen", "adult": "age_adult"}


@dataclass(frozen=True)
class Recorded:
    """A choice that is kept, the notice it answers, the state after it, and that state signed. Not `new`: a retry."""

    choice: Choice
    notice: Notice
    state: State
    token: str
    new: bool


def record(site: Site, raw: object) -> Recorded:
    """Record what was submitted, or raise the Problem to answer with. Nothing is half done:
    no token without a durable record.
    """
    told = raw if isinstance(raw, dict) else {}
    acknowledging = told.get("action") == "acknowledge"
    notice = site.acknowledged(told.get("notice")) if acknowledging else site.notice
    token = told.get("token")
    known = consent.state or (site.seal.read(token) if isinstance(token, str) else None)
    band = _known_band(site, known)
    said = parse(raw, notice, policy.barred(notice, band))
    band = _heed_age(site, said, band)
    if said.scripted and grants(said.action, said.purposes) and not site.settings.scripted_grants:
        raise NotPressed("A script pressed this. Only a person can grant.")
    if wait := site.limit.wait(request.remote_addr):
        raise RateLimited("Too many choices from one place. Try again later.", wait)
    known = _unforgotten(site, known)
    if acknowledging and known is None:
        raise InvalidPayload("acknowledge is for a visitor who has chosen before. This one has no choice on record.")
    state = known or State(subject=new_subject())
    choice = policy.record(
        said,
        site.notice,
        state,
        gpc=consent.gpc,
        now_ms=time.time_ns() // 1_000_000,
        site=site.settings.site,
        region=site.settings.region,
        age_band=site.settings.age.written(band) if site.settings.age else None,
    )
    kept = _add_or_answer(site, choice, known)
    if kept.id != choice.id:  # a retry: its answer must not undo what was chosen since
        state = _standing(site, kept) or policy.after(known or State(kept.subject), kept, site.notice)
    else:
        state = policy.after(state, kept, site.notice)
    consent.state = state
    return Recorded(kept, notice, state, site.seal.write(state), kept.id == choice.id)


def _unforgotten(site: Site, known: State | None) -> State | None:
    """Who is known to the store, too. Of one who was erased meanwhile no more counts than that he is a child."""
    with _stored():
        if known is None or not forgotten(site, known.subject):
            return known
    return State(new_subject(), band=known.band) if known.band == "child" else None


def _standing(site: Site, kept: Choice) -> State | None:
    with _stored():
        return standing(site, kept.subject).state if hasattr(site.store, "history") else None


@contextmanager
def _stored() -> Iterator[None]:
    """Where the store fails inside, nothing is half done, and the visitor is told so."""
    try:
        yield
    except StoreError as error:
        current_app.logger.error("A choice could not be kept: %s", error)
        raise NotSaved("The choice could not be saved. Nothing was switched on; try again shortly.") from None


def add(site: Site, choice: Choice) -> Choice:
    """Keep a choice durably and tell listeners, or raise NotSaved. Where its key is known, the choice of then."""
    with _stored():
        kept = site.store.add(choice)
    if kept.id == choice.id:
        _tell(kept)
        tell_at_once(site, kept.subject)
    return kept


def follow_account(site: Site) -> None:
    """Record what the account says of a known visitor's age where his cookie says otherwise, so that answers by subject
    know it too. Of who has not chosen yet nothing is kept.
    """
    if consent.account and consent.state and consent.told_band != consent.account:
        with suppress(NotSaved):  # noted with the next page; meanwhile the account counts anyway
            record_band(site, consent.state, consent.account)


def known_child(site: Site) -> str:
    """The subject of a visitor who is a child, by a record that a guardian can act on. NotSaved while that fails."""
    state = consent.state or State(subject=new_subject())
    with _stored():
        known = last_band(site, state.subject)
    if known != "child":
        record_band(site, state, "child")
    return state.subject


def record_band(site: Site, state: State, band: Band) -> None:
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
        valid_until=policy.today() + site.notice.lifetime_days,
        key=new_key(),
        age_band=site.settings.age.written(band) if site.settings.age else None,
        site=site.settings.site,
        region=site.settings.region,
    )
    consent.state = now = policy.after(state, add(site, choice), site.notice)
    consent.told_band = band
    after_this_request(lambda response: keep(response, site, consent.state or now))


def _known_band(site: Site, state: State | None) -> str:
    """The account's word, else the subject's own: as it is recorded, so that an older cookie makes nobody grow up."""
    if site.settings.age is None or state is None:
        return consent.account or ""
    if consent.account:
        return consent.account
    with _stored():
        return last_band(site, state.subject) or state.band


def _heed_age(site: Site, said: Submission, band: str) -> str:
    """How old the visitor is once this counts; or the Problem, where somebody of that age cannot say it."""
    told = said.action.removeprefix("age_") if said.action.startswith("age_") else ""
    granting = any(said.purposes.values())
    if told and not (site.settings.age and site.settings.age.ask):
        raise InvalidPayload(f"{said.action} is for sites that ask how old a visitor is (CONSENT_AGE).")
    if band == "child" and (granting or told not in ("", "child")):
        raise GuardianNeeded("A child agrees to nothing alone, and stays one here. A guardian can agree.")
    if granting and site.asks_age(band):
        raise AgeNeeded("Say how old the visitor is (age_child, age_teen, age_adult) before anything is granted.")
    return consent.account or told or band


def _add_or_answer(site: Site, choice: Choice, known: State | None) -> Choice:
    """`choice`, or what is kept under its key. That is answered with its subject's token, so whoever is `known` as
    somebody else does not get it: his grant is turned away, and his refusal, never given up, is his own act.
    """
    kept = add(site, choice)
    own = known is None or known.subject == kept.subject
    if kept.id == choice.id or (own and kept.same_act_as(choice)):
        return kept
    if kept.same_act_as(choice) and not any(choice.purposes.values()):
        return add(site, replace(choice, key=new_key()))
    raise KeyReused("This key already stands for another choice. Use a new key for each act.")


def _tell(choice: Choice) -> None:
    try:
        choice_recorded.send(current_app._get_current_object(), choice=choice)  # type: ignore[attr-defined]
    except Exception:  # a listener's fault must not make a kept choice look lost
        current_app.logger.exception("A listener of choice_recorded failed.")
