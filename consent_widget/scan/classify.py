"""Judges what a scan saw: what may not be there, by the notice and the catalogue of vendors. A pure function."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from ..notice.model import Notice
from ..notice.parts import Service
from ..vendors.catalogue import all_vendors
from ..vendors.model import Vendor
from .observed import PHASES, Observations, Phase, Request, Stored

#: `leak`: something is sent or stored that the visitor has not agreed to. `untold`: after they agreed to everything,
#: something is there that the notice does not tell (GDPR 13 and ePrivacy 5(3); PIPL 17 and 23).
Kind = Literal["leak", "untold"]
What = Literal["request", "preconnect", "cookie", "local", "session", "database", "cache", "worker"]

#: Cookies without which the frameworks that set them do not work: they hold a session or stop forged requests, and need
#: no consent (ePrivacy 5(3); WP29 opinion 4/2012, 3.2).
NECESSARY = (
    "session", "sessionid", "_session_id", "connect.sid", "PHPSESSID", "JSESSIONID", "ASP.NET_SessionId",
    "laravel_session", "csrftoken", "csrf_token", "_csrf_token", "XSRF-TOKEN", "_csrf", "remember_token", "AWSALB*",
)  # fmt: skip
PORT = re.compile(r":\d+$")
#: The kinds of vendors whose tags are also served from a site's own host, by a gateway or a copy.
MOVED = ("analytics", "advertising", "other")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that should not be there. `service` is the service of the notice that it belongs to, `vendor` that of
    the catalogue; both are None for what nobody knows. `place` is the address without its query, or the name of what is
    stored. `phases` are the visitors who met it, `pages` where.
    """

    kind: Kind
    what: What
    host: str
    place: str
    service: str | None = None
    vendor: str | None = None
    phases: tuple[Phase, ...] = ()
    pages: tuple[str, ...] = ()
    initiators: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """Whose it is: what belongs together in a report."""
        return self.service or self.vendor or self.host


@dataclass(kw_only=True)
class _Found:
    kind: Kind = "untold"
    service: str | None = None
    vendor: str | None = None
    phases: set[Phase] = field(default_factory=set)
    pages: dict[str, None] = field(default_factory=dict)
    initiators: dict[str, None] = field(default_factory=dict)
    cookies: dict[str, None] = field(default_factory=dict)


def classify(seen: Observations, notice: Notice | None = None, own: Collection[str] = ()) -> tuple[Finding, ...]:
    """What should not be there, worst first. Without a notice nothing may be sent to others. `own` names hosts, cookies
    and keys that are the site's own (`*` stands for any ending).
    """
    law = _Law(seen, notice, tuple(own))
    found: dict[tuple[What, str, str], _Found] = {}
    for request in seen.requests:
        if verdict := law.of_request(request):
            host, path = _host(request.url), urlsplit(request.url).path
            what: What = "preconnect" if request.kind == "preconnect" else "request"
            within = host in (_host(request.page), _host(request.initiator)) and not law.is_own(host)
            first = next((key for key in found if key[:2] == ("request", host)), None) if within else None
            into = _add(found, first or (what, host, path or "/"), verdict, request.phase, request.page)
            into.initiators |= dict.fromkeys(filter(None, [request.initiator]))
            into.cookies |= dict.fromkeys(request.cookies)
    asked = {host for what, host, _ in found if what == "request"}
    for stored in (*seen.stored, *_from_wire(seen, law)):
        if stored.host in asked and not law.is_own(stored.host):
            continue  # it came with the request that is told
        if verdict := law.of_stored(stored):
            _add(found, (stored.place, stored.host, stored.name), verdict, stored.phase, stored.page)
    findings = (_finding(key, value) for key, value in found.items())
    return tuple(sorted(findings, key=lambda each: (each.kind, each.what != "request", each.group)))


Verdict = tuple[Kind, str | None, str | None]


