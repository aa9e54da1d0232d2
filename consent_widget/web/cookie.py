"""The consent cookie: how it is read, set and deleted; and how cookies of services are deleted."""

from __future__ import annotations

from fnmatch import fnmatchcase

from flask import Response, request

from ..choice import policy
from ..choice.state import State
from ..days import DAY, today
from ..site.site import Site
from .http import PRIVATE
from .request import cookie_domain, cookie_name


def cookies_of(header: str, name: str) -> list[str]:
    """The values of all cookies with exactly this name in the raw header, without parsing the others.

    Only space and tab are trimmed around names and values (RFC 6265, 5.2): `__Ho st-cw`, which a sibling domain may
    set, is another name than `__Host-cw`, which it may not.
    """
    values, (before, found, after) = [], header.partition(name)
    while found:
        rest, _, later = after.partition(";")
        last, equals, value = rest.partition("=")
        if equals and not (before.rpartition(";")[2] + last).strip(" \t"):
            values.append(value.strip(" \t"))
        before, found, after = later.partition(name)
    return values


def newest_token(site: Site, tokens: list[str]) -> tuple[str, State | None]:
    """The newest genuine token and its state. There may be several cookies of our name: a parent domain can set one
    as well.
    """
    newest: tuple[str, State | None] = "", None
    for token in tokens:
        state = site.token_signer.read(token)
        if state and (newest[1] is None or (state.time, state.seq) > (newest[1].time, newest[1].seq)):
            newest = token, state
    return newest


def set_consent_cookie(response: Response, site: Site, state: State) -> Response:
    """Put the visitor's state, signed, into their cookie."""
    # A state without decisions still says whose records are whose, so it is kept for as long as a grant.
    days = state.days_left(today()) or site.notice.lifetime_days
    response.headers["Cache-Control"] = PRIVATE
    if cookie_domain(site):  # an older cookie of this host alone would be read first
        response.delete_cookie(cookie_name(site))
    response.set_cookie(
        cookie_name(site),
        site.token_signer.write(state),
        max_age=days * DAY,
        secure=request.is_secure,
        samesite="Lax",
        domain=cookie_domain(site),
    )
    return response


def delete_consent_cookie(response: Response, site: Site) -> Response:
    """Delete the visitor's cookie."""
    response.delete_cookie(cookie_name(site), domain=cookie_domain(site), secure=request.is_secure)
    return response


def delete_service_cookies(response: Response, site: Site, state: State, *, gpc: bool) -> Response:
    """Delete the cookies of all services that may not run now."""
    patterns = [
        cookie.name
        for service in site.notice.services
        if not policy.permits_service(site.notice, state, service.id, gpc=gpc, today=today())
        for cookie in service.cookies
    ]
    for name in request.cookies:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            for domain in {None, cookie_domain(site), request.host.split(":")[0]}:
                response.delete_cookie(name, domain=domain)
    return response
