"""The visitor erases all their records, here and in their browser."""

from __future__ import annotations

from typing import cast

from flask import Response, redirect, request

from ..errors import StoreError
from ..site.site import Site
from ..subject import processing
from ..subject.records import state_after_erasure
from ..ui.choices import erasing
from .account import forget
from .consent import consent
from .cookie import delete_consent_cookie, set_consent_cookie
from .http import PRIVATE, READING
from .page import fields, hide_address, page, unreadable_page
from .request import requested_view
from .visitor_site import visitor_site


def erase() -> Response:
    """Ask once more, then erase."""
    site = visitor_site()
    view = requested_view(site)
    if not consent.subject or not hasattr(site.store, "erase"):
        return cast(Response, redirect(view.url("choices"), 303))
    if request.method in READING:
        content = erasing(view, fields(view, "page", None), child=consent.band == "child")
        return hide_address(page(site, view, content, view.messages["erase_title"]))
    try:
        results = [processing.erase(subject) for subject in consent.subjects]
    except StoreError:
        return unreadable_page(site, view, view.messages["choices"])
    response = cast(Response, redirect(f"{view.url('choices')}&{'erased' if all(results) else 'remainder'}=1", 303))
    response.headers["Cache-Control"] = PRIVATE
    return forget_visitor(response, site)


def forget_visitor(response: Response, site: Site) -> Response:
    """Delete what the browser of an erased visitor still stores. Only that they are a child stays known."""
    forget_account(response, site)
    forget_state()
    return set_consent_cookie(response, site, consent.state) if consent.state else delete_consent_cookie(response, site)


def forget_account(response: Response, site: Site) -> None:
    """Delete what was chosen in this browser before its visitor signed in, where that is kept."""
    if consent.account:
        forget(response, site)
        consent.account.subject = ""


def forget_state() -> None:
    """The visitor of this request was erased: `consent.state` is None, or says that they are a child and no more."""
    child = consent.state if consent.band == "child" else None
    consent.state = child and state_after_erasure(child._replace(band="child"))
