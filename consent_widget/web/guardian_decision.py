"""A guardian decides by a private link: once by an invitation, and later, by a second link, withdraws or erases."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import cast

from flask import Response, redirect, request

from ..choice.act import new_key, record_id
from ..choice.actions import Action
from ..choice.age import Age
from ..choice.guardian_link import INVITATION, MANAGE, Link
from ..choice.policy import decision
from ..choice.state import State
from ..choice.submission import Submission
from ..days import today
from ..errors import InvalidPayload, NotPressed, NotSaved, Problem, StateMoved, StoreError
from ..notice.options import Option
from ..regions import ELSEWHERE, Region
from ..site.beside import site_beside
from ..site.site import Site
from ..subject import processing
from ..subject.records import History, replay_subject
from ..subject.storing import make_site_choice, store_choice
from ..ui.guardian import decide_page, erased_page, grantable, manage_page, no_link_page
from ..ui.node import Node
from ..ui.view import View
from .guardian import full_url, guardian_page, require_guardian_links
from .http import READING, form_fields, problem_response
from .page import fields, hide_address, unreadable_page
from .press import new_proof, pressed_by_person


def decide(link: str) -> Response:
    """What a private link opens. Every link that is invalid, expired or used gets the same page with 404."""
    site, age, view = require_guardian_links()
    try:
        site = site_beside(site, form_fields().get("notice"))
        view = replace(view, notice=site.notice)
        parsed = site.guardian_links.read(link, int(time.time()))
        history = History(site, parsed.subject if parsed else "")
        if parsed is None or (parsed.kind == INVITATION and history.find(record_id(site.settings.site, parsed.key))):
            return _no_link_page(site, view)
        state = replay_subject(site, parsed.subject, history.choices).state
        if state.band != "child":
            return _no_link_page(site, view)
        visit = Visit(site, age, view, link, parsed, state)
        if request.method in READING:
            saved = parsed.kind == MANAGE and "saved" in request.args
            return guardian_page(site, view, visit.content(), said=view.messages["guardian_saved"] if saved else "")
        try:
            return visit.answer_invitation() if parsed.kind == INVITATION else visit.withdraw()
        except StateMoved as problem:
            return visit.ask_again(problem)
    except (StoreError, NotSaved):
        return unreadable_page(site, view, view.messages["guardian_title"])
    except Problem as problem:
        return problem_response(problem)


@dataclass(frozen=True)
class Visit:
    """A guardian at a valid link of a child: `parsed` is what the link says, `state` the child's state."""

    site: Site
    age: Age
    view: View
    link: str
    parsed: Link
    state: State

    def content(self) -> Node:
        """The page of this link, with what is granted now."""
        granted = [option for option in grantable(self.site.notice.options.values()) if self._is_granted(option)]
        if self.parsed.kind == INVITATION:
            return self._question(granted)
        url = full_url(self.age, self.view, self.link)
        return manage_page(self.view, self.link, url, granted, lambda: fields(self.view, "guardian", None))

    def answer_invitation(self) -> Response:
        """Record what the guardian granted, or that they refused everything."""
        form = form_fields()
        action, picked = form.get("action"), set(form.getlist("grant"))
        options = self.site.notice.options
        if action not in ("save", "refuse") or not picked <= self._grantable(self.view.rules):
            raise InvalidPayload("A guardian saves or refuses, and grants what the notice lets them grant.")
        is_of_page = self.site.notice.digest.startswith(form.get("notice", ""))
        if action == "save" and not (is_of_page and form.get("after", self.state.id) == self.state.id):
            raise StateMoved
        answers = {key: action == "save" and key in picked for key in self._answered()}
        scripted = any(answers.values()) and not pressed_by_person(self.site.proofs, form)
        if scripted and not self.site.settings.scripted_grants:
            question = self._question([options[key] for key in picked])
            return self._page("once_more", question, NotPressed.status)
        recording: Action = "save" if action == "save" else "reject_all"
        if not self._record(recording, answers, self.parsed.key, scripted=scripted):
            return _no_link_page(self.site, self.view)
        return self._redirect(self.site.guardian_links.manage_link(self.parsed.subject))

    def withdraw(self) -> Response:
        """Withdraw some or all of what was granted, or erase everything."""
        form = form_fields()
        action, picked = form.get("action"), set(form.getlist("grant"))
        if action == "erase":
            complete = processing.erase(self.parsed.subject)
            said = self.view.messages["guardian_erased"]
            return guardian_page(self.site, self.view, erased_page(self.view, gone=complete), said=said)
        if action == "withdraw_all":
            self._record("withdraw_all", dict.fromkeys(self._answered(), False), new_key())
        elif action == "refuse" and picked and picked <= self._grantable():
            self._record("refuse", dict.fromkeys(picked, False), new_key())
        else:
            raise InvalidPayload("A guardian withdraws some purposes, withdraws all, or erases.")
        return self._redirect(self.link)

    def ask_again(self, problem: Problem) -> Response:
        """Something else was chosen, or everything was erased, since the guardian saw the page."""
        state = replay_subject(self.site, self.parsed.subject).state
        if state.band != "child":
            return _no_link_page(self.site, self.view)
        return self._page("moved", replace(self, state=state).content(), problem.status)

    def _grantable(self, region: Region = ELSEWHERE) -> set[str]:
        return {option.key for option in grantable(self.site.notice.options.values(), region)}

    def _answered(self) -> list[str]:
        """All that a guardian answers for. Services follow."""
        return [key for key, option in self.site.notice.options.items() if option.service is None]

    def _is_granted(self, option: Option) -> bool:
        current = decision(option, self.state, today())
        return current is not None and current.granted

    def _question(self, granted: Collection[Option]) -> Node:
        hidden = fields(self.view, "guardian", None, key=new_proof(self.site.proofs), after=self.state.id)
        return decide_page(self.view, self.link, granted, hidden)

    def _record(self, action: Action, answers: dict[str, bool], key: str, *, scripted: bool = False) -> bool:
        """Store what the guardian decided. An invitation is one key, so of two answers only the first is stored."""
        submission = Submission(
            key=key,
            notice=self.site.notice.digest,
            locale=self.view.locale,
            action=action,
            surface="guardian",
            purposes=answers,
            scripted=scripted,
        )
        choice = make_site_choice(self.site, submission, self.state, "child", actor="guardian")
        return store_choice(self.site, choice).new

    def _page(self, text: str, content: Node, status: int) -> Response:
        return guardian_page(self.site, self.view, content, status, said=self.view.messages[text])

    def _redirect(self, link: str) -> Response:
        return hide_address(cast(Response, redirect(f"{self.view.url(f'guardian/{link}')}&saved=1", 303)))


def _no_link_page(site: Site, view: View) -> Response:
    return guardian_page(site, view, no_link_page(view), 404)
