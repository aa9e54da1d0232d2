"""Streamed pages: their headers are sent before their template asks about the visitor."""

from __future__ import annotations

from flask import Response

from .http import add_vary


def tell_caches(response: Response) -> None:
    """A streamed page says that it depends on the visitor: by the time it does, it is too late to say so."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        add_vary("Cookie", "Sec-GPC", "Accept-Language", "Sec-Fetch-Dest")
