"""Two presses on one button, before the first answer came, are one act: without script nothing else could tell."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict

from ..choice.act import new_key

SECONDS = 2.0
MAX_PRESSES = 10_000


class DoublePresses:
    """Gives the same idempotency key to the same form from the same browser for two seconds. No key may stand in the
    form itself, because the page around it may be cached for everybody.

    Two people behind one address, with one kind of browser, look the same. So whoever comes second learns that the act
    is kept, and gets no token of it: that would open the first one's records to them.

    What was sent is kept only as a keyed hash, in memory, for those two seconds. Each process counts alone.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def key(self, *told: str | None) -> str:
        """The key for what was `told`: the fields of the form, and all that is known of who sent it."""
        digest = hashlib.blake2b(repr(told).encode(), key=self._secret, digest_size=16).digest()
        now = time.monotonic()
        with self._lock:
            while self._seen and (len(self._seen) >= MAX_PRESSES or next(iter(self._seen.values()))[0] < now - SECONDS):
                self._seen.popitem(last=False)
            return self._seen.setdefault(digest, (now, new_key()))[1]
