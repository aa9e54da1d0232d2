"""A child asks their guardian: the site sends a private link to an address, which is not stored."""

from __future__ import annotations

import time

from flask import Response, current_app, request

from ..choice.age import Age
from ..choice.guardian_link import INVITATION_DAYS
from ..errors import GuardianNeeded, InvalidPayload, NotSaved, Problem, RateLimited
from ..site.site import Site
from ..ui.counted import Counted
from ..ui.guardian import ask_page, sent_page
from ..ui.node import Node
from ..ui.view import View
from .account_age import recorded_child
from .address import is_address, mailbox
from .consent import consent
from .guardian import full_url, require_guardian_links
from .http import READING, form_fields, problem_response
from .page import fields, hide_address, page, with_problem


def ask_guardian() -> Response:
    """Show the child's form, or send the link to the address in it."""
    site, age, view = require_guardian_links()
    child = consent.band == "child"
    form = ask_page(view, fields(view, "guardian", None), child=child)
    if request.method in READING:
        return _page(site, view, form)
    try:
        if not child:
            raise GuardianNeeded("Only a child asks a guardian. All others decide for themselves.")
        _invite(site, age, view, form_fields().get("address", "").strip())
    except (InvalidPayload, NotSaved) as problem:
        return with_problem(_page(site, view, form, view.messages["guardian_unsent"]), problem)
    except Problem as problem:
        return problem_response(problem)
    return _page(
        site, view, sent_page(view), view.messages["guardian_sent"].format(days=Counted(INVITATION_DAYS, view.locale))
    )


def _page(site: Site, view: View, content: Node, said: str = "") -> Response:
    return hide_address(page(site, view, content, view.messages["ask_guardian"], said=said))


def _invite(site: Site, age: Age, view: View, address: str) -> None:
    _require_no_wait(site.limit.wait(request.remote_addr))
    if not is_address(address):
        raise InvalidPayload("address must be one email address.")
    subject = recorded_child(site)
    _require_no_wait(site.letters.wait(subject) or site.letters.wait(mailbox(address)))
    link = full_url(age, view, site.guardian_links.invitation_link(subject, int(time.time())))
    try:
        if age.send:
            age.send(address, link, view.locale)
    except Exception as error:  # its message may hold the address, so only its type is logged
        current_app.logger.error("CONSENT_AGE: send failed (%s).", type(error).__name__)
        raise NotSaved("The link could not be sent. Try again shortly.") from None


def _require_no_wait(seconds: int) -> None:
    """The answer is the same whether the network, the child or the address is used too often."""
    if seconds:
        raise RateLimited("Too many links were asked for. Try again later.", seconds)
