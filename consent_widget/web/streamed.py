"""Streamed pages: their headers are sent before their template asks about the visitor."""

from __future__ import annotations

from flask import Flask, Response

from ..settings.model import Settings
from .http import add_vary


def tell_caches(app: Flask, settings: Settings) -> None:
    """Every streamed page says that it depends on the visitor: by the time it does, it is too late to say so. Where
    pages are the same for everybody (CONSENT_RENDER), none does.
    """

    def tell(response: Response) -> Response:
        if response.is_streamed and response.mimetype == "text/html" and not response.direct_passthrough:
            add_vary(response, "Cookie", "Sec-GPC", "Accept-Language", "Sec-Fetch-Dest")
        return response

    if settings.render == "server":
        app.after_request(tell)
