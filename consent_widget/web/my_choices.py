"""The visitor's own records, for their own browser only: what is granted now, every act with its receipt, a download.

The signed cookie says whose records they are; the address of a receipt opens nothing without it.
"""

from __future__ import annotations

from functools import partial

from flask import Response, request

from ..choice.receipt import receipt
from ..errors import StoreError
from ..ui.choices import choices, chosen_elsewhere, unverified
from ..ui.receipt import gone, no_receipt
from ..ui.receipt import receipt as receipt_content
from .consent import consent
from .erasing import forget_visitor
from .http import json_response
from .own_records import acts_of, as_file, decisions_of, is_gone, own_history, own_state
from .page import fields, hide_address, page, unreadable_page
from .press import new_proof
from .request import own_origin, requested_view, withdrawal_url
from .visitor_site import visitor_site


def my_choices() -> Response:
    """The visitor's decisions and acts as a page; with `?format=json`, as a file."""
    site = visitor_site()
    view = requested_view(site)
    try:
        history = own_history(site)
        stands = decisions_of(site, own_state(site, history))
        acts = acts_of(site, history or [])
    except StoreError:
        return unreadable_page(site, view, view.messages["choices"])
    if request.args.get("format") == "json":
        return _download(as_file(site, view.locale, stands, acts), "my-choices.json")
    text = next((key for key in ("saved", "erased", "remainder") if key in request.args), None)
    said = view.messages[text] if text else ""
    back = f"{view.url('choices')}&saved=1"
    hidden = partial(fields, view, "page", back)
    others = [origin for origin in site.settings.origins if origin != own_origin()]
    if others and not consent.sent_tokens:
        content = chosen_elsewhere(view, others)
    elif consent.sent_tokens and not consent.token and not consent.state:
        content = unverified(view)
    else:
        content = choices(
            view, stands, acts[::-1], lambda: hidden(key=new_proof(site.proofs)), child=consent.band == "child"
        )
    response = hide_address(page(site, view, content, view.messages["choices"], said=said))
    erased = consent.subject is not None and history == []
    return forget_visitor(response, site) if erased else response


def my_receipt(name: str) -> Response:
    """One receipt of this visitor. For everybody else, and for any other address, the same 404; but 410 for one that
    was given out here and whose record is gone.
    """
    site = visitor_site()
    view = requested_view(site)
    try:
        id, _ = site.receipt_marks.read(name)
        act = next((act for act in acts_of(site, own_history(site) or []) if act.choice.id == id), None)
        erased = act is None and is_gone(site, name)
    except StoreError:
        return unreadable_page(site, view, view.messages["choices"])
    if act is None:
        content, title = (gone(view), "gone") if erased else (no_receipt(view), "no_receipt")
        response = hide_address(page(site, view, content, view.messages[title]))
        response.status_code = 410 if erased else 404
        return response
    if request.args.get("format") == "json":
        return _download(receipt(act.choice, act.notice, withdrawal_url(site)), "receipt.json")
    return hide_address(page(site, view, receipt_content(view, act), view.messages["receipt"]))


def _download(value: object, name: str) -> Response:
    response = hide_address(json_response(value))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
