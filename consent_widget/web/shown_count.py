"""Counts how often visitors are given the first layer: only how often, and only where somebody looks at it
(CONSENT_OFFICER).
"""

from __future__ import annotations

from flask import request

from ..site.site import Site
from .request import at_home, cookie_name

#: Programs that say they are one.
PROGRAMS = ("bot/", "bot;", "bot)", "bot-", "crawl", "spider", "slurp", "headless", "preview", "monitor", "curl/",
            "wget/", "python-")  # fmt: skip
#: What browsers say when they fetch a page that perhaps nobody will look at.
AHEAD = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")


def count_shown(site: Site, locale: str) -> None:
    """One more, unless this answer is for nobody who reads it."""
    environ = request.environ
    if (
        site.showings is None
        or environ["REQUEST_METHOD"] == "HEAD"
        or any(name in environ and environ[name].startswith(("prefetch", "preview")) for name in AHEAD)
    ):
        return
    agent = environ.get("HTTP_USER_AGENT", "").lower()
    if any(name in agent for name in PROGRAMS):
        return
    site.showings.add(locale, site.settings.layout, site.region, site.notice.digest)


def count_script(site: Site, locale: str) -> None:
    """The script that draws the layer by itself goes to somebody. On the site's own domain their cookie comes with it:
    without one, they are asked. On other domains nobody can tell.
    """
    if site.showings is None or site.settings.render != "script" or not at_home(site):
        return
    if site.asks_new_visitors and f"{cookie_name(site)}=" not in request.environ.get("HTTP_COOKIE", ""):
        count_shown(site, locale)
