"""The preference centre as a page: a form that works where no script runs."""

from __future__ import annotations

from collections.abc import Container
from typing import cast

from flask import Response, redirect, request

from ..choice.policy import standing
from ..choice.state import CONFIRMS, NOTHING
from ..choice.submission import answers_from_form
from ..days import today
from ..errors import AgeNeeded, GuardianNeeded, NotPressed, Problem, StaleNotice, StateMoved
from ..notice.options import Option
from ..site.asking import asks_age
from ..site.beside import site_beside
from ..site.site import Site
from ..subject.storing import store_errors_as_not_saved
from ..ui.account import scope_note
from ..ui.again import ONE_OF_SEVERAL, ONLY
from ..ui.age import age_question
from ..ui.centre import carried_note, centre
from ..ui.lists import list_links
from ..ui.node import el
from ..ui.view import Answers
from .against_signal import question_page
from .consent import consent, with_current_cookie
from .form import meant, record_form, shown_on, submission_of_form
from .http import READING, form_fields, own_path, problem_response
from .needed import needed_page
from .notice_pages import changes_page
from .page import fields, page, with_problem
from .press import new_proof
from .recording import Recorded, acknowledge
from .request import requested_view, view_in
from .visitor_site import visitor_site

#: Which message the page shows for a form that was refused.
MESSAGES: dict[type[Problem], str] = {
    StaleNotice: "changed",
    StateMoved: "moved",
    GuardianNeeded: "not_granted",
    AgeNeeded: "age_needed",
}


def preferences() -> Response:
    """Show the preference centre, or record what its form (or the first layer's form) sends."""
    site = visitor_site()
    if request.method in READING:
        return preferences_page(site, "saved" if "saved" in request.args else "")
    try:
        with store_errors_as_not_saved():
            shown = site_beside(site, form_fields().get("notice"))
        recorded = record_form(shown, submission_of_form(shown))
    except NotPressed as problem:
        return _ask_again(site, problem)
    except tuple(MESSAGES) as problem:
        response = preferences_page(site, MESSAGES[type(problem)], problem)
        return with_current_cookie(site, response) if isinstance(problem, StateMoved) else response
    except Problem as problem:
        return problem_response(problem) if problem.status == 403 else preferences_page(site, "save_failed", problem)
    return acknowledge(site, cast(Response, redirect(_next_path(site, recorded), 303)), recorded)


def preferences_page(
    site: Site, text: str = "", problem: Problem | None = None, picked: Container[str] | None = None
) -> Response:
    """The page. `text` is the key of a message about the last answer. The switches show the visitor's state, or what
    they have just `picked`.
    """
    view = requested_view(site)
    next = own_path(request.args.get("next") or form_fields().get("next"))
    after = consent.state.id if consent.state else NOTHING
    granted = _granted if picked is None else lambda option: option.key in picked
    saved = consent.state.time if consent.state and consent.state.decisions else 0
    confirmed = bool(consent.state and consent.state.confirmed(today()))
    answers = Answers(granted, consent.gpc, consent.band, saved, confirmed)
    form = centre(
        view,
        answers,
        el("div", fields(view, "centre", next, key=new_proof(site.proofs), after=after), shown_on(site, answers)),
        in_dialog=False,
        scope=scope_note(view) if consent.account else None,
    )
    age = None
    if asks_age(site, consent.band):
        age = age_question(view, fields(view, "centre", next, key=new_proof(site.proofs)))
    if site.settings.carry_over and consent.state and not consent.state.notice:
        form = el("div", carried_note(view, site.settings.carry_over), form)
    links = list_links(view, lists=site.settings.collected is not None, closing=site.settings.close_account)
    said = view.messages[text].format(age=view.child_below) if text else ""
    response = page(site, view, el("div", age, form, links), view.messages["preferences"], said=said)
    return with_problem(response, problem)


def _next_path(site: Site, recorded: Recorded) -> str:
    """Where the visitor goes on: after a refusal where the form says, else back to the page that they came from."""
    form, action = form_fields(), recorded.choice.action
    view = view_in(site, recorded.choice.locale)
    if action == "acknowledge":
        again = view.url("changes")
    else:
        again = view.url("preferences") + ("" if action.startswith("age_") else "&saved=1")
    otherwise = form.get("otherwise") if action == "refuse" else None
    return own_path(otherwise) or own_path(form.get("next")) or again


def _ask_again(site: Site, problem: Problem) -> Response:
    """Where nobody can tell whether a person pressed: a page of ours with the same answer filled in. A press there
    counts.
    """
    form = form_fields()
    action, picked = form.get("action", ""), form.getlist("grant")
    if action == "allow" and form.get("surface") in (ONLY, ONE_OF_SEVERAL):
        return changes_page(site, "once_more", problem)
    option = site.notice.options.get(picked[0]) if action == "allow" else None
    if option and CONFIRMS in form:
        return question_page(site, option, "once_more", problem)
    if option and not option.service:
        recipient = option.recipient.id if option.recipient else None
        otherwise, next = own_path(form.get("otherwise")), own_path(form.get("next"))
        return needed_page(site, option.purpose.id, recipient, otherwise, next, text="once_more")
    answers = answers_from_form(site.notice, action, meant(site), ())
    granted = {
        key
        for key, option in site.notice.options.items()
        if answers.get(key, option.service is not None and answers.get(option.purpose.id))
    }
    return preferences_page(site, "once_more", problem, granted or None)


def _granted(option: Option) -> bool:
    site = visitor_site()
    if not (consent.state and consent.state.decisions):
        return option.purpose.id in consent.starts_on and option.recipient is None
    found = standing(site.notice, option, consent.state, today())
    return found is not None and found.granted
