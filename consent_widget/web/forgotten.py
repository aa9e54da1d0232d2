"""In debug mode, the log says what is likely to be a mistake: a page without the widget, or with that of a cache; our
own addresses that the app keeps to itself; another app's cookie; and settings that came too late.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, current_app, request

from .blueprint import NAME, SHARED
from .consent import consent, was_asked
from .requires import required_by

#: Answers of an app that shows nothing before somebody signs in. None of ours to a reading request is one.
KEPT = (301, 302, 303, 307, 401, 403)
OTHER = (
    "A browser sent a cookie of the widget that none of this app's keys signed. Either they are new, or another app "
    "on this host, on whichever port, has a cookie of this name, and choices at one overwrite those at the other: then "
    "give one of them a CONSENT_COOKIE_NAME."
)
PUT = "Put {{ consent_widget() }} first in its body."


def page_watcher(app: Flask) -> Callable[[Response], None]:
    """Looks at a response that `app` sends in debug mode. Each view, and each setting, is told of once."""
    told: set[str | None] = set()
    read = _settings(app)

    def look(response: Response) -> None:
        if request.endpoint not in told and (wrong := _what_is_wrong(response)):
            told.add(request.endpoint)
            app.logger.warning("%s", wrong)
        if OTHER not in told and was_asked() and consent.sent_tokens and not consent.token:
            told.add(OTHER)
            app.logger.warning(OTHER)
        for name, value in _settings(app).items():
            if name not in told and value is not read.get(name):
                told.add(name)
                app.logger.warning("%s was set after the widget had been added, which has read it already.", name)

    return look


def _settings(app: Flask) -> dict[str, object]:
    return {name: value for name, value in app.config.items() if name.startswith("CONSENT_")}


def _what_is_wrong(response: Response) -> str:
    if request.endpoint in SHARED and response.status_code in KEPT and request.method == "GET":
        return (
            f"The app answers {response.status_code} for the widget, at {request.path}: visitors who are not signed in "
            f"get none. In your before_request let `request.blueprint == {NAME!r}` through."
        )
    missing = _what_is_missing(response)
    return missing and f"The page of the view {request.endpoint!r} has {missing}"


def _what_is_missing(response: Response) -> str:
    """What is wrong with a whole page, as the end of a sentence; empty if nothing. A fragment is not looked at."""
    if response.status_code != 200 or response.mimetype != "text/html" or response.is_streamed:
        return ""
    text = response.get_data(as_text=True)
    if " data-token" in text and not was_asked():
        return (
            "the widget of another visitor, from a cache of the app: their random name and choices may be in it. Set "
            'CONSENT_RENDER = "cached", or do not cache this view.'
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
