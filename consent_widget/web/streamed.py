"""Streamed pages: their headers are sent before their template asks about the visitor."""

from __future__ import annotations

from flask import Response

from .cached import draw_for_everybody
from .consent import was_asked
from .http import add_vary, begin_streaming


def tell_caches(response: Response, *, cached: bool) -> None:
    """A streamed page says that it depends on the visitor: by the time it does, it is too late to say so. Among pages
    that caches keep (`cached`) it is for everybody instead: a template that asks nevertheless is an error.
    """
    begin_streaming()
    if response.mimetype != "text/html" or response.direct_passthrough:
        return
    if cached and not was_asked():
        add_vary("Accept-Language")
        draw_for_everybody()
    else:
        add_vary("Cookie", "Sec-GPC", "Accept-Language", "Sec-Fetch-Dest")
