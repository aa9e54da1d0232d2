"""What the pages for a child and for a guardian have in common."""

from __future__ import annotations

from flask import Response, abort

from ..choice.age import Age
from ..site.site import Site
from ..ui.node import Node
from ..ui.view import View
from .page import hide_address, page
from .request import requested_view
from .visitor_site import visitor_site


def require_guardian_links() -> tuple[Site, Age, View]:
    """The site, its CONSENT_AGE and the view; 404 where the site does not send links to guardians."""
    site = visitor_site()
    age = site.settings.age
    if age is None or age.send is None:
        abort(404)
    return site, age, requested_view(site)


def full_url(age: Age, view: View, link: str) -> str:
    """The whole address of a link, at the host that CONSENT_AGE names: never the one that a request names."""
    return age.url + view.url(f"guardian/{link}")


def guardian_page(site: Site, view: View, content: Node, status: int = 200, *, said: str = "") -> Response:
    """A page for a guardian. `said` is the result of what they did."""
    response = hide_address(page(site, view, content, view.messages["guardian_title"], said=said, to_guardian=True))
    response.status_code = status
    return response
