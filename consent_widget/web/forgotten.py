"""In debug mode, the log says which pages of the app need the widget and do not have it, or have that of a cache."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, current_app, request

from .consent import was_asked
from .requires import required_by

PUT = "Put {{ consent_widget() }} first in its body."


def page_watcher(app: Flask) -> Callable[[Response], None]:
    """Looks at a page that `app` sends in debug mode. Each view is told of once."""
    told: set[str | None] = set()

    def look(response: Response) -> None:
        if request.endpoint not in told and (missing := _what_is_missing(response)):
            told.add(request.endpoint)
            app.logger.warning("The page of the view %r has %s", request.endpoint, missing)

    return look


def _what_is_missing(response: Response) -> str:
    """What is wrong with a whole page, as the end of a sentence; empty if nothing. A fragment is not looked at."""
    if response.status_code != 200 or response.mimetype != "text/html" or response.is_streamed:
        return ""
    text = response.get_data(as_text=True)
    if " data-token" in text and not was_asked():
        return (
            "the widget of another visitor, from a cache of the app: their random name and choices may be in it. Set "
            'CONSENT_RENDER = "script", or do not cache this view.'
        )
    if "<consent-widget" in text or "/widget." in text:
        if text.lstrip()[:9].lower() == "<!doctype" and "viewport" not in text:
            return (
                "no viewport, so phones show it and the question in tiny letters. Put into its head: "
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
            )
        return ""
    if "<body" not in text:
        return ""
    if "data-consent" in text:
        return f"no widget, so what waits for consent there (data-consent) never opens. {PUT}"
    if required_by(current_app.view_functions.get(request.endpoint or "")):
        return f"no widget, so visitors cannot withdraw there what it requires. {PUT}"
    return ""
