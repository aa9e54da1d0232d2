"""“Do not sell or share”: a page of its own, one press, and a confirmation (11 CCR 7026). In California the visitor can
limit the use of their sensitive information there, too (7027).
"""

from __future__ import annotations

from flask import Response, abort, request

from ..choice.act import Choice
from ..choice.form_proof import idempotency_key_of
from ..choice.policy import decision, signal_stops
from ..choice.submission import answers_from_form
from ..days import today
from ..errors import Problem
from ..site.site import Site
from ..ui.opt_out import opt_out, title
from ..ui.rights import limits_sensitive_use, offers_opt_out
from .against_signal import allowable
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
    if not offers_opt_out(requested_view(site)):
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
    limits = form.get("action") == "refuse" and limits_sensitive_use(requested_view(site))
    action = "refuse" if limits else "opt_out"
    return {
        "key": idempotency_key_of(own_key(site.proofs, form), action),
        "notice": site.notice.digest,
        "locale": choose_locale(site, form.get("locale")),
        "action": action,
        "surface": "page",
        "purposes": _answers(site)[action],
    }


def _answers(site: Site) -> dict[str, dict[str, bool]]:
    """What each press of the page denies. A service without an answer of its own is as its purpose."""
    sensitive = (key for key, o in site.notice.options.items() if o.purpose.sensitive_use and o.service is None)
    return {"opt_out": answers_from_form(site.notice, "opt_out", (), ()), "refuse": dict.fromkeys(sensitive, False)}


def _opt_out_page(site: Site, recorded: Choice | None = None, problem: Problem | None = None) -> Response:
    """The page with its buttons, or with the confirmation of the choice that was `recorded`."""
    view = requested_view(site)
    off = {action: all(_denied(site, key) for key in answers) for action, answers in _answers(site).items()}
    said = ""
    if recorded:
        said = view.messages["do_not_share_done"]
    elif problem:
        said = view.messages["save_failed"]
    content = opt_out(
        view,
        lambda: fields(view, "page", None, key=new_proof(site.proofs)),
        gpc=consent.gpc,
        off=off,
        sent=recorded.action if recorded else "",
        allowable=allowable(site),
    )
    when = recorded.time if recorded else None
    return with_problem(page(site, view, content, title(view), said=said, when=when), problem)


def _denied(site: Site, key: str) -> bool:
    """Is this off, by an answer or by the signal? So are its services, unless one has an answer of its own."""
    option = site.notice.options[key]
    if signal_stops(option, consent.state, today(), gpc=consent.gpc):
        return True
    services = (o for o in site.notice.options.values() if o.service and o.purpose.id == option.purpose.id)
    found, theirs = decision(option, consent.state, today()), (decision(o, consent.state, today()) for o in services)
    return found is not None and not found.granted and not any(each and each.granted for each in theirs)
