"""Choices that are sent by a form, where no script runs."""

from __future__ import annotations

from dataclasses import replace

from flask import request

from ..choice.act import needs_a_person, new_key
from ..choice.form_proof import idempotency_key_of
from ..choice.policy import decision
from ..choice.state import CONFIRMS
from ..choice.submission import answers_from_form
from ..days import today
from ..site.site import Site
from ..ui.node import Node, el
from ..ui.services import service_switches
from ..ui.view import Answers
from .consent import consent
from .http import form_fields
from .press import own_key, pressed_by_person
from .recording import Recorded, record_choice


def submission_of_form(site: Site) -> dict[str, object]:
    """The body that a script would send for what the visitor chose in this form."""
    form, day = form_fields(), today()
    action = form.get("action", "")
    answered = {key for key, option in site.notice.options.items() if decision(option, consent.state, day)}
    purposes = answers_from_form(site.notice, action, meant(site), answered)
    return {
        "key": idempotency_key_of(own_key(site.proofs, form), action),
        "after": form.get("after"),
        "notice": form.get("notice"),
        "locale": form.get("locale"),
        "action": action,
        "surface": form.get("surface"),
        "purposes": purposes,
        "scripted": needs_a_person(action, purposes) and not pressed_by_person(site.proofs, form),
        **({CONFIRMS: True} if action == "allow" and CONFIRMS in form else {}),
    }


def shown_on(site: Site, answers: Answers) -> Node | None:
    """A hidden field that says which switches the form shows as on, where some are of services."""
    if not service_switches(site.notice):
        return None
    on = (key for key, option in site.notice.options.items() if option.in_centre and answers.on(option))
    return el("input", type="hidden", name="shown", value="".join(f"{key} " for key in on))


def meant(site: Site) -> set[str]:
    """The switches that the visitor means to be on. Without script the switch of a service stays where it is when that
    of its purpose is moved; so one that was not moved itself follows.
    """
    form = form_fields()
    picked, shown = set(form.getlist("grant")), set(form.get("shown", "").split())
    moved = picked ^ shown
    for option in service_switches(site.notice):
        if option.purpose.id in moved and option.key not in moved:
            picked = picked | {option.key} if option.purpose.id in picked else picked - {option.key}
    return picked


def record_form(site: Site, body: dict[str, object]) -> Recorded:
    """Record a body that was made of a form.

    A form without a key gets one here:

    - A visitor with a cookie may press again, so each press gets a key of its own.
    - Without a cookie, two presses within two seconds share a key and are one act. The second press may be another
      person's, so it gets no token.

    A refusal that a newer grant has undone is recorded again.
    """
    keyless = not body["key"]
    key = body["key"] or (new_key() if consent.state else _key_of_press(site))
    recorded = record_choice(site, body | {"key": key})
    if recorded.new:
        return recorded
    if keyless:
        consent.state = None
        return replace(recorded, token="")
    return record_choice(site, body | {"key": new_key()}) if _is_undone(site, recorded) else recorded


def _is_undone(site: Site, recorded: Recorded) -> bool:
    """Is this a refusal that would end a grant if it were made now?"""
    choice, before = recorded.choice, recorded.state.decisions
    if not choice.purposes or any(choice.purposes.values()):
        return False
    now = recorded.state.after(choice, recorded.notice).decisions
    return any(each.granted and not (tag in now and now[tag].granted) for tag, each in before.items())


def _key_of_press(site: Site) -> str:
    headers, form = request.headers, form_fields()
    sender = (request.remote_addr, *map(headers.get, ("User-Agent", "Accept", "Accept-Language")))
    return site.double_presses.key(request.path, *sender, *(text for field in form.items(multi=True) for text in field))
