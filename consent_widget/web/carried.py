"""A visitor's own records on a page of another site. The host of the widget has no cookie of theirs, so the script
carries their token here in the body of a request, and shows the answer in the page.
"""

from __future__ import annotations

import json

from flask import Response

from ..errors import InvalidPayload, Problem
from ..site.site import Site
from ..subject import processing
from ..subject.receipts import receipt_as
from ..subject.storing import caught_up, store_errors_as_not_saved
from ..ui.choices import choices, erasing, unverified
from ..ui.receipt import gone, no_receipt
from ..ui.receipt import receipt as receipt_content
from ..ui.view import View
from .consent import consent
from .erasing import forget_state
from .http import json_response, problem_response, read_json
from .own_records import acts_of, as_file, decisions_of, is_gone, own_history, own_receipt, own_state
from .receipts import issued, shown_receipt
from .request import choose_locale
from .visitor_site import visitor_site


def carried_choices() -> Response:
    """The decisions and acts of the visitor whose token was sent, or one `receipt` of theirs: a tree and a file."""
    site = visitor_site()
    try:
        body = _body()
        view, id = site.view(choose_locale(site, body.get("locale"))), body.get("receipt")
        with store_errors_as_not_saved():
            shown = _receipt(site, view, id) if id else _choices(site, view, body["token"])
    except Problem as problem:
        return problem_response(problem)
    return json_response(shown | _new_token(site, body["token"]))


def erase_carried() -> Response:
    """Erase the records of the visitor whose token was sent. `text` tells them."""
    site = visitor_site()
    try:
        body = _body()
        if not consent.subject or not hasattr(site.store, "erase"):
            raise InvalidPayload("The token is not of a visitor whose records could be erased here.")
        with store_errors_as_not_saved():
            complete = processing.erase(consent.subject)
    except Problem as problem:
        return problem_response(problem)
    forget_state()
    view = site.view(choose_locale(site, body.get("locale")))
    text = view.messages["erased" if complete else "remainder"]
    return json_response({"text": text} | _new_token(site, body["token"]))


def _body() -> dict[str, str]:
    """The body, once `consent` is that of the visitor whose token is in it."""
    body = read_json()
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise InvalidPayload("The body must be a JSON object of texts: token, locale, and receipt for one receipt.")
    consent.carry(body.setdefault("token", ""))
    return body


def _choices(site: Site, view: View, token: str) -> dict[str, object]:
    if token and not consent.state:
        return {"content": unverified(view)}
    history = own_history(site)
    if consent.state and history and history[-1].seq > consent.state.seq:  # an old token, from before a withdrawal
        consent.state = caught_up(site, consent.state, history).with_age_band(consent.account_band)
    child = consent.band == "child"
    stands, acts = decisions_of(site, own_state(site, history)), acts_of(site, history or [])
    shown: dict[str, object] = {
        "content": choices(view, stands, acts[::-1], lambda: None, child=child),
        "file": as_file(site, view.locale, stands, acts),
        "erasing": erasing(view, None, child=child),
    }
    if consent.subject and history == []:
        forget_state()
    return shown


def _receipt(site: Site, view: View, id: str) -> dict[str, object]:
    choice, history = own_receipt(site, id)
    if choice is None:
        return {"content": gone(view) if is_gone(site, id) else no_receipt(view)}
    file = json.loads(receipt_as("json", site, choice, history, issued(site)))
    return {"content": receipt_content(view, shown_receipt(site, choice, history)), "file": file}


def _new_token(site: Site, token: str) -> dict[str, str]:
    """The token that the page has to keep from now on, where it is another one; empty where it has to forget it. One
    that cannot be verified here is left alone: another process may know its key.
    """
    if not consent.token:
        return {}
    now = site.token_signer.write(consent.state) if consent.state else ""
    return {} if now == token else {"token": now}
