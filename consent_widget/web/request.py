"""What a site's answer takes from the current request: the cookie's name, the locale, and where links lead."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from flask import current_app, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from ..site.site import Site
from ..ui.locales import negotiate
from ..ui.view import View
from .http import current_request, form_fields, is_same_origin

#: The longest wishes whose best locale is remembered, in characters, so that no sender fills the memory.
LONGEST_REMEMBERED = 200


def own_origin() -> str:
    """The origin that this request was sent to."""
    sent = current_request()
    return f"{sent.scheme}://{sent.host}"


def at_home(site: Site) -> bool:
    """Is this request on the site's own domain? False on the host of a service that several sites share."""
    return not site.settings.site or own_origin() in site.settings.origins


def home_url(site: Site) -> str:
    """Where the site's own pages begin."""
    return request.script_root + "/" if at_home(site) else site.settings.origins[0] + "/"


def cookie_domain(site: Site) -> str | None:
    """The parent domain that shares the choice; None on a shared host."""
    return site.settings.cookie_domain if at_home(site) else None


def cookie_name(site: Site) -> str:
    """CONSENT_COOKIE_NAME: on HTTPS with `__Host-`, so that no subdomain and no plain-text page can set it. On a shared
    host each site has its own name, so that nothing links its visitors to those of another site.
    """
    prefix = "" if cookie_domain(site) or not request.is_secure else "__Host-"
    name = prefix + site.settings.cookie_name
    return name if at_home(site) else f"{name}-{site.settings.site}"


def from_elsewhere(site: Site) -> bool:
    """Does a page of another site send this request? It keeps the token itself, and gets no cookie of ours."""
    if not site.settings.origins:
        return False
    environ = request.environ
    return environ.get("HTTP_ORIGIN") in site.settings.origins and not is_same_origin(environ)


def withdrawal_url(site: Site) -> str:
    """Where this visitor can change their choice: on the page that sent it, if that keeps the choice; else on ours."""
    if from_elsewhere(site):
        return f"{request.headers['Origin']}/"
    return f"{own_origin()}{quote(request.script_root)}{site.settings.url_prefix}/preferences"


def choose_locale(site: Site, requested: str | None = None, chosen: str | None = None) -> str:
    """The locale of this request: the `requested` one, else the site's own choice, which is `chosen` where the caller
    has asked for it, else the browser's.
    """
    accepted = request.environ.get("HTTP_ACCEPT_LANGUAGE", "")
    short = len(accepted) + len(requested or "") <= LONGEST_REMEMBERED
    find = best_locale if short else best_locale.__wrapped__
    own = site_locale(site) if chosen is None else chosen
    return find(tuple(site.notice.locales), requested, own, accepted)


@lru_cache(maxsize=1_000)
def best_locale(locales: tuple[str, ...], requested: str | None, chosen: str, accepted: str) -> str:
    """See `negotiate`; `accepted` is the text of Accept-Language. Browsers send few different ones."""
    return negotiate(locales, requested, chosen, accept=parse_accept_header(accepted, LanguageAccept))


def site_locale(site: Site) -> str:
    """The locale that the site itself chooses for this request; empty if it chooses none."""
    return str((site.settings.locale() if site.settings.locale else _babel_locale()) or "")


def view_in(site: Site, locale: str) -> View:
    """The notice in a locale, with links under the path where this request found the app (SCRIPT_NAME)."""
    return site.view(locale, request.script_root + site.settings.url_prefix)


def requested_view(site: Site) -> View:
    """The notice in the locale that the page's address, or its form, asks for."""
    return view_in(site, choose_locale(site, request.args.get("lang") or form_fields().get("locale")))


def _babel_locale() -> str | None:
    if "babel" not in current_app.extensions:
        return None
    from flask_babel import get_locale

    locale = get_locale()
    return str(locale) if locale else None
