"""A child asks his guardian; the guardian decides by a private link, and can take it back by another."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import cast

from flask import Response, abort, current_app, redirect, request

from ..choice.act import Choice, new_key
from ..choice.actions import Action
from ..choice.guardian_link import INVITATION, Link
from ..choice.policy import lifetime
from ..choice.state import State
from ..days import today
from ..errors import GuardianNeeded, InvalidPayload, NotPressed, NotSaved, Problem, RateLimited, StateMoved, StoreError
from ..notice.options import Option
from ..site.site import Site, current_site
from ..subject import processing
from ..subject.records import history, replay_subject
from ..ui.guardian import asking, deciding, erased, grantable, keeping, no_link, sent
from ..ui.node import Node, el
from ..ui.view import View
from .address import is_address, mailbox
from .consent import consent
from .http import PRIVATE, READING, form_fields, problem_response
from .pages import fields, page
from .press import new_proof, pressed_by_person
from .recording import recorded_child, store_choice


def ask_guardian() -> Response:
    """Where a child says whom to ask. Sends that address a link, by the site's own means, and forgets the address."""
    site, view = _opened()
    child = consent.band == "child"
    form = asking(view, fields(view, "guardian", None), child=child)
    if request.method in READING:
        return _own(site, view, form)
    try:
        if not child:
            raise GuardianNeeded("Only a child asks a guardian. All others decide for themselves.")
        _within(site.limit.wait(request.remote_addr))
        address = form_fields().get("address", "").strip()
        if not is_address(address):
            raise InvalidPayload("address must be one email address.")
        subject = recorded_child(site)
        _within(site.letters.wait(subject) or site.letters.wait(mailbox(address)))
        if not _send(site, view, address, subject):
            raise NotSaved("The link could not be sent. Try again shortly.")
    except (InvalidPayload, NotSaved) as problem:
        said = el("p.cw-said", view.messages["guardian_unsent"], role="status")
        return _own(site, view, el("div", said, form), problem.status)
    except Problem as problem:
        return problem_response(problem)
    return _own(site, view, sent(view))


def decide(link: str) -> Response:
    """What a private link opens. For every link that is none, or is none any more, the same page with 404."""
    site, view = _opened()
    try:
        known = site.guardian_links.read(link, int(time.time()))
        past = history(site, known.subject) if known else []
        state = replay_subject(site, known.subject, past).state if known else None
        used = known and known.kind == INVITATION and any(choice.key == known.once for choice in past)
        if known is None or state is None or state.band != "child" or used:
            return _none(site, view)
        if request.method in READING:
            return _shown(site, view, link, known, state)
        try:
            return _decided(site, view, link, known, state)
        except StateMoved as problem:
            return _asked_again(site, view, link, known, problem)
    except (StoreError, NotSaved):
        return _unreadable(site, view)
    except Problem as problem:
        return problem_response(problem)


def _opened() -> tuple[Site, View]:
    site = current_site()
    if site.settings.age is None or site.settings.age.send is None:
        abort(404)
    return site, site.view(site.locale(request.args.get("lang") or form_fields().get("locale")))


def _within(wait: int) -> None:
    """The same answer whether it is the network, the child or the address that is used too often."""
    if wait:
        raise RateLimited("Too many links were asked for. Try again later.", wait)


def _send(site: Site, view: View, address: str, subject: str) -> bool:
    age = site.settings.age
    link = _address(site, view, site.guardian_links.invite(subject, int(time.time())))
    try:
        if age and age.send:
            age.send(address, link, view.locale)
    except Exception as error:  # whose message may hold the address
        current_app.logger.error("CONSENT_AGE: send failed (%s).", type(error).__name__)
        return False
    return True


def _address(site: Site, view: View, link: str) -> str:
    age = site.settings.age
    return f"{age.url if age else ''}{view.url(f'guardian/{link}')}"


def _asked_again(site: Site, view: View, link: str, known: Link, problem: Problem) -> Response:
    """Something else was chosen, or everything was erased, since the guardian saw the page."""
    state = replay_subject(site, known.subject).state
    if state.band != "child":
        return _none(site, view)
    said = el("p.cw-said", view.messages["moved"], role="status")
    return _own(site, view, el("div", said, _content(site, view, link, known, state)), problem.status)


