"""The visitor's own records, for their own browser only: what is granted now, every act with its receipt, a download.

The signed cookie says whose records they are; the address of a receipt opens nothing without it.
"""

from __future__ import annotations

from functools import partial

from flask import Response, request

from ..errors import NoReceipt, Problem, ReceiptGone, StoreError
from ..site.site import Site
from ..subject.receipts import FORMS, receipt_as
from ..ui.choices import choices, chosen_elsewhere, unverified
from ..ui.lists import list_links
from ..ui.node import el
from ..ui.receipt import gone as gone_receipt
from ..ui.receipt import no_receipt
from ..ui.receipt import receipt as receipt_content
from ..ui.view import View
from .consent import consent
from .erasing import forget_visitor
from .http import json_response, problem_response
from .own_records import account_since, acts_of, as_file, decisions_of, is_gone, own_history, own_receipt, own_state
from .page import fields, hide_address, page, unreadable_page, with_problem
from .press import new_proof
from .receipts import download, issued, shown_receipt
from .request import own_origin, requested_view
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
            view, stands, acts[::-1], lambda: hidden(key=new_proof(site.proofs)), child=consent.band == "child",
            account=account_since() > 0,
        )  # fmt: skip
    if links := list_links(view, lists=site.settings.collected is not None, closing=site.settings.close_account):
        content = el("div", content, links)
    response = hide_address(page(site, view, content, view.messages["choices"], said=said))
    erased = consent.subject is not None and history == []
    return forget_visitor(response, site) if erased else response


def my_receipt(name: str) -> Response:
    """One receipt of this visitor, as a page; as a file where the address ends with one of FORMS (`?format=json` is the
    same as `.json`). For everybody else, and for any other address, the same 404; but 410 for one that was given out
    here and whose record is gone.
    """
    site = visitor_site()
    view = requested_view(site)
    form = name.partition(".")[2]
    name = name.removesuffix(f".{form}") if form in FORMS else name
    form = form if form in FORMS else "json" if request.args.get("format") == "json" else ""
    try:
        choice, history = own_receipt(site, name)
        if choice is None:
            return _none(site, view, form, gone=is_gone(site, name))
        if form:
            return download(receipt_as(form, site, choice, history, issued(site)), form)
        shown = shown_receipt(site, choice, history)
    except Problem as problem:
        return hide_address(problem_response(problem))
    except StoreError:
        return unreadable_page(site, view, view.messages["choices"])
    return hide_address(page(site, view, receipt_content(view, shown), view.messages["receipt"]))


def _none(site: Site, view: View, form: str, *, gone: bool) -> Response:
    """404, or 410 for a receipt whose record is `gone`: as a page, or as a problem where a file was asked for."""
    problem = ReceiptGone() if gone else NoReceipt()
    if form:
        return hide_address(problem_response(problem))
    content, title = (gone_receipt(view), "gone") if gone else (no_receipt(view), "no_receipt")
    return with_problem(hide_address(page(site, view, content, view.messages[title])), problem)


def _download(value: object, name: str) -> Response:
    response = hide_address(json_response(value))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
