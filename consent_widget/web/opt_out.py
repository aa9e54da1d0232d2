"""“Do not sell or share”: a page of its own, one press, and a confirmation (11 CCR 7026)."""

from __future__ import annotations

from flask import Response, abort, request

from ..choice.act import Choice
from ..choice.form_proof import idempotency_key_of
from ..choice.policy import decision
from ..choice.submission import answers_from_form
from ..days import today
from ..errors import Problem
from ..notice.options import Option
from ..site.site import Site
from ..ui.opt_out import opt_out
from .consent import consent
from .form import record_form
from .http import READING, form_fields
from .page import fields, page, with_problem
from .press import new_proof, own_key
from .recording import acknowledge
from .request import choose_locale, requested_view
from .visitor_site import visitor_site


def do_not_share() -> Response:
    """Show the page, or record the opt-out. 404 where the notice has nothing to opt out of."""
    site = visitor_site()
    if not _answers(site):
        abort(404)
    if request.method in READING:
        return _opt_out_page(site)
    try:
        recorded = record_form(site, _submission(site))
    except Problem as problem:
        return _opt_out_page(site, problem=problem)
    return acknowledge(site, _opt_out_page(site, recorded.choice), recorded)


def _submission(site: Site) -> dict[str, object]:
    """The opt-out applies to today's notice, whichever one the page showed."""
    form = form_fields()
    return {
        "key": idempotency_key_of(own_key(site.proofs, form), "opt_out"),
        "notice": site.notice.digest,
        "locale": choose_locale(site, form.get("locale")),
        "action": "opt_out",
        "surface": "page",
        "purposes": _answers(site),
    }


def _answers(site: Site) -> dict[str, bool]:
    """What an opt-out denies."""
    return answers_from_form(site.notice, "opt_out", (), ())


def _opt_out_page(site: Site, recorded: Choice | None = None, problem: Problem | None = None) -> Response:
    """The page with its button, or with the confirmation of the choice that was `recorded`."""
    view = requested_view(site)
    already = not recorded and all(map(_denied, site.notice.options.values()))
    hidden = None if recorded else fields(view, "page", None, key=new_proof(site.proofs))
    said = ""
    if recorded:
        said = view.messages["do_not_share_done"]
    elif problem:
        said = view.messages["save_failed"]
    content = opt_out(view, hidden, gpc=consent.gpc, already=already)
    when = recorded.time if recorded else None
    return with_problem(page(site, view, content, view.messages["do_not_share"], said=said, when=when), problem)


def _denied(option: Option) -> bool:
    """Is this off, or none of what the signal covers? A service without an answer of its own is as its purpose."""
    if consent.gpc or not option.purpose.gpc_opt_out:
        return True
    found = decision(option, consent.state, today())
    return option.service is not None if found is None else not found.granted
