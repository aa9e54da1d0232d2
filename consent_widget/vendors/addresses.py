"""Which host an address leads to, as a browser reads it, however it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize
from urllib.parse import unquote

#: The URL Standard's ways into a host: a scheme with any number of slashes, or two slashes. Either slash counts.
HOST = re.compile(r"(?:(?:https?|wss?):[/\\]*|[/\\]{2,})([^/\\?#]*)", re.IGNORECASE)
#: What a browser removes from an address (URL Standard, basic URL parser), and ignores in a host (UTS 46).
REMOVED = re.compile(r"[\t\n\r]")
IGNORED = re.compile("[\u00ad\u034f\u180b-\u180f\u200b\u2060\ufe00-\ufe0f\ufeff]")
BLANK = "".join(map(chr, range(33)))
#: The longest host (RFC 1035, 2.3.4).
LONGEST = 253
#: What may be a host within a text, such as a script. Bounded, so that long words cost no more than short ones.
NAMED = re.compile(r"(?<![a-z0-9_-])(?:[a-z0-9_-]{1,63}+\.){1,30}[a-z][a-z0-9-]*", re.IGNORECASE)
PORT = re.compile(r":\d*$")


def host_of(address: str) -> str:
    """The host, in lower case and without a dot at its end; empty for an address without one, such as a path."""
    found = HOST.match(REMOVED.sub("", address).strip(BLANK))
    if not found:
        return ""
    host = PORT.sub("", found[1].rpartition("@")[2])
    if not host.isascii() or "%" in host:
        host = normalize("NFKC", IGNORED.sub("", unquote(host))).replace("。", ".")
    return host.lower().rstrip(".")


def hosts_in(text: str) -> Iterator[str]:
    """Everything in a text that may be a host, in lower case."""
    return (found.lower() for found in NAMED.findall(text))


def path_of(address: str) -> str:
    """What comes after the host: path and query, where the `marks` of a vendor are looked for."""
    plain = REMOVED.sub("", address).strip(BLANK)
    found = HOST.match(plain)
    return plain[found.end() :] if found else plain
