"""What an SQLite file needs besides SQL: a mode that lets only its owner read, and a log that keeps nothing erased."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa

#: Milliseconds that a write waits for another process's.
PATIENCE = 5000
#: Milliseconds that an erasure waits for readers, while all writes wait for it.
BRIEFLY = 250


def make_own_file(engine: sa.Engine) -> None:
    """Make the database's file where there is none, readable by its owner alone (0600) whatever the umask. SQLite
    gives the files that it puts beside it (`-wal`, `-shm`) the same mode. A file that is there keeps its own.
    """
    if path := _path(engine):
        with suppress(OSError):  # it is there, or SQLite itself says in a moment why it cannot be
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _path(engine: sa.Engine) -> str | None:
    """The file that SQLite would make for this database; None in memory, or where it would make none."""
    (name,), options = engine.dialect.create_connect_args(engine.url)
    if options.get("uri") and name.startswith("file:"):
        address = urlsplit(name)
        if parse_qs(address.query).get("mode", ["rwc"]) != ["rwc"]:
            return None
        name = unquote(address.path)
    return None if name in ("", ":memory:") else os.path.realpath(name)


class Turn:
    """A writer's turn, one thread at a time: SQLite lets one write while the others sleep and try again; here they
    queue.

    The write-ahead log keeps deleted rows as they were until it is emptied, which it cannot be while somebody reads
    the database, for example a backup. So each turn ends with another try, until one has emptied it.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._clean = False  # a process that was killed may have left something

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *raised: object) -> None:
        try:
            if not self._clean:
                self._clean = self._empty_log(0)
        finally:
            self._lock.release()

    def scrub(self, wait: int = BRIEFLY) -> bool:
        """Empty the log after an erasure, and say whether that is done. Else it will be tried after each write."""
        with self._lock:
            self._clean = self._empty_log(wait)
            return self._clean

    def _empty_log(self, wait: int) -> bool:
        """False while somebody reads. What was written is durable in any case, so no error of this one counts."""
        with suppress(sa.exc.SQLAlchemyError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
            try:
                return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE}")
        return False
