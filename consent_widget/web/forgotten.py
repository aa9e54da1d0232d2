"""In debug mode, the log says which pages of the app need the widget and do not have it."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from .requires import required_by


def watch_pages(app: Flask) -> None:
    """Look at each page that `app` sends in debug mode. Each view is told of once."""
    told: set[str | None] = set()

    def look(response: Response) -> Response:
        if current_app.debug and request.endpoint not in told and (missing := _what_is_missing(response)):
            told.add(request.endpoint)
            app.logger.warning(
                "The page of the view %r has no widget, %s. Put {{ consent_widget() }} first in its body.",
                request.endpoint, missing,
            )  # fmt: skip
        return response

    app.after_request(look)


def _what_is_missing(response: Response) -> str:
    """What a visitor misses on a whole page without the widget; empty if nothing. A fragment is not looked at."""
    if response.status_code != 200 or response.mimetype != "text/html" or response.is_streamed:
        return ""
    text = response.get_data(as_text=True)
    if "<body" not in text or "<consent-widget" in text or "/widget." in text:
        return ""
    if "data-consent" in text:
        return "so what waits for consent there (data-consent) never opens"
    if required_by(current_app.view_functions.get(request.endpoint or "")):
        return "so visitors cannot withdraw there what it requires"
    return ""
