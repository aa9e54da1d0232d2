"""The page for parents and guardians, which the foot of every page of ours links to."""

from __future__ import annotations

from flask import Response

from ..ui.parents import parents as parents_content
from .page import page
from .request import requested_view
from .visitor_site import visitor_site


def parents() -> Response:
    """Whom a parent or guardian writes to, what to say, and what is done then."""
    site = visitor_site()
    view = requested_view(site)
    return page(site, view, parents_content(view), view.messages["parents"], to_guardian=True)
