"""The site as the visitor of this request sees it: under the rules of the region that they are in. That is by the
setting, by the site's own function, or by a header of its proxy.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, has_request_context, request

from ..regions import CODE, UNKNOWN
from ..settings.model import Settings
from ..site.site import Site, current_site
from .http import request_values

#: What proxies and databases of addresses say for a visitor whose country they do not know: Cloudflare, App Engine,
#: MaxMind ("somewhere in Asia or the Pacific"). Tor (`T1`) and anonymous proxies (`A1`) are no codes of this form.
NOT_A_COUNTRY = ("XX", "AP", UNKNOWN)
#: Where a request keeps the answer: the site's function is asked once.
FOUND = "_consent_region"


def visitor_site() -> Site:
    """The current app's site, with the notice that is in effect today and the rules of the visitor's region."""
    site = current_site()
    return site.in_region(visitor_region(site.settings))


def visitor_region(settings: Settings) -> str:
    """The code of the visitor's region. UNKNOWN where the site wants to know and nobody says it: in a job, in a page
    that caches keep for all visitors, and for a visitor whom the proxy cannot place.
    """
    if (region := settings.fixed_region) is not None:
        return region
    if settings.render == "cached" or not has_request_context():
        return UNKNOWN
    found = request_values()
    if FOUND not in found:
        found[FOUND] = read_region(_by_function(settings.region) if callable(settings.region) else _by_header(settings))
    return found[FOUND]  # type: ignore[no-any-return]


def read_region(said: str) -> str:
    """The code in what somebody says about a visitor, however it is written. A country counts without a part of it that
    is no code; two answers, such as a header that was sent twice, are none.
    """
    code = said.strip().upper()
    country = code.partition("-")[0]
    if not CODE.fullmatch(country) or country in NOT_A_COUNTRY:
        return UNKNOWN
    return code if CODE.fullmatch(code) else country


def _by_header(settings: Settings) -> str:
    """The country, and where there is a second header the part of it: `US` and `CA` are `US-CA`."""
    country, *part = (request.headers.get(name, "").strip() for name in settings.region_header)
    return f"{country}-{part[0]}" if country and part and part[0] else country


def _by_function(region: Callable[[], object]) -> str:
    """What the site's function says. A fault in it breaks no page: the visitor's region is unknown then."""
    try:
        said = region()
        if said is not None and not isinstance(said, str):
            raise TypeError("CONSENT_REGION: the function must return a code of ISO 3166 as a text, or None.")
    except Exception:
        current_app.logger.exception("CONSENT_REGION: the function failed. This visitor has the strictest rules.")
        return ""
    return said or ""
