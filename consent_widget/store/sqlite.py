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
    path, modes = _file(engine)
    if path and modes == ["rwc"]:
        with suppress(OSError):  # it is there, or SQLite itself says in a moment why it cannot be
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _file(engine: sa.Engine) -> tuple[str, list[str]]:
    """The database's file, "" in memory, and the modes to open it in (SQLite makes one that is not there in "rwc")."""
    (name,), options = engine.dialect.create_connect_args(engine.url)
    modes = ["rwc"]
    if options.get("uri") and name.startswith("file:"):
        address = urlsplit(name)
        modes = parse_qs(address.query).get("mode", modes)
        name = unquote(address.path)
    return "" if name in ("", ":memory:") or "memory" in modes else os.path.realpath(name), modes


class Turn:
    """A writer's turn, one thread at a time: SQLite lets one write while the others sleep and try again; here they
    queue.

    The write-ahead log keeps deleted rows as they were until it is emptied, which it cannot be while somebody reads
    the database, for example a backup. Then an empty file beside the database (`-scrub`) tells every process, and each
    turn ends with another try, until one has emptied it.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._clean = False  # a process that was killed may have left something, and no mark
        path, _ = _file(engine)
        self._mark = path and f"{path}-scrub"

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *raised: object) -> None:
        try:
            if not self._clean or os.path.exists(self._mark):
                self._clean = self._empty_log(0)
        finally:
            self._lock.release()

    def scrub(self, wait: int = BRIEFLY) -> bool:
        """Empty the log after an erasure, and say whether that is done. Else it will be tried after each write,
        whichever process writes.
        """
        with self._lock:
            self._clean = self._empty_log(wait)
            return self._clean

    def _empty_log(self, wait: int) -> bool:
        """The mark is taken away first: one that another process leaves meanwhile stays, as its rows may."""
        with suppress(OSError):  # there is none
            os.unlink(self._mark)
        done = self._checkpoint(wait)
        if not done and self._mark:
            with suppress(OSError):  # then this process alone knows
                os.close(os.open(self._mark, os.O_WRONLY | os.O_CREAT, 0o600))
        return done

    def _checkpoint(self, wait: int) -> bool:
        """False while somebody reads. What was written is durable in any case, so no error of this one counts."""
        with suppress(sa.exc.SQLAlchemyError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
            try:
                return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE}")
        return False
