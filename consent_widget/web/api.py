"""Answers in JSON: a choice recorded, a token verified, the store's health, and support for the opt-out signal."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from flask import Response, request

from ..choice.policy import barred, decision, permits_service
from ..choice.receipt import receipt
from ..choice.state import State
from ..days import today
from ..errors import InvalidPayload, Problem, StateMoved, StoreError
from ..site.beside import is_asked
from ..site.site import Site
from ..store.protocol import Store
from ..subject.records import by_the_store
from .account import own_tokens
from .consent import consent, with_current_cookie
from .cookie import cookies_of
from .http import BRIEFLY, json_response, problem_response, read_json
from .recording import acknowledge, record_choice
from .request import cookie_name, withdrawal_url
from .visitor_site import visitor_site


def records() -> Response:
    """Record one choice. Responds with the token and a receipt: 201 for a new record, 200 for a retry."""
    site = visitor_site()
    try:
        recorded = record_choice(site, read_json(), by_script=True)
    except StateMoved as problem:
        token = site.token_signer.write(consent.state) if consent.state else ""
        return with_current_cookie(site, problem_response(problem, token=token))
    except Problem as problem:
        return problem_response(problem)
    proof = receipt(recorded.choice, recorded.notice, withdrawal_url(site)) if recorded.token else None
    content = {"token": recorded.token or None, "receipt": proof}
    return acknowledge(site, json_response(content, 201 if recorded.new else 200), recorded)


def verify() -> Response:
    """For our script, and for back ends in any language: is a token genuine, does it answer everything that is asked
    now, and what does it grant? One that a later choice has overtaken is not, and grants what that choice left; nor is
    one whose records were erased. While the store is away, the token alone counts. A back end has to apply the signals
    of the visitor's browser.
    """
    site = visitor_site()
    try:
        body = read_json()
        token = body.get("token") if isinstance(body, dict) else None
        if not isinstance(token, str):
            raise InvalidPayload("The body must be a JSON object with the token as a text.")
    except Problem as problem:
        return problem_response(problem)
    sent = state = _state_of(site, token)
    with suppress(StoreError):
        state = sent and by_the_store(site, sent)
    genuine = sent is not None and state is not None and state.seq == sent.seq
    band = state.band if state and site.settings.age else ""
    off = barred(site.notice, band)
    granted = [
        key
        for key, option in site.notice.options.items()
        if (found := decision(option, state, today())) and found.granted and key not in off
    ]
    current = state is not None and not is_asked(site, state, band, gpc=False)
    answer = {"genuine": genuine, "current": current, "granted": granted}
    if services := site.notice.services:
        at_age = state and state._replace(band=band)
        may_run = partial(permits_service, site.notice, at_age, gpc=False, today=today())
        answer["services"] = [service.id for service in services if may_run(service=service.id)]
    return json_response(answer)


def _state_of(site: Site, token: str) -> State | None:
    """The state in a token. One of an account counts only for whoever is signed in to it, where a browser asks, which
    sends the token as its cookie as well. A back end asks about its visitor, and nobody here knows who that is.
    """
    state = site.token_signer.read(token)
    in_browser = token in cookies_of(request.environ.get("HTTP_COOKIE", ""), cookie_name(site))
    if state and in_browser and not own_tokens(site, [token]) and consent.subject != state.subject:
        return None
    return state


def health() -> Response:
    """200 while choices can be stored, 503 while they cannot."""
    return health_of(visitor_site().store)


def health_of(store: Store) -> Response:
    """The health of a store; one that has no `ping` counts as healthy."""
    ping = getattr(store, "ping", None)
    try:
        if ping:
            ping()
    except StoreError:
        return json_response({"status": "store unreachable"}, 503)
    return json_response({"status": "ok"})


def gpc(**_: str) -> Response:
    """`/.well-known/gpc.json`: this site honours the opt-out signal (Global Privacy Control)."""
    response = json_response({"gpc": True, "lastUpdate": visitor_site().notice.effective})
    response.headers["Cache-Control"] = BRIEFLY
    return response