def _shown(site: Site, view: View, link: str, known: Link, state: State) -> Response:
    return _own(site, view, _content(site, view, link, known, state))


def _content(site: Site, view: View, link: str, known: Link, state: State) -> Node:
    """What a link opens, with what stands granted."""
    granted = [
        option
        for option in grantable(site.notice.options.values())
        if (each := state.decisions.get(option.fingerprint)) and each.granted and today() <= each.until
    ]
    if known.kind == INVITATION:
        return _question(site, view, link, state, granted)
    url = _address(site, view, link)
    return keeping(view, link, url, granted, lambda: fields(view, "guardian", None), saved="saved" in request.args)


def _question(site: Site, view: View, link: str, state: State, granted: Collection[Option]) -> Node:
    return deciding(view, link, granted, fields(view, "guardian", None, key=new_proof(site.proofs), after=state.id))


def _decided(site: Site, view: View, link: str, known: Link, state: State) -> Response:
    form = form_fields()
    action, picked = form.get("action"), set(form.getlist("grant"))
    everything = site.notice.options
    options = {option.key for option in grantable(everything.values())}
    if known.kind == INVITATION:
        if action not in ("save", "refuse") or not picked <= options:
            raise InvalidPayload("A guardian saves or refuses, and grants what the notice lets him grant.")
        if action == "save" and form.get("after", state.id) != state.id:
            raise StateMoved
        answers = {key: action == "save" and key in picked for key in everything}
        scripted = any(answers.values()) and not pressed_by_person(site.proofs, form)
        if scripted and not site.settings.scripted_grants:
            said = el("p.cw-said", view.messages["once_more"], role="status")
            question = _question(site, view, link, state, [everything[key] for key in picked])
            return _own(site, view, el("div", said, question), NotPressed.status)
        done: Action = "save" if action == "save" else "reject_all"
        if not _record(site, view, state, done, answers, known.once, scripted=scripted):
            return _none(site, view)
        return _back(view, site.guardian_links.manage_link(known.subject))
    if action == "erase":
        return _own(site, view, erased(view, gone=processing.erase(known.subject)))
    if action == "withdraw_all":
        _record(site, view, state, "withdraw_all", dict.fromkeys(everything, False), new_key())
    elif action == "refuse" and picked and picked <= options:
        _record(site, view, state, "refuse", dict.fromkeys(picked, False), new_key())
    else:
        raise InvalidPayload("A guardian withdraws one, withdraws all, or erases.")
    return _back(view, link)


def _back(view: View, link: str) -> Response:
    response = cast(Response, redirect(f"{view.url(f'guardian/{link}')}&saved=1", 303))
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _record(
    site: Site, view: View, state: State, action: Action, answers: dict[str, bool], key: str, *, scripted: bool = False
) -> bool:
    """Keep what the guardian decided. Of two with one key, as an invitation has, the store keeps the first alone."""
    age = site.settings.age
    choice = Choice(
        subject=state.subject,
        seq=state.seq + 1,
        time=time.time_ns() // 1_000_000,
        notice=site.notice.digest,
        locale=view.locale,
        action=action,
        surface="guardian",
        purposes=answers,
        valid_until=today() + lifetime(site.notice, site.settings.region, any(answers.values())),
        key=key,
        actor="guardian",
        signals=("scripted",) if scripted else (),
        age_band=age.written("child") if age else None,
        site=site.settings.site,
        region=site.settings.region,
    )
    return store_choice(site, choice).id == choice.id


def _none(site: Site, view: View) -> Response:
    return _own(site, view, no_link(view), 404)


def _unreadable(site: Site, view: View) -> Response:
    response = _own(site, view, el("p.cw-said", view.messages["unreadable"], role="status"), 503)
    response.headers["Retry-After"] = "5"
    return response


def _own(site: Site, view: View, content: Node, status: int = 200) -> Response:
    response = page(site, view, content, view.messages["guardian_title"])
    response.status_code = status
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
