"""Rate limits: a token bucket for each network, child or address."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

LOG = logging.getLogger(__name__)
MAX_BUCKETS = 10_000
#: How many stay when there are more. So a flood of new ones sorts the buckets only once in a thousand times.
BUCKETS_AFTER_CLEANING = 9_000
MINUTE = 60
#: How an IPv4 address begins that is written as one of IPv6 (RFC 4291, 2.5.5.2).
MAPPED = bytes(10) + b"\xff\xff"


def network(address: str | None) -> str:
    """The network of an IP address (IPv4 /24, IPv6 /48). Anything that is no address counts as one network, `""`."""
    text = (address or "").partition("%")[0]
    try:
        if ":" not in text:
            return f"{inet_ntop(AF_INET, inet_pton(AF_INET, text)[:3] + bytes(1))}/24"
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        return ""
    if packed.startswith(MAPPED):
        return network(inet_ntop(AF_INET, packed[12:]))
    return f"{inet_ntop(AF_INET6, packed[:6] + bytes(10))}/48"


class Limit:
    """At most `count` times in `seconds`, all at once or spread; a `count` of 0 means no limit. `of` maps what is
    counted to its bucket: addresses are counted by network.

    How many were over the limit is logged, once a minute at most, without saying who.

    It holds keyed hashes only, in memory, and drops full buckets first. Each process counts by itself.
    """

    def __init__(
        self, count: int, seconds: float = MINUTE, of: Callable[[str], str] = network, name: str = "choices"
    ) -> None:
        self._cost = seconds / count if count else 0
        self._seconds = seconds
        self._of = of
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._name = name
        self._refused = 0
        #: When the log may say again how many were refused.
        self._quiet_until = 0.0
        #: When each bucket will be full again. An empty bucket is full last, and so it is dropped last.
        self._buckets: dict[bytes, float] = {}

    def wait(self, text: str | None) -> int:
        """Count one more, and return 0; or, if that is over the limit, return the seconds to wait."""
        if not self._cost:
            return 0
        bucket, now = self._hash(text or ""), time.monotonic()
        with self._lock:
            self._log(now)
            full_at = max(self._buckets.get(bucket, now), now) + self._cost
            over = full_at - now - self._seconds
            if over > 1e-6:  # less is a rounding error
                self._refused += 1
                self._log(now)
                return int(over) + 1
            self._buckets[bucket] = full_at
            if len(self._buckets) > MAX_BUCKETS:
                latest = sorted(self._buckets.items(), key=lambda item: item[1])[-BUCKETS_AFTER_CLEANING:]
                self._buckets = {bucket: full_at for bucket, full_at in latest if full_at > now}
        return 0

    def _log(self, now: float) -> None:
        """Say how many were refused: the first at once, all others once a minute."""
        if self._refused and now >= self._quiet_until:
            LOG.warning("Too many %s from one place: %d refused (429).", self._name, self._refused)
            self._refused, self._quiet_until = 0, now + MINUTE

    def _hash(self, text: str) -> bytes:
        return hashlib.blake2b(self._of(text).encode(), key=self._key, digest_size=16).digest()
