"""How often something may happen: a token bucket for each network, child or address."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable

MAX_BUCKETS = 10_000
#: How many are kept when there are more: so a flood of new ones sorts them once in a thousand times.
KEPT = 9_000
MINUTE = 60


def network(address: str | None) -> str:
    """The network of an IP address (IPv4 /24, IPv6 /48). What is no address is one network, too."""
    try:
        ip = ipaddress.ip_address(address or "")
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
    except ValueError:
        return ""


class Limit:
    """At most `count` times in `seconds`, all at once or spread; 0 is no limit. `of` says what counts as one and the
    same: choices are limited by network.

    Kept are only keyed hashes, in memory; full buckets are the first to be forgotten. Each process counts alone.
    """

    def __init__(self, count: int, seconds: float = MINUTE, of: Callable[[str], str] = network) -> None:
        self._cost = seconds / count if count else 0
        self._seconds = seconds
        self._of = of
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()
        #: When each bucket will be full again. Empty ones are the last to be, and so the last to be forgotten.
        self._buckets: dict[bytes, float] = {}

    def wait(self, text: str | None) -> int:
        """Seconds until this may happen again; 0 when it may now, and that is counted."""
        if not self._cost:
            return 0
        bucket, now = self._hash(text or ""), time.monotonic()
        with self._lock:
            full = max(self._buckets.get(bucket, now), now) + self._cost
            over = full - now - self._seconds
            if over > 1e-6:  # less is rounding
                return int(over) + 1
            self._buckets[bucket] = full
            if len(self._buckets) > MAX_BUCKETS:
                latest = sorted(self._buckets.items(), key=lambda each: each[1])[-KEPT:]
                self._buckets = {each: at for each, at in latest if at > now}
        return 0

    def _hash(self, text: str) -> bytes:
        return hashlib.blake2b(self._of(text).encode(), key=self._key, digest_size=16).digest()
