"""How many choices one place may send: a token bucket each, forgotten when full again."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict

MOST = 10_000


class Limit:
    """`per_minute` choices from one network (IPv4 /24, IPv6 /48), a minute's worth at once; 0 is no limit.

    Addresses are kept only as keyed hashes, in memory, for a minute. Each process counts alone.
    """

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60
        self._full = float(per_minute)
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def wait(self, address: str | None) -> int:
        """Seconds until this address may send again; 0 when it may now, and that is counted."""
        if not self._full:
            return 0
        place, now = self._place(address or ""), time.monotonic()
        with self._lock:
            left, since = self._buckets.pop(place, (self._full, now))
            left = min(self._full, left + (now - since) * self._rate)
            allowed = left >= 1
            self._buckets[place] = (left - allowed, now)
            if len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
        return 0 if allowed else int((1 - left) / self._rate) + 1

    def _place(self, address: str) -> bytes:
        try:
            ip = ipaddress.ip_address(address)
            ip = getattr(ip, "ipv4_mapped", None) or ip
            network = str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
        except ValueError:
            network = ""
        return hashlib.blake2b(network.encode(), key=self._key, digest_size=16).digest()
