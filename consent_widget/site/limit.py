"""Rate limits: a token bucket for each network, child or address."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable

MAX_BUCKETS = 10_000
#: How many stay when there are more. So a flood of new ones sorts the buckets only once in a thousand times.
BUCKETS_AFTER_CLEANING = 9_000
MINUTE = 60


def network(address: str | None) -> str:
    """The network of an IP address (IPv4 /24, IPv6 /48). Anything that is no address counts as one network, `""`."""
    try:
        ip = ipaddress.ip_address(address or "")
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
    except ValueError:
        return ""


class Limit:
    """At most `count` times in `seconds`, all at once or spread; a `count` of 0 means no limit. `of` maps what is
    counted to its bucket: addresses are counted by network.

    It holds keyed hashes only, in memory, and drops full buckets first. Each process counts by itself.
    """

    def __init__(self, count: int, seconds: float = MINUTE, of: Callable[[str], str] = network) -> None:
        self._cost = seconds / count if count else 0
        self._seconds = seconds
        self._of = of
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()
        #: When each bucket will be full again. An empty bucket is full last, and so it is dropped last.
        self._buckets: dict[bytes, float] = {}

    def wait(self, text: str | None) -> int:
        """Count one more, and return 0; or, if that is over the limit, return the seconds to wait."""
        if not self._cost:
            return 0
        bucket, now = self._hash(text or ""), time.monotonic()
        with self._lock:
            full_at = max(self._buckets.get(bucket, now), now) + self._cost
            over = full_at - now - self._seconds
            if over > 1e-6:  # less is a rounding error
                return int(over) + 1
            self._buckets[bucket] = full_at
            if len(self._buckets) > MAX_BUCKETS:
                latest = sorted(self._buckets.items(), key=lambda item: item[1])[-BUCKETS_AFTER_CLEANING:]
                self._buckets = {bucket: full_at for bucket, full_at in latest if full_at > now}
        return 0

    def _hash(self, text: str) -> bytes:
        return hashlib.blake2b(self._of(text).encode(), key=self._key, digest_size=16).digest()
