"""The page for complaints, which the notice and “My choices” link to where the law asks for it."""

from __future__ import annotations

from flask import Response

from ..ui.complaint import complaint as complaint_content
from .page import page
from .request import requested_view
from .visitor_site import visitor_site


def complaint() -> Response:
    """Whom to write to about how information was handled, and which authority there is besides."""
    site = visitor_site()
    view = requested_view(site)
    return page(site, view, complaint_content(view), view.messages["complain"])
