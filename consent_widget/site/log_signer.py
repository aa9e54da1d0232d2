"""Signs the log by itself: after requests, in whichever process has one when it is time. No thread waits for that."""

from __future__ import annotations

import logging
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, ConsentError, LogError, ProofError
from ..proof.log_keys import LogKeys
from ..settings.model import Settings
from ..store import is_sql_store
from ..store.protocol import Store
from .cosigning import Cosigners, cosigners_of

if TYPE_CHECKING:
    from ..store.sql import SQLStore

#: Every so many seconds, a process with requests looks whether it is time.
LOOK = 30.0
#: So many entries are signed at once, which takes a second or two: a web server ends a worker that is busy for longer.
MOST = 100_000


class LogSigner:
    """Signs the log of a database when entries have waited for `minutes`, or are many."""

    def __init__(self, store: SQLStore, keys: LogKeys, minutes: int, cosigners: Cosigners) -> None:
        self._store, self._keys, self._minutes, self._cosigners = store, keys, minutes, cosigners
        #: When to look, and when to ask witnesses that did not answer.
        self._next = self._ask = 0.0

    def is_its_turn(self) -> bool:
        """Is it time to look? True once, for the first that asks."""
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + LOOK
        return True

    def sign(self) -> None:
        """Sign a checkpoint if it is time, and ask witnesses in the background. What keeps it from that is in the log:
        the choices themselves are stored.
        """
        try:
            signs = self._store.needs_checkpoint(self._minutes)
            if signs:
                self._store.sign_checkpoint(self._keys, MOST)
            if self._cosigners and (signs or monotonic() >= self._ask):
                self._ask = monotonic() + 60 * self._minutes
                self._cosigners.ask_in_background(self._store)
        except ConsentError as error:
            logging.getLogger(__name__).error("No checkpoint was signed. %s", error)


def make_signer(settings: Settings, store: Store) -> LogSigner | None:
    """The signer of a site's log. None where none is set up, or where it is signed by a command only."""
    if settings.log_key is None or not is_sql_store(store):
        return None
    note = None
    with suppress(LogError, ProofError):  # a damaged log keeps no site from starting: whoever signs it is told
        note = store.checkpoint()
    if note and (origin := note.text.partition("\n")[0]) != settings.log_key.origin:
        raise ConfigurationError(
            f"CONSENT_LOG_KEY: is a key of {settings.log_key.origin}, and the log in the database is {origin}. A "
            "database has one log: set its key, or use another database."
        )
    if not settings.log_minutes:
        return None
    return LogSigner(store, settings.log_key, settings.log_minutes, cosigners_of(settings.log_policy))
