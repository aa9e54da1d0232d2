"""The way of one choice on the server: checked, durably kept, told to listeners, signed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import current_app, request

from . import policy
from .archive import forgotten, standing
from .choice import Choice, new_key, new_subject, parse
from .consent import consent
from .ending import tell_at_once
from .errors import InvalidPayload, KeyReused, NotSaved, RateLimited, StoreError
from .notice import Notice
from .policy import State
from .signals import choice_recorded

if TYPE_CHECKING:
    from .site import Site


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
    said = parse(raw, notice)
    if said.scripted and any(said.purposes.values()) and not site.settings.scripted_grants:
        raise InvalidPayload("A script pressed this. Only a person can grant.")
    if wait := site.limit.wait(request.remote_addr):
        raise RateLimited("Too many choices from one place. Try again later.", wait)
    known = consent.state or site.seal.read(said.token)
    try:
        if known and forgotten(site, known.subject):
            known = None
        if acknowledging and known is None:
            raise InvalidPayload(
                "acknowledge is for a visitor who has chosen before. This one has no choice on record."
            )
        state = known or State(subject=new_subject())
        choice = policy.record(
            said,
            site.notice,
            state,
            gpc=consent.gpc,
            now_ms=time.time_ns() // 1_000_000,
            site=site.settings.site,
            region=site.settings.region,
        )
        kept = _keep(site, choice, known)
        if kept.id == choice.id:
            state = policy.after(state, kept, site.notice)
        elif hasattr(site.store, "history"):  # a retry: what was chosen since must not be undone by its answer
            state = standing(site, kept.subject).state
        elif known is None or kept.seq > state.seq:
            state = policy.after(known or State(kept.subject), kept, site.notice)
    except StoreError as error:
        current_app.logger.error("A choice could not be kept: %s", error)
        raise NotSaved("The choice could not be saved. Nothing was switched on; try again shortly.") from None
    if kept.id == choice.id:
        _tell(kept)
        tell_at_once(site, kept.subject)
    return Recorded(kept, notice, state, site.seal.write(state), kept.id == choice.id)


def _keep(site: Site, choice: Choice, known: State | None) -> Choice:
    """`choice`, or what is kept under its key. That is answered with its subject's token, so whoever is `known` as
    somebody else does not get it: his grant is turned away, and his refusal, never given up, is his own act.
    """
    kept = site.store.add(choice)
    own = known is None or known.subject == kept.subject
    if kept.id == choice.id or (own and kept.same_act_as(choice)):
        return kept
    if kept.same_act_as(choice) and not any(choice.purposes.values()):
        return site.store.add(replace(choice, key=new_key()))
    raise KeyReused("This key already stands for another choice. Use a new key for each act.")


def _tell(choice: Choice) -> None:
    try:
        choice_recorded.send(current_app._get_current_object(), choice=choice)  # type: ignore[attr-defined]
    except Exception:  # a listener's fault must not make a kept choice look lost
        current_app.logger.exception("A listener of choice_recorded failed.")