@dataclass(frozen=True)
class _Law:
    """What is allowed on this site, and to whom."""

    seen: Observations
    notice: Notice | None
    own: tuple[str, ...]

    def of_request(self, request: Request) -> Verdict | None:
        host = _host(request.url)
        vendor: Vendor | None = None
        if self.is_own(host):
            vendor = next((each for each in self._vendors if _is_moved(each, request.url)), None)
            alias = self.seen.aliases.get(host, "")
            vendor = vendor or next((each for each in self._vendors if alias and _any_host(each.hosts, alias)), None)
            if vendor is None:
                return None
            services = [each for each in self._services if _is_of(each, vendor)]
        else:
            vendor = self._vendor_at(host, request.url)
            services = [each for each in self._services if _any_host(each.hosts, host)]
            services = services or [each for each in self._services if vendor and _is_of(each, vendor)]
        return self._verdict(services, vendor, request.phase)

    def of_stored(self, stored: Stored) -> Verdict | None:
        if self._is_ours(stored) or any(_fits(each, stored.name) for each in self.own):
            return None
        cookie = stored.place == "cookie"
        own_host = self.is_own(stored.host)
        if cookie and own_host and any(_fits(each, stored.name) for each in NECESSARY):
            return None
        services = [each for each in self._services if _tells(each, stored, own_host=own_host)]
        if not own_host and not services and any(_any_host(each.hosts, stored.host) for each in self._services):
            # a host that the notice tells: only what is stored without consent counts, the rest is the host's to tell
            services = [each for each in self._services if _any_host(each.hosts, stored.host)]
        vendor = next((each for each in self._vendors if _stores(each, stored, own_host=own_host)), None)
        return self._verdict(services, vendor, stored.phase)

    def is_own(self, host: str) -> bool:
        """Is a host the site's own, or that of the widget?"""
        site = self.seen.site
        if host in (_host(self.seen.url), _host(self.seen.home)) or _any_host(self.own, host):
            return True
        return host == site or host.endswith(f".{site}")

    def _is_ours(self, stored: Stored) -> bool:
        """Is it the widget's own?"""
        name = re.sub("^__(Host|Secure)-", "", stored.name)
        return self.is_own(stored.host) and any(
            re.match(rf"{re.escape(each)}(?![A-Za-z0-9_])", name) for each in ("cw", self.seen.cookie)
        )

    def _verdict(self, services: Iterable[Service], vendor: Vendor | None, phase: Phase) -> Verdict | None:
        told = list(services)
        if any(self._may_run(each, phase) for each in told):
            return None
        kind: Kind = "untold" if phase == "accepted" and not told else "leak"
        return kind, told[0].id if told else None, vendor.id if vendor else None

    def _may_run(self, service: Service, phase: Phase) -> bool:
        return all(self._permits(purpose, phase) for purpose in service.purposes) and (
            service.recipient is None or all(self._is_always_on(each) for each in service.purposes)
        )

    def _permits(self, purpose: str, phase: Phase) -> bool:
        if self._is_always_on(purpose):
            return True
        option = self.notice and self.notice.options.get(purpose)
        return phase == "accepted" and bool(option and option.in_accept_all)

    def _is_always_on(self, purpose: str) -> bool:
        found = self.notice and self.notice.purpose(purpose)
        return bool(found and found.control == "always_on")

    def _vendor_at(self, host: str, url: str) -> Vendor | None:
        """The vendor at a host; of several, the one whose mark the address has."""
        there = [each for each in self._vendors if _any_host(each.hosts, host)]
        return next((each for each in there if _is_marked(each, url)), there[0] if there else None)

    @property
    def _services(self) -> tuple[Service, ...]:
        return self.notice.services if self.notice else ()

    @cached_property
    def _vendors(self) -> tuple[Vendor, ...]:
        return tuple(all_vendors())


def _from_wire(seen: Observations, law: _Law) -> Iterable[Stored]:
    """Cookies that answers set, also those that the browser did not keep. The site's own have no port."""
    for request in seen.requests:
        host = _host(request.url)
        host = PORT.sub("", host) if law.is_own(host) else host
        for name in request.cookies:
            yield Stored(place="cookie", name=name, host=host, phase=request.phase, page=request.page)


def _add(
    found: dict[tuple[What, str, str], _Found], key: tuple[What, str, str], verdict: Verdict, phase: Phase, page: str
) -> _Found:
    into = found.setdefault(key, _Found())
    kind, into.service, into.vendor = verdict
    if kind == "leak":
        into.kind = kind
    into.phases.add(phase)
    into.pages |= dict.fromkeys(filter(None, [page]))
    return into


def _finding(key: tuple[What, str, str], found: _Found) -> Finding:
    what, host, place = key
    return Finding(
        kind=found.kind, what=what, host=host, place=place, service=found.service, vendor=found.vendor,
        phases=tuple(each for each in PHASES if each in found.phases), pages=tuple(found.pages),
        initiators=tuple(found.initiators), cookies=tuple(found.cookies),
    )  # fmt: skip


def _host(url: str) -> str:
    """The host of an address. On one's own computer a port is a site, and stays with the name."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    local = host == "localhost" or host.endswith(".localhost") or re.fullmatch(r"[\d.]+|.*:.*", host)
    return f"{host}:{parts.port}" if local and parts.port else host


def _any_host(patterns: Iterable[str], host: str) -> bool:
    """Is a host among these? A port counts where both have one: cookies have none (RFC 6265, 8.5)."""
    for pattern in patterns:
        name, there = pattern.lower(), host
        if not (PORT.search(name) and PORT.search(host)):
            name, there = PORT.sub("", name), PORT.sub("", host)
        if name == there or (name.startswith("*.") and (there.endswith(name[1:]) or there == name[2:])):
            return True
    return False


def _fits(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _tells(service: Service, stored: Stored, *, own_host: bool) -> bool:
    if stored.place != "cookie":
        return any(_fits(each, stored.name) for each in service.storage)
    return any(
        _fits(each.name, stored.name)
        and (_any_host([each.host, f"*.{each.host}"], stored.host) if each.host else own_host)
        for each in service.cookies
    )


def _stores(vendor: Vendor, stored: Stored, *, own_host: bool) -> bool:
    if stored.place != "cookie":
        return any(_fits(each.name, stored.name) for each in vendor.storage or ())
    return any(_fits(each.name, stored.name) and bool(each.host) != own_host for each in vendor.cookies or ())


def _is_of(service: Service, vendor: Vendor) -> bool:
    """Is a service of the notice this vendor's? A published notice does not say what it has from the catalogue."""
    return (service.use.vendor if service.use else service.id) == vendor.id or bool({*service.hosts} & {*vendor.hosts})


def _is_marked(vendor: Vendor, url: str) -> bool:
    parts = urlsplit(url)
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return any(mark in address if mark.startswith("/") else f"?{mark}" in address or f"&{mark}" in address
               for mark in vendor.marks.address)  # fmt: skip


def _is_moved(vendor: Vendor, url: str) -> bool:
    """Is this the vendor's tag on another host than its own?"""
    return vendor.kind in MOVED and _is_marked(vendor, url)
