"""What a scan saw, before anybody judges it: requests, cookies, stored keys, and pictures of pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from ..errors import ConsentError

#: Who looks: a visitor who has not chosen, one who has refused everything, one who has pressed "Accept all", and one
#: who has withdrawn that and comes back.
Phase = Literal["new", "refused", "accepted", "withdrawn"]
PHASES: tuple[Phase, ...] = ("new", "refused", "accepted", "withdrawn")
Place = Literal["cookie", "local", "session", "database", "cache", "worker"]


class CannotLookError(ConsentError):
    """The scan cannot look at the site, for a reason that its message says in one line."""


#: The longest text that is kept of what a site says, in characters.
LONGEST = 2000


def legible(said: object) -> str:
    """What a site says, as it can be shown in a terminal or a report, and written as TOML or JSON: control characters,
    those that turn the direction of a text around (Unicode TR 36, 3.2) and halves of characters are escaped.
    """
    text = str(said)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def web_address(said: str, base: str = "") -> str:
    """An address of the web that a page or a header names, from where it stands; empty where it is none. What a browser
    cannot read, such as `http://[`, it gives out as it is written.
    """
    try:
        url = urljoin(base, said)
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 else ""
    except ValueError:
        return ""


class _FromSite:
    """What a site says is made legible as it comes in: nobody has to think of it again."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, str):
                object.__setattr__(self, name, legible(value))
            elif isinstance(value, tuple):
                object.__setattr__(self, name, tuple(map(legible, value)))


@dataclass(frozen=True, kw_only=True)
class Request(_FromSite):
    """A request that left the browser, each hop of a redirect for itself. `cookies` are the names that the answer sets
    (RFC 6265, 4.1), also where the browser did not keep them. `kind` is `preconnect`
    for a connection or a look-up ahead of any request.
    """

    url: str
    phase: Phase
    page: str = ""
    initiator: str = ""
    kind: str = "request"
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stored(_FromSite):
    """Something that is stored in the browser: a cookie, a key of local or session storage, an IndexedDB database, a
    cache, or a service worker by the path of its script. `host` is where.
    """

    place: Place
    name: str
    host: str
    phase: Phase
    page: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a visitor saw of a page, as a JPEG or PNG."""

    phase: Phase
    url: str
    image: bytes


@dataclass(frozen=True, kw_only=True)
class Observations:
    """All that a scan of `url` saw. `site` is the part of its host that nobody else may have cookies on (its
    registrable domain), `home` the address of the site's widget, empty where there is none. `aliases` says which host
    answers for another by a CNAME record. `notice` is the notice that the site publishes, `cookie` the name of the
    widget's cookie. `notes` are reasons why not everything could be looked at: a key of words.toml, and what fills it
    in.
    """

    url: str
    site: str
    engine: str
    date: str
    home: str = ""
    pages: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    requests: tuple[Request, ...] = ()
    stored: tuple[Stored, ...] = ()
    pictures: tuple[Picture, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    notice: Mapping[str, Any] | None = None
    cookie: str = "cw"
    notes: tuple[tuple[str, str], ...] = ()
