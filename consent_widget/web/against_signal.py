"""Allowing something in spite of the browser's opt-out signal: the page that asks. Its form goes to the preferences."""

from __future__ import annotations

from typing import cast

from flask import Response, abort, redirect, request

from ..choice.age import MINORS
from ..choice.policy import signal_stops
from ..choice.state import CONFIRMS, NOTHING
from ..days import today
from ..errors import Problem
from ..notice.options import Option
from ..site.site import Site
from ..ui.against_signal import against_signal, title
from ..ui.node import el
from .consent import consent
from .page import fields, page, with_problem
from .press import new_proof
from .request import at_home, requested_view
from .visitor_site import visitor_site


def allow_anyway() -> Response:
    """Ask about the option that the address names. Where the signal does not keep it off, or the visitor cannot allow
    it, show the preferences.
    """
    site = visitor_site()
    option = site.notice.options.get(request.args.get("option", ""))
    if option is None or not option.purpose.gpc_opt_out:
        abort(404)
    if option not in allowable(site):
        return cast(Response, redirect(requested_view(site).url("preferences"), 303))
    return question_page(site, option)


def allowable(site: Site) -> tuple[Option, ...]:
    """What this visitor can allow in spite of the signal: what has a switch that the signal keeps off. Nothing for a
    minor, nor where the choices of another site's pages are not known.
    """
    if consent.band in MINORS or not at_home(site):
        return ()
    return tuple(
        option
        for option in site.notice.options.values()
        if option.in_bulk
        and option.purpose.consent != "single_use"
        and signal_stops(option, consent.state, today(), gpc=consent.gpc)
    )


def question_page(site: Site, option: Option, text: str = "", problem: Problem | None = None) -> Response:
    """The page. `text` is the key of a message about the last answer."""
    view = requested_view(site)
    after = consent.state.id if consent.state else NOTHING
    hidden = el(
        "div",
        fields(view, "page", None, key=new_proof(site.proofs), after=after),
        el("input", type="hidden", name=CONFIRMS, value="1"),
    )
    content, said = against_signal(view, option, hidden), view.messages[text] if text else ""
    return with_problem(page(site, view, content, title(view, option), said=said), problem)
