"""What an SQLite file needs besides SQL: only its owner may read it, and nothing erased stays in its log."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from threading import RLock
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa

from ..errors import StoreError
from .tables import NO_WRITE

#: How many milliseconds a write waits for one of another process.
PATIENCE = 5000
#: How many milliseconds an erasure waits for readers. All writes wait for it meanwhile.
BRIEFLY = 250
#: How many milliseconds a health check waits for a write of another process, and how many bytes a disk needs to have.
PROBE = 400
ROOM = 1 << 20


def file_url(path: Path) -> sa.URL:
    """The URL of the database in a file, whatever its name is."""
    return sa.URL.create("sqlite", database=str(path))


def make_private_file(engine: sa.Engine) -> None:
    """Create the database's file, if it is missing, so that only its owner can read it (0600, whatever the umask).
    SQLite gives the files beside it (`-wal`, `-shm`) the same mode. An existing file keeps its mode.
    """
    path, modes = _file(engine.url)
    if path and modes == ["rwc"]:
        with suppress(OSError):  # it exists, or SQLite says in a moment why it cannot
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def begin_log(connection: Any) -> None:
    """Use a write-ahead log. Where two processes begin one at the same moment, SQLite refuses one of them at once,
    without the patience that it has for writes: that one tries again.
    """
    until = monotonic() + PATIENCE / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)


def one_for_all_threads(url: sa.URL) -> dict[str, Any]:
    """What `create_engine` needs for a database in memory, which belongs to its connection: one, that never closes."""
    if url.get_dialect().name != "sqlite" or _file(url)[0]:
        return {}
    return {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}


def _file(url: sa.URL) -> tuple[str, list[str]]:
    """The path of the database's file ("" in memory), and the modes it is opened in. Only "rwc" creates it."""
    (name,), options = url.get_dialect()().create_connect_args(url)
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
        self._clean = False  # a killed process may have left rows in the log, and no mark
        self._path, _ = _file(engine.url)
        self.in_memory = not self._path
        self._mark = self._path and f"{self._path}-scrub"
        self._opened: tuple[int, int] | None = None
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget whose turn it is."""
        self._lock = RLock()  # in memory, who goes through all records reads and writes in one turn

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            self.follow_file()
        except StoreError:
            self._lock.release()
            raise

    def follow_file(self) -> None:
        """Open the file that is there now, where it was replaced (from a backup, by a volume mounted anew). What is
        written to one that was moved away would be lost: StoreError where there is none.
        """
        if self.in_memory:
            return
        try:
            status = os.stat(self._path)
        except OSError:
            if self._opened:
                raise StoreError("The file of the database is gone. Put it back, or restart the site.") from None
            return  # SQLite is about to make it, or to say why it cannot
        found = status.st_dev, status.st_ino
        if self._opened not in (None, found):
            self._engine.dispose()
        self._opened = found

    def probe(self) -> None:
        """Raise StoreError where nothing could be written now: soon, also while another program writes."""
        if not self._lock.acquire(timeout=PROBE / 1000):
            raise StoreError("The database has been busy for a while.")
        try:
            self.follow_file()
            if self._path and disk_usage(os.path.dirname(self._path)).free < ROOM:
                raise StoreError("The disk of the database is full. Make room.")
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {PROBE}")
                try:
                    connection.execute(NO_WRITE)
                finally:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE}")
        finally:
            self._lock.release()

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
        if not done and self._mark and os.path.exists(self._path):
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
