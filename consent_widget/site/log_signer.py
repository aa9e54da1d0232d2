"""Signs the log by itself: after requests, in whichever process has one when it is time. Nobody waits for that."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, ConsentError, LogError, ProofError
from ..proof.log_keys import LogKeys
from ..proof.note import Note
from ..proof.policy import Policy
from ..settings.model import Settings
from ..store import is_sql_store
from ..store.protocol import Store
from .cosigning import cosigners_of
from .seen import seen_by_witnesses

if TYPE_CHECKING:
    from ..store.sql import SQLStore

#: Every so many seconds, a process with requests looks whether it is time.
LOOK = 30.0
#: So many entries are signed at once, which takes a second or two: a web server ends a worker that is busy for longer.
MOST = 100_000


class LogSigner:
    """Signs the log of a database when entries have waited for `minutes`, or are many."""

    def __init__(self, store: SQLStore, keys: LogKeys, minutes: int, policy: Policy) -> None:
        self._store, self._keys, self._minutes, self._policy = store, keys, minutes, policy
        self._cosigners = cosigners_of(policy)
        #: When to look, and when to ask witnesses that did not answer.
        self._next = self._ask = 0.0
        #: The last checkpoint that this process has signed.
        self._last: dict[str, Note] = {}
        #: What kept this process from signing when it last looked; empty where nothing did.
        self.trouble = ""

    def is_its_turn(self) -> bool:
        """Is it time to look? True once, for the first that asks."""
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + LOOK
        return True

    def sign(self) -> None:
        """Sign a checkpoint if it is time. Where there are witnesses, that is done in the background: first it is seen
        what they have of this log, and afterwards they are asked to cosign. What keeps it from that is in the log: the
        choices themselves are stored.
        """
        signs = self._is_due()
        if signs is None:
            return
        if not self._cosigners:
            if signs:
                self._sign({})
        elif signs or monotonic() >= self._ask:
            self._ask = monotonic() + 60 * self._minutes
            Thread(target=self._sign_and_ask, args=(signs,), daemon=True).start()

    def _sign_and_ask(self, signs: bool) -> None:
        if signs:
            seen = seen_by_witnesses(self._policy, self._keys)
            if self._store.closed:
                return
            signs_still = self._is_due()  # or another process has signed, while this one waited for witnesses
            if signs_still is None or (signs_still and not self._sign(seen)):
                return
        self._cosigners.ask_and_report(self._store)

    def _is_due(self) -> bool | None:
        """Is it time to sign? None where the database does not say."""
        try:
            is_due = self._store.needs_checkpoint(self._minutes)
        except ConsentError as error:
            self._say(error)
            return None
        if not is_due:  # another process has signed, or there is nothing to sign
            self.trouble = ""
        return is_due

    def _sign(self, seen: Mapping[str, Note]) -> bool:
        try:
            note = self._store.sign_checkpoint(self._keys, MOST, {**seen, **self._last})
        except ConsentError as error:
            self._say(error)
            return False
        self._last, self.trouble = {"this process": note}, ""
        return True

    def _say(self, error: ConsentError) -> None:
        self.trouble = str(error)
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
    return LogSigner(store, settings.log_key, settings.log_minutes, settings.log_policy or Policy())
