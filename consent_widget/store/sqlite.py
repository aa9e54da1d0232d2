"""What an SQLite file needs besides SQL: only its owner may read it, and nothing erased stays in its log."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa

#: How many milliseconds a write waits for one of another process.
PATIENCE = 5000
#: How many milliseconds an erasure waits for readers. All writes wait for it meanwhile.
BRIEFLY = 250


def make_private_file(engine: sa.Engine) -> None:
    """Create the database's file, if it is missing, so that only its owner can read it (0600, whatever the umask).
    SQLite gives the files beside it (`-wal`, `-shm`) the same mode. An existing file keeps its mode.
    """
    path, modes = _file(engine)
    if path and modes == ["rwc"]:
        with suppress(OSError):  # it exists, or SQLite says in a moment why it cannot
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _file(engine: sa.Engine) -> tuple[str, list[str]]:
    """The path of the database's file ("" in memory), and the modes it is opened in. Only "rwc" creates it."""
    (name,), options = engine.dialect.create_connect_args(engine.url)
    modes = ["rwc"]
    if options.get("uri") and name.startswith("file:"):
        address = urlsplit(name)
        modes = parse_qs(address.query).get("mode", modes)
        name = unquote(address.path)
    return "" if name in ("", ":memory:") or "memory" in modes else os.path.realpath(name), modes


class WriteTurn:
    """Lets one thread of this process write at a time. SQLite would let the others sleep and try again; here they
    queue.

    The write-ahead log holds deleted rows until it is emptied, and it cannot be emptied while another program, such as
    a backup, reads the database. While the log could not be emptied, an empty file `-scrub` lies beside the database.
    Every process that sees it tries again after each of its writes.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._clean = False  # a killed process may have left rows in the log, and no mark
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
        """Empty the log after an erasure. False if that has to wait: then every write of any process tries again."""
        with self._lock:
            self._clean = self._empty_log(wait)
            return self._clean

    def _empty_log(self, wait: int) -> bool:
        """Removes the mark before it empties the log. A mark that another process sets after that must stay, because
        that process's deleted rows may still be in the log.
        """
        with suppress(OSError):  # there is none
            os.unlink(self._mark)
        done = self._checkpoint(wait)
        if not done and self._mark:
            with suppress(OSError):  # then only this process knows
                os.close(os.open(self._mark, os.O_WRONLY | os.O_CREAT, 0o600))
        return done

    def _checkpoint(self, wait: int) -> bool:
        """Empty the log; False while another program reads. Errors do not matter: what was written is durable."""
        with suppress(sa.exc.SQLAlchemyError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
            try:
                return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE}")
        return False
