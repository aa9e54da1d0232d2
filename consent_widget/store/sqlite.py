"""What an SQLite file needs besides SQL: only its owner may read it, and nothing erased stays in its log."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa

from ..errors import StoreError
from .kept import Kept
from .queueing import MOMENT, next_to_write
from .turns import PATIENCE

#: How many milliseconds a statement waits for another process, and an erasure for readers. To write, one tries again.
BRIEFLY = 250
#: How many pages the log holds before they are moved into the database, which costs two fsyncs.
PAGES = 4000
#: How many bytes the disk must have left.
ROOM = 1 << 20


def file_url(path: Path) -> sa.URL:
    """The URL of the database in a file, whatever its name is."""
    return sa.URL.create("sqlite", database=str(path))


def prepare(connection: Any, _: object) -> None:
    """A new connection: every choice is on the disk before it counts, and what is deleted is overwritten."""
    connection.execute(f"PRAGMA busy_timeout = {BRIEFLY}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        persist(connection, "PRAGMA journal_mode = WAL", monotonic() + PATIENCE)
    for pragma in ("synchronous = FULL", "secure_delete = ON", f"wal_autocheckpoint = {PAGES}"):
        connection.execute(f"PRAGMA {pragma}")


def wait_for_nobody(connection: Any) -> None:
    """Of the connection that is kept to store choices: SQLite itself would sleep for longer and longer."""
    connection.execute("PRAGMA busy_timeout = 0")


def persist(connection: Any, statement: str, until: float) -> None:
    """Execute a statement, again and again while another process is in the way: SQLite itself refuses some at once,
    such as the second of two that begin a log.
    """
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(MOMENT)


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


class SQLiteFile:
    """The file of a database, and what lies beside it.

    The write-ahead log holds deleted rows until it is emptied, and it cannot be emptied while another program, such as
    a backup, reads the database. While the log could not be emptied, an empty file `-scrub` lies beside the database.
    Every process that sees it tries again after each of its writes. Another, `-queue`, keeps the order of the processes
    that write (`queueing.py`).
    """

    def __init__(self, engine: sa.Engine, kept: Kept) -> None:
        self._engine, self._kept = engine, kept
        self._clean = False  # a killed process may have left rows in the log, and no mark
        self.path, self._modes = _file(engine.url)
        self.in_memory = not self.path
        self._mark = self.path and f"{self.path}-scrub"
        self._queue = "" if self.in_memory or "ro" in self._modes else f"{self.path}-queue"
        self._opened: tuple[int, int] | None = None
        sa.event.listen(engine, "connect", prepare)

    @property
    def files(self) -> tuple[str, ...]:
        """The file, and its log; none in memory."""
        return () if self.in_memory else (self.path, f"{self.path}-wal")

    def begin(self, driver: Any, until: float) -> None:
        """Begin to write, as the only one and in order, on a connection that waits for nobody."""
        with next_to_write(self._queue):
            persist(driver, "BEGIN IMMEDIATE", until)

    def begin_on(self, connection: sa.Connection, until: float) -> None:
        """The same on a connection of the pool."""
        driver: Any = connection.connection.driver_connection
        wait_for_nobody(driver)
        try:
            self.begin(driver, until)
        finally:
            driver.execute(f"PRAGMA busy_timeout = {BRIEFLY}")

    def follow_file(self) -> None:
        """Open the file that is there now, where it was replaced (from a backup, by a volume mounted anew). What is
        written to one that was moved away would be lost: StoreError where there is none.
        """
        if self.in_memory:
            return
        try:
            status = os.stat(self.path)
        except OSError:
            if self._opened:
                raise StoreError("The file of the database is gone. Put it back, or restart the site.") from None
            self._make_private()  # SQLite says in a moment why that cannot be
            return
        found = status.st_dev, status.st_ino
        if self._opened not in (None, found):
            self._kept.close()
            self._engine.dispose()
        self._opened = found

    def _make_private(self) -> None:
        """Create the file so that only its owner can read it (0600, whatever the umask). SQLite gives the files beside
        it (`-wal`, `-shm`) the same mode. An existing file keeps its mode.
        """
        if self._modes == ["rwc"]:
            with suppress(OSError):
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def require_room(self) -> None:
        """StoreError where the disk is full."""
        if self.path and disk_usage(os.path.dirname(self.path)).free < ROOM:
            raise StoreError("The disk of the database is full: make room.")

    def require_room_for_copies(self) -> None:
        """StoreError where the disk has no room for all rows twice more: in the log, and then in the file."""
        if self.path and disk_usage(os.path.dirname(self.path)).free < (room := 2 * os.stat(self.path).st_size + ROOM):
            raise StoreError(
                f"The database is of an earlier version, and the disk has no room to upgrade it: free {room:,} bytes."
            )

    @contextmanager
    def cleaning(self) -> Iterator[None]:
        """Around each write: in the file that is there, and nothing erased stays in its log."""
        self.follow_file()
        try:
            yield
        finally:
            self.clean()

    def clean(self) -> None:
        """Empty the log, where that has to be tried again."""
        if not self._clean or os.path.exists(self._mark):
            self._clean = self._empty_log(0)

    def scrub(self) -> bool:
        """Empty the log after an erasure. False if that has to wait: then every write of any process tries again."""
        self._clean = self._empty_log(BRIEFLY)
        return self._clean

    def _empty_log(self, wait: int) -> bool:
        """Removes the mark before it empties the log. A mark that another process sets after that must stay, because
        that process's deleted rows may still be in the log.
        """
        with suppress(OSError):  # there is none
            os.unlink(self._mark)
        done = self._checkpoint(wait)
        if not done and self._mark and os.path.exists(self.path):
            with suppress(OSError):  # then only this process knows
                os.close(os.open(self._mark, os.O_WRONLY | os.O_CREAT, 0o600))
        return done

    def _checkpoint(self, wait: int) -> bool:
        """Empty the log; False while another program reads. Errors do not matter: what was written is durable."""
        with suppress(sa.exc.SQLAlchemyError, UnicodeDecodeError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
            try:
                return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {BRIEFLY}")
        return False
