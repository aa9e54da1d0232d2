"""The consent cookie: how it is read, set and deleted; and how cookies of services are deleted."""

from __future__ import annotations

from collections.abc import Container, Sequence
from contextlib import suppress
from random import sample
from urllib.parse import quote, urlsplit

from flask import Response, request

from ..choice import policy
from ..choice.state import State
from ..days import DAY, today
from ..site.site import Site
from .http import PRIVATE
from .request import cookie_domain, cookie_name, from_elsewhere

#: How long all deletions of one response may be: many proxies take 4 kB of headers. The next response goes on.
MOST_BYTES = 2_500


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
        if state and (newest[1] is None or state.is_newer_than(newest[1])):
            newest = token, state
    return newest


def set_consent_cookie(response: Response, site: Site, state: State, token: str = "") -> Response:
    """Put the visitor's state, signed, into their cookie. Nothing for a page of another site, which keeps it itself.
    `token` is the state's, where it was signed before.
    """
    if from_elsewhere(site):
        return response
    # A state without decisions still says whose records are whose, so it is kept for as long as a grant.
    days = state.days_left(today()) or site.notice.lifetime_days
    response.headers["Cache-Control"] = PRIVATE
    if domain := cookie_domain(site):  # an older cookie of this host alone would be read first
        response.delete_cookie(cookie_name(site))
    domain = f"; Domain={domain}" if domain else ""
    secure = "; Secure" if request.is_secure else ""
    cookie = f"{cookie_name(site)}={token or site.token_signer.write(state)}{domain}"
    # a token and a domain are what a cookie may hold, so nothing has to be quoted
    response.headers.add("Set-Cookie", f"{cookie}; Max-Age={days * DAY}{secure}; Path=/; SameSite=Lax")
    return response


def delete_consent_cookie(response: Response, site: Site) -> Response:
    """Delete the visitor's cookie."""
    if from_elsewhere(site):
        return response
    response.delete_cookie(cookie_name(site), domain=cookie_domain(site), secure=request.is_secure)
    return response


def delete_service_cookies(
    response: Response, site: Site, state: State | None, *, gpc: bool, on: Container[str]
) -> Response:
    """Delete the cookies that the browser sent of services that may not run now. A name that a service which may run
    uses as well stays.
    """
    return delete_cookies(response, site, _cookies_to_delete(site, state, gpc=gpc, on=on))


def delete_cookies(response: Response, site: Site, names: Sequence[str]) -> Response:
    """Delete cookies that the browser sent, wherever they may have been set."""
    if not names:
        return response
    response.headers["Cache-Control"] = PRIVATE
    room = MOST_BYTES
    framed = request.is_secure and request.headers.get("Sec-Fetch-Site") == "cross-site"  # there it would not be taken
    for place in _places(site):
        for name in names:
            secure = request.is_secure or name.startswith("__") or "Partitioned" in place
            header = f"{name}=; Max-Age=0; {place}" + "; Secure" * secure + "; SameSite=None" * framed
            room -= len(header)
            if room < 0:
                return response
            response.headers.add("Set-Cookie", header)
    return response


def _cookies_to_delete(site: Site, state: State | None, *, gpc: bool, on: Container[str]) -> list[str]:
    """The names as they were sent: each byte is one character, also where they are not ASCII."""
    own = cookie_name(site).removeprefix("__Host-")
    sent = [part.partition("=") for part in request.environ.get("HTTP_COOKIE", "").split(";")]
    names = {name.strip(" \t") for name, equals, _ in sent if equals} - {"", own, f"__Host-{own}"}
    running: list[str] = []
    stopped: list[str] = []
    for service in site.notice.services if names else ():
        runs = policy.permits_service(site.notice, state, service.id, gpc=gpc, today=today(), on=on)
        (running if runs else stopped).extend(cookie.name for cookie in service.cookies if not cookie.host)
    return sorted(name for name in names if _is_like(name, stopped) and not _is_like(name, running))


def _is_like(sent: str, patterns: list[str]) -> bool:
    """Static/src/linked/clear.js says the same: a pattern is a name, or the beginning of names and `*`."""
    name = sent.encode("latin-1").decode("utf-8", "replace")
    return any(name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern for pattern in patterns)


def _places(site: Site) -> list[str]:
    """Where a cookie of this request may have been set (RFC 6265, 5.4): on the host or a parent domain, at its path or
    one above it. A partitioned cookie (CHIPS) is another one than its unpartitioned twin. The likely places come first;
    the others in a new order each time, so that each has its turn where there is not room for all.
    """
    path = quote(request.script_root + request.path, safe="/!$&'()*+,:=@~")  # as a browser writes it
    ends = [at for at, letter in enumerate(path) if letter == "/"] + [len(path)]
    deeper = {path[:end] for end in ends} | {path[: end + 1] for end in ends}
    domains = ["", *(f"; Domain={domain}" for domain in _domains(site))]
    root = [f"Path=/{domain}" for domain in domains]
    others = [f"Path={each}{domain}" for each in sorted(deeper - {"", "/"}) for domain in domains]
    parted = [f"{place}; Partitioned" for place in root + others]
    return root + sample(others, len(others)) + sample(parted, len(parted))


def _domains(site: Site) -> list[str]:
    """The host as the visitor knows it, which a proxy may hide from the app, and its parents. No cookie is set for the
    last label alone, nor for a part of an address.
    """
    urls = [f"//{request.host}", request.headers.get("Origin", ""), f"//{cookie_domain(site) or ''}"]
    domains: dict[str, None] = {}
    for url in urls:
        with suppress(ValueError):
            labels = (urlsplit(url).hostname or "").split(".")
            if not labels[-1].isdigit() and ":" not in labels[-1]:
                domains |= dict.fromkeys(".".join(labels[at:]) for at in range(max(len(labels) - 1, 1)))
    return [domain for domain in domains if domain]
