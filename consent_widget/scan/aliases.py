"""Whose a host of the site really is."""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic

#: Seconds for all look-ups together.
PATIENCE = 20


def aliases(hosts: set[str], site: str) -> dict[str, str]:
    """Of hosts of the site itself, those that are another's by a CNAME record: a vendor may stand behind them."""
    found = {}
    until = monotonic() + PATIENCE
    for host in hosts:
        if host.endswith(f".{site}") and not host.endswith(".localhost") and monotonic() < until:
            with suppress(OSError, UnicodeError):
                *_, (_, _, _, name, _) = socket.getaddrinfo(host, None, flags=socket.AI_CANONNAME)[:1]
                if name and name != host:
                    found[host] = name.rstrip(".").lower()
    return found
