"""How many requests each vendor has received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from threading import Lock

VENDORS = ("tally", "beacon", "reel")


class Counts:
    """Requests by vendor since the last reset; shared by the threads of all servers."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._received: Counter[str] = Counter()

    def add(self, vendor: str) -> None:
        """Count one request to `vendor`."""
        with self._lock:
            self._received[vendor] += 1

    def read(self, vendors: Iterable[str] = VENDORS) -> dict[str, int]:
        """The count of each of the `vendors`, including those that received nothing."""
        with self._lock:
            return {vendor: self._received[vendor] for vendor in vendors}

    def reset(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self._received.clear()
