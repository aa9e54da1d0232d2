"""The database of the SQL store: connections, transactions, and errors that show nothing of a row."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from threading import Lock
from typing import Any
from weakref import WeakSet, finalize

import sqlalchemy as sa

from ..errors import ConfigurationError, StoreError
from .kept import Kept
from .making import STAMP, make_tables, one_process_at_a_time
from .migrating import migrate
from .mounts import network_file_system
from .postgresql import ANSWER, Pooler, Watch, commit_each, drop_if_cut, engine_options
from .probe import SECONDS, Probe
from .remedies import explained
from .sqlite import SQLiteFile, one_for_all_threads, wait_for_nobody
from .tables import NO_WRITE
from .turns import FEW, PATIENCE, Turns
from .upgrading import is_outdated, upgrade

#: How many seconds a statement may take at start-up, and one that nobody waits for.
PATIENTLY, UNHURRIED, A_DAY = 10.0, 600.0, 86_400.0
#: What is said of a database of an earlier version that does not upgrade itself.
OUTDATED = (
    "The database has the tables of an earlier version. Stop all processes of that version, make a backup, and run: "
    "flask consent upgrade (service: consent-widget upgrade)."
)
#: What to do where Python has no driver for a URL.
DRIVERS = "For postgresql+psycopg: pip install 'consent_widget[postgresql]'."
#: All databases of this process.
OPEN: WeakSet[Database] = WeakSet()
#: Held by the first thread of a copy of the process.
COPIED = Lock()


class ConflictError(StoreError):
    """The database refused a row, because another has its key or because of a rule of the table."""


class Database:
    """Any database that SQLAlchemy reaches. Makes the tables where they are missing: at once, or when the database is
    there (`trouble` says why it was not). No wait for it is without an end. Errors name the `setting` that has the URL.
    """

    def __init__(self, url: str | sa.URL, setting: str = "CONSENT_DATABASE") -> None:
        self._setting = setting
        try:
            url = sa.make_url(url)
            sqlite = url.get_backend_name() == "sqlite"
            self._engine = sa.create_engine(
                url,
                hide_parameters=True,  # no value of a row reaches a log
                **(one_for_all_threads(url) if sqlite else engine_options(url)),
            )
        except ImportError as error:
            raise ConfigurationError(f"{setting}: its driver is not installed ({error}). {DRIVERS}") from None
        except sa.exc.ArgumentError as error:
            raise ConfigurationError(f"{setting}: not a usable SQLAlchemy URL ({error}).") from None
        self._kept = Kept(self._engine, wait_for_nobody) if sqlite else Kept(self._engine, commit_each, drop_if_cut)
        self._sqlite = SQLiteFile(self._engine, self._kept) if sqlite else None
        if self._sqlite and (kind := network_file_system(self._sqlite.path)):
            logging.getLogger(__name__).warning(
                "%s is on a network file system (%s). SQLite's log does not work there: choices can be lost. Use a "
                "disk of this machine, or PostgreSQL.",
                *(setting, kind),
            )
        #: Each SELECT for itself: no round trips that begin and end a transaction.
        self._reader = self._engine if sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turns, self._watch, self._probe = Turns(1 if sqlite else FEW), Watch(), Probe(self._write_nothing)
        if not sqlite:
            sa.event.listen(self._engine, "checkout", drop_if_cut)
        if self._engine.driver == "psycopg":
            sa.event.listen(self._engine, "connect", Pooler())
        for close in (self._engine.dispose, self._kept.close):
            finalize(self, close)  # Python 3.13 warns of connections that nobody closed
        OPEN.add(self)
        self._process = os.getpid()
        #: Pools of the processes that this one is a copy of.
        self._of_others: list[sa.Pool] = []
        self._made = False
        #: A thread that has waited for others meanwhile begins nothing new.
        self.closed = False
        self.trouble: StoreError | None = None
        #: Is that in the log? Many sites may share one database.
        self.trouble_logged = False
        try:
            self.open()
        except StoreError as error:
            self.trouble = error

    @property
    def in_memory(self) -> bool:
        """Is it gone with this process?"""
        return self._sqlite is not None and self._sqlite.in_memory

    def open(self) -> None:
        """Make what is missing; StoreError while the database is away."""
        with self._transaction(PATIENTLY) as connection:
            outdated = is_outdated(connection)
            if outdated and self._sqlite is None:
                raise StoreError(OUTDATED)
            if outdated and self._sqlite:
                self._sqlite.require_room_for_copies()
                upgrade(connection)
            make_tables(connection)
        self._made, self.trouble = True, None
        if outdated:
            self._scrub()

    def upgrade(self) -> bool:
        """Bring a database of an earlier version up to date. False where there is nothing to do."""
        with self._transaction(A_DAY) as connection:
            one_process_at_a_time(connection)
            outdated = is_outdated(connection)
            migrate(connection)
            if is_outdated(connection):  # a process of the earlier version was started after the upgrade
                upgrade(connection)
            make_tables(connection)
        self._made, self.trouble = True, None
        return outdated

    def ping(self) -> None:
        """Raise StoreError when nothing can be written. It answers within a second, whatever the database does."""
        self._notice_copy()
        self._probe.result()

    def only_reads(self) -> bool:
        """Is this a standby of PostgreSQL, which follows another server?"""
        if self._engine.dialect.name != "postgresql":
            return False
        with self._reading() as connection:
            return bool(connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one())

    def revision(self) -> str:
        """Which revision of the tables this is, as Alembic counts them."""
        with self._reading() as connection:
            return str(connection.execute(sa.select(STAMP)).scalar_one())

    def bytes_used(self) -> int:
        """How much room the database takes; 0 where it does not say."""
        if self._sqlite:
            return sum(os.path.getsize(path) for path in self._sqlite.files if os.path.exists(path))
        if self._engine.dialect.name != "postgresql":
            return 0
        with self._reading() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def close(self) -> None:
        """Close all connections."""
        self.closed = True
        if self._sqlite:
            with suppress(StoreError), self._turns.take():
                self._sqlite.clean()  # so that nothing erased is left in the log
        self._close_idle()

    @contextmanager
    def _reading(self, seconds: float = ANSWER) -> Iterator[sa.Connection]:
        """A connection to read with. Nobody waits for their turn to read a file of SQLite; all threads share the one
        connection of a database in memory.
        """
        self._require_tables()
        if seconds != ANSWER and not self._sqlite:
            with self._transaction(seconds) as connection:
                yield connection
            return
        with self._errors(), self._turn_to_read(), self._connected(self._reader, seconds) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction."""
        self._require_tables()
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self, seconds: float = ANSWER, patience: float = PATIENCE) -> Iterator[sa.Connection]:
        with (
            self._errors(),
            self._turn_to_write(patience) as until,
            self._connected(self._engine, seconds) as connection,
            connection.begin(),
        ):
            if self._sqlite:
                self._sqlite.begin_on(connection, until)
            elif seconds != ANSWER and connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {1000 * seconds:.0f}")
            yield connection

    @contextmanager
    def _storing(self, patience: float) -> Iterator[Any]:
        """A connection of the driver to store choices on: inside a transaction in SQLite, and elsewhere one on which
        all that is sent together is a transaction.
        """
        with self._errors(), self._turn_to_write(patience) as until, self._kept.use() as driver:
            if self._sqlite:
                self._sqlite.begin(driver, until)
            with self._watch.over(driver, ANSWER):
                yield driver
            if self._sqlite:
                driver.commit()

    def _turn_to_read(self) -> AbstractContextManager[object]:
        if self._sqlite and not self._sqlite.in_memory:
            self._sqlite.follow_file()
            return nullcontext()
        return self._turns.take()

    @contextmanager
    def _turn_to_write(self, patience: float) -> Iterator[float]:
        with self._turns.take(patience) as until, self._sqlite.cleaning() if self._sqlite else nullcontext():
            yield until

    @contextmanager
    def _connected(self, engine: sa.Engine, seconds: float) -> Iterator[sa.Connection]:
        with engine.connect() as connection, self._watch.over(connection.connection.driver_connection, seconds):
            self._turns.moved()
            yield connection

    def _close_idle(self) -> None:
        """Close all connections that no thread is using."""
        self._kept.close()
        self._engine.dispose()

    def _scrub(self) -> bool:
        """Overwrite what was erased in SQLite's log, too. False if that has to wait."""
        if self._sqlite is None:
            return True
        with self._turns.take():
            return self._sqlite.scrub()

    def _require_tables(self) -> None:
        self._notice_copy()
        if not self._made:
            self.open()

    def _write_nothing(self) -> None:
        self._require_tables()
        with self._transaction(patience=SECONDS / 2) as connection:
            connection.execute(NO_WRITE)
        if self._sqlite:
            self._sqlite.require_room()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of the database as StoreError, with the cause and the remedy."""
        driver = self._engine.dialect.loaded_dbapi
        try:
            yield
        except (sa.exc.SQLAlchemyError, driver.Error, UnicodeDecodeError) as error:
            refused = (sa.exc.IntegrityError, sa.exc.DataError, driver.IntegrityError, driver.DataError)
            kind = ConflictError if isinstance(error, refused) else StoreError
            text = explained(error, self._sqlite.path if self._sqlite else "")
            raise kind(text.replace("CONSENT_DATABASE", self._setting)) from None

    def _notice_copy(self) -> None:
        """Begin anew in a copy of the process that Python was not told of: uWSGI copies without saying so."""
        if self._process != os.getpid():
            with COPIED:
                if self._process != os.getpid():
                    self._begin_anew()

    def _begin_anew(self) -> None:
        """In a copy of this process: no thread of the other one is here, and none of its connections is used, nor
        closed: SQLite would take itself for the last one.
        """
        for each in (self._turns, self._watch, self._probe):
            each.begin_anew()
        if not self.in_memory:
            self._kept.begin_anew()
            self._of_others.append(self._engine.pool)
            self._engine.dispose(close=False)
        self._process = os.getpid()


def _close_idle() -> None:
    """A process that is about to be copied (gunicorn's `--preload`, uWSGI) closes its connections: no two processes
    can use one.
    """
    for database in list(OPEN):
        if not database.in_memory:
            database._close_idle()


def _begin_anew() -> None:
    for database in list(OPEN):
        database._begin_anew()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_close_idle, after_in_child=_begin_anew)
