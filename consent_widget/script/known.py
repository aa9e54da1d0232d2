"""Which service of the notice, or which other vendor of the catalogue, an address or a script in a page belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..notice.model import Notice
from ..notice.parts import Service
from ..vendors.addresses import LONGEST, host_of, hosts_in, path_of
from ..vendors.catalogue import all_vendors, read_vendor
from ..vendors.model import Vendor
from .guard import hosts_of
from .signs import Signs
from .tags import filled, tag_of

#: What a script does that loads something. One that only names a host, such as a link to a profile, is left alone.
LOADS = re.compile(
    r"createElement|document\.write|\.src\b|\b(?:Image|Audio|Worker)\b|\.append|insert(?:Before|Adjacent)|innerHTML"
    r"|\bimport\b|\bfetch\b|sendBeacon|XMLHttpRequest|importScripts|getScript|WebSocket|EventSource|\baxios\b"
    r"|\.ajax\b|\$\.(?:get|post)|(?:setAttribute|\.attr)\(\s*[\"']src|<(?:script|iframe|img)\b"
)
#: How scripts write a slash or a quote within a text.
ESCAPED = re.compile(r"\\u00[0-9a-f]{2}|\\x[0-9a-f]{2}|%[0-9a-f]{2}", re.IGNORECASE)
#: A script that only calls a vendor's tag is part of it up to this many characters; a longer one is the site's own.
LONGEST_CALLS = 2000
FUNCTION = re.compile(r"\bfunction\b|=>")
PLACEHOLDER = re.compile(r".*\{\w+\}[^.]*\.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Party:
    """Who is asked by a page: a service of the notice (`listed`), or a vendor that the notice does not tell."""

    id: str
    purposes: tuple[str, ...]
    hosts: tuple[str, ...]
    listed: bool
    #: Does the widget load the tag by itself?
    loaded: bool = False
    #: Is it loaded before the visitor has chosen, and told to wait?
    advanced: bool = False
    #: Texts in path and query that tell the vendor from others on the same host, and on the site's own.
    marks: tuple[str, ...] = ()
    #: The hosts that the tag itself comes from.
    sources: frozenset[str] = frozenset()
    #: The globals by which a page calls the tag.
    calls: re.Pattern[str] = re.compile("(?!)")

    def is_marked(self, where: str) -> bool:
        """Does a mark of the vendor's tag stand there?"""
        return any(mark in where for mark in self.marks)


class Known:
    """All whom pages are looked through for, by their hosts. Made once, at start-up."""

    def __init__(self, notice: Notice) -> None:
        used = {service.use.vendor for service in notice.services if service.use}
        others = (vendor for vendor in all_vendors() if vendor.id not in used)
        self._by_host: dict[str, tuple[Party, ...]] = {}
        self._by_domain: dict[str, tuple[Party, ...]] = {}
        self.parties = (*map(_of_service, notice.services), *map(_of_vendor, others))
        for party in self.parties:
            for host in party.hosts:
                domain = host.removeprefix("*.")
                table = self._by_host if domain == host else self._by_domain
                table[domain] = (*table.get(domain, ()), party)
        #: The services that may stand on the site's own host.
        self.gateways = [party for party in self.parties if party.listed and party.marks]
        marks = [mark.encode() for party in self.gateways for mark in party.marks]
        #: By these, most pages without vendors are known before they are read.
        self.signs = Signs((*self._by_host, *self._by_domain), marks)

    def at_host(self, host: str) -> Iterator[Party]:
        """Everybody whose host this is."""
        if len(host) > LONGEST:
            return
        yield from self._by_host.get(host, ())
        while host:
            yield from self._by_domain.get(host, ())
            host = host.partition(".")[2]

    def of_address(self, address: str, own_host: str, base_host: str = "", *, is_script: bool = False) -> list[Party]:
        """Who is asked by this address, in a page of `own_host` with a `<base>` at `base_host`; nobody: an empty list.

        At the site's own host it can only be the script of a service whose vendor offers that (a tag gateway).
        """
        host, path = host_of(address) or base_host or own_host, path_of(address)
        if host == own_host:
            return [party for party in self.gateways if party.is_marked(path)] if is_script else []
        return _chosen(list(self.at_host(host)), path)

    def of_script(self, text: str, own_host: str) -> list[Party]:
        """Whose tag a script within a page loads."""
        if not LOADS.search(text):
            return []
        text = ESCAPED.sub(lambda found: chr(int(found[0][-2:], 16)), text)
        hosts = set(hosts_in(text)) - {own_host}
        named = [
            party
            for host in sorted(hosts)
            for party in self.at_host(host)
            if not party.marks or host in party.sources or party.is_marked(text) or _is_fetched(host, text)
        ]
        return _chosen(list(dict.fromkeys(named)), text)


def _is_fetched(host: str, text: str) -> bool:
    """Does the address at this host look like a script or a pixel, and not like a page that is linked to?"""
    return re.search(re.escape(host) + r"/[\w./-]*\.(?:js|php|gif|aspx?)\b", text, re.IGNORECASE) is not None


def calls_only(party: Party, text: str) -> bool:
    """Does a script only call the vendor's tag, without making what takes the calls before the tag is there? One that
    has functions is the site's own.
    """
    return (
        len(text) <= LONGEST_CALLS
        and not FUNCTION.search(text)
        and any(not re.search(rf"\b{name}\s*=[^=]", text) for name in map(re.escape, party.calls.findall(text)))
    )


def _chosen(candidates: Iterable[Party], where: str) -> list[Party]:
    """Of those who share a host, the ones whose marks are there; else all. Of these, the notice's come first."""
    candidates = list(candidates)
    fitting = [party for party in candidates if not party.marks or party.is_marked(where)] or candidates
    return [party for party in fitting if party.listed] or fitting[:1]


def _of_service(service: Service) -> Party:
    if service.use is None:
        return Party(id=service.id, purposes=service.purposes, hosts=service.hosts, listed=True)
    vendor, use = read_vendor(service.use.vendor), service.use
    own = path_of(use.script) if use.script else ""
    return Party(
        id=service.id,
        purposes=service.purposes,
        hosts=tuple(hosts_of(service)),
        listed=True,
        loaded="src" in (tag_of(service) or {}),
        advanced=use.advanced,
        marks=(*vendor.marks.address, *([own] if len(own) > 1 else [])),
        sources=frozenset(map(host_of, filled(_addresses(vendor), use.parameters))),
        calls=_calls(vendor),
    )


def _of_vendor(vendor: Vendor) -> Party:
    return Party(
        id=vendor.id,
        purposes=(vendor.purpose,),
        hosts=tuple(filter(None, map(_any, vendor.hosts))),
        listed=False,
        marks=vendor.marks.address,
        sources=frozenset(map(host_of, _addresses(vendor))),
        calls=_calls(vendor),
    )


def _any(host: str) -> str:
    """The hosts that a template stands for; none where it can be any."""
    return PLACEHOLDER.sub("*.", host) if "." in PLACEHOLDER.sub("", host) else ""


def _addresses(vendor: Vendor) -> list[str]:
    tag = vendor.tag
    return [address for address in (tag.script, tag.first, tag.frame) if address] if tag else []


def _calls(vendor: Vendor) -> re.Pattern[str]:
    queue = [vendor.tag.queue.name] if vendor.tag and vendor.tag.queue else []
    names = {*queue, *(call.to for call in vendor.calls if call.to)}
    found = "|".join(re.escape(name) for name in sorted(names))
    return re.compile(rf"(?<![\w.$])(?:{found})(?=\s*[.(\[])" if names else "(?!)")
