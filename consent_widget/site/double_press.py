"""Two presses on one button, before the first response came, are one act. Without a script only the server can tell."""

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
    """Gives the same idempotency key to the same form from the same browser for two seconds. The form itself cannot
    hold a key, because the page around it may be cached for everybody.

    Two people behind one address, with the same kind of browser, look the same. So the second one learns that the
    choice is stored, but gets no token: that would open the first one's records to them.

    A form is remembered as a keyed hash only, in memory, for those two seconds. Each process counts by itself.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def key(self, *form_and_sender: str | None) -> str:
        """The key for a form: given its fields, and everything that tells its sender from others."""
        digest = hashlib.blake2b(repr(form_and_sender).encode(), key=self._secret, digest_size=16).digest()
        now = time.monotonic()
        with self._lock:
            while self._seen and (len(self._seen) >= MAX_PRESSES or next(iter(self._seen.values()))[0] < now - SECONDS):
                self._seen.popitem(last=False)
            return self._seen.setdefault(digest, (now, new_key()))[1]
