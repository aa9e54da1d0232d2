"""What headers of an answer do: they set cookies, and have the browser connect to hosts ahead of any request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from time import time

from .browsers import Sent
from .observed import web_address

#: A host that a header has the browser look up or connect to ahead of any request (RFC 8288).
AHEAD = re.compile(r"<([^<>]*)>(?=[^<]*;\s*rel=[\"\w\s-]*(?:preconnect|dns-prefetch))", re.IGNORECASE)


def connected_ahead(links: Iterable[str], page: str, at: float) -> Iterator[Sent]:
    """The connections that the `Link` headers of a `page` have the browser make."""
    for found in AHEAD.findall(",".join(links)):
        if url := web_address(found, page):
            yield Sent(url=url, at=at, initiator=page, page=page, kind="preconnect")


def cookie_names(headers: Iterable[str]) -> list[str]:
    """The names of the cookies that `Set-Cookie` headers set."""
    return [name for name in map(cookie_name, headers) if name]


def cookie_name(header: str) -> str:
    """The name of the cookie that a `Set-Cookie` sets; empty where it deletes one (RFC 6265, 5.2.1 and 5.2.2)."""
    pair, *attributes = header.split(";")
    name, equals, _ = pair.partition("=")
    for attribute in attributes:
        key, _, value = (part.strip() for part in attribute.partition("="))
        if key.lower() == "max-age" and re.fullmatch(r"-\d+|0+", value):
            return ""
        if key.lower() == "expires":
            with suppress(ValueError, OverflowError):
                expires = parsedate_to_datetime(value.replace("-", " "))
                if expires.timestamp() < time() and "max-age" not in header.lower():
                    return ""
    return name.strip() if equals else ""
