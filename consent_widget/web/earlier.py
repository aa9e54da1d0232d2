"""Carries over what a visitor chose in the site's earlier consent tool (`CONSENT_CARRY_OVER`): once, for a visitor who
has not chosen here yet. From the cookies of a page's request, or from what the page's script has found.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from flask import Response, after_this_request, request

from ..choice.act import new_subject
from ..choice.earlier import CarryOver, answers_here, signals_of
from ..choice.state import State
from ..days import today
from ..errors import InvalidPayload, NotSaved, Problem, RateLimited
from ..site.site import Site
from ..subject.storing import make_site_choice, state_after, store_choice
from .consent import Consent, consent
from .cookie import delete_cookies
from .http import is_under_way, json_response, problem_response, read_json
from .unpressed import unpressed
from .visitor_site import visitor_site


def carry_over_cookies(site: Site, visitor: Consent) -> None:
    """From the request of a page, before the widget is drawn in it: so nothing is asked that was refused before. The
    response deletes the tool's cookies. Where the choice cannot be stored now, the next page tries again.
    """
    carry = site.settings.carry_over
    if not carry or visitor.state or visitor.sent_tokens or is_under_way():
        return
    header = request.environ.get("HTTP_COOKIE", "")
    with suppress(NotSaved, RateLimited):
        if _carry_over(site, visitor, carry, header.encode("latin-1").decode("utf-8", "replace")):
            names = {part.partition("=")[0].strip(" \t") for part in header.split(";")}
            left = sorted(name for name in names if carry.find(f"{name}="))
            after_this_request(lambda response: delete_cookies(response, site, left))


def carry_over_sent() -> Response:
    """From a script: `left` is like a Cookie header. Answers with the visitor's token, or null where their choice there
    says nothing here. The script deletes what it has found.
    """
    site = visitor_site()
    try:
        body = read_json()
        left, locale = (body.get("left"), body.get("locale")) if isinstance(body, dict) else (None, None)
        if not site.settings.carry_over or not isinstance(left, str) or not isinstance(locale, str):
            raise InvalidPayload("left and locale must be texts, at a site with CONSENT_CARRY_OVER.")
        if not consent.state:
            _carry_over(site, consent, site.settings.carry_over, left, locale)
    except Problem as problem:
        return problem_response(problem)
    return json_response({"token": consent.token if consent.state else None})


def _carry_over(site: Site, visitor: Consent, carry: CarryOver, left: str, locale: str | None = None) -> bool:
    """Store what the earlier choice says here, if it says anything. Raises NotSaved or RateLimited."""
    said, day = carry.read(carry.find(left)), today()
    may_grant = site.settings.age is None or visitor.band == "adult"
    answers = answers_here(carry, site.notice, said, day, may_grant=may_grant) if said else {}
    if said is None or not answers:
        return False
    if wait := site.limit.wait(request.remote_addr):
        raise RateLimited("Too many choices from one place. Try again later.", wait)
    state = State(subject=new_subject())
    choice = make_site_choice(
        site, unpressed(site, "save", "carried", answers, locale), state, visitor.band, gpc=visitor.gpc
    )
    choice = replace(choice, signals=(*choice.signals, *signals_of(carry, said)))
    if any(choice.purposes.values()):  # an agreement lasts no longer than if it had been given here on that day
        choice = replace(choice, valid_until=(carry.counts_from(said, day) or day) + site.notice.lifetime_days)
    stored, _ = store_choice(site, choice)
    visitor.go_on_as(state_after(site, state, stored, new=True).with_age_band(visitor.account_band))
    return True
