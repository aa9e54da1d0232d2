"""What checks receipts without this site: the page for browsers, and the program."""

from __future__ import annotations

from functools import cache

from flask import Response

from ..proof import verify_page as page
from ..script.body import Body
from .http import BRIEFLY, static_response


def verify_page() -> Response:
    """The page that checks receipts in the browser. Saved as a file it works without this site."""
    response = static_response(_page(""), BRIEFLY)
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
