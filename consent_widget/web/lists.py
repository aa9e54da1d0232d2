"""The visitor's two lists (双清单), as pages and as files: for their own browser only, and in no cache."""

from __future__ import annotations

from flask import Response, abort, current_app, request

from ..errors import StoreError
from ..site.site import Site
from ..subject.lists import lists_of
from ..ui.list_files import as_csv, as_plain
from ..ui.lists import Kind, list_page
from .consent import consent
from .http import json_response
from .own_records import own_history
from .page import hide_address, page
from .request import requested_view
from .visitor_site import visitor_site


def collected_list() -> Response:
    """What was collected from this visitor."""
    return _list(visitor_site(), "collected")


def shared_list() -> Response:
    """With whom it was shared."""
    return _list(visitor_site(), "shared")


def _list(site: Site, kind: Kind) -> Response:
    if site.settings.collected is None:
        abort(404)
    view = requested_view(site)
    try:
        choices = own_history(site)
    except StoreError:  # what the site knows is shown all the same
        choices = None
    lists, closing, form = (
        lists_of(site, consent.subject, choices),
        site.settings.close_account,
        request.args.get("format"),
    )
    if form == "json":
        response = json_response(as_plain(view, kind, lists, consent.subject, closing))
    elif form == "csv":
        response = current_app.response_class(as_csv(view, kind, lists), mimetype="text/csv")
        response.headers["X-Content-Type-Options"] = "nosniff"
    else:
        return hide_address(page(site, view, list_page(view, kind, lists, closing), view.messages[kind]))
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.{form}"'
    return hide_address(response)
