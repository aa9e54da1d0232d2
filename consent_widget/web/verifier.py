"""What checks receipts without this site: the page for browsers, and the program."""

from __future__ import annotations

from functools import cache

from flask import Response

from ..proof import verify_page as page
from ..script.body import Body
from ..site.log_policy import log_policy
from ..site.site import current_site
from .http import BRIEFLY, static_response


def verify_page() -> Response:
    """The page that checks receipts in the browser. Saved as a file it works without this site. It begins with what the
    site says about its own log, and says that the site says it.
    """
    policy = log_policy(current_site().settings)
    response = static_response(_page(policy.text if policy else ""), BRIEFLY)
    response.headers["Content-Security-Policy"] = f"{page.content_policy()}; frame-ancestors 'none'"
    return response


def verify_script() -> Response:
    """The program that checks receipts, as a file to download."""
    return static_response(_script(), BRIEFLY)


@cache
def _page(trusted: str) -> Body:
    return Body(page.verify_page(trusted), "text/html")


@cache
def _script() -> Body:
    return Body(page.SCRIPT.read_bytes(), "text/plain")
