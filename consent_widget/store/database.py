"""The database of the SQL store: connections, transactions, and errors that show nothing of a row."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa

from ..errors import ConfigurationError, StoreError
from .sqlite import PATIENCE, WriteTurn, begin_log, make_private_file, one_for_all_threads
from .tables import CHOICES, METADATA, NO_WRITE

#: By dialect, what lets a transaction be the only one that writes, or that makes the tables.
ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7309940717446325870)"}
#: All databases of this process.
OPEN: WeakSet[Database] = WeakSet()
#: Values of a row begin after one of these in a message: in PostgreSQL's DETAIL line, or in quotes.
BEFORE_VALUES = re.compile(r"['\n]")


class ConflictError(StoreError):
    """The database refused a row, because another has its key or because of a rule of the table."""


class Database:
    """Any database that SQLAlchemy reaches. Makes the tables where they are missing."""

    def __init__(self, url: str | sa.URL) -> None:
        try:
            self._engine = sa.create_engine(
                url,
                pool_pre_ping=not str(url).startswith("sqlite"),
                hide_parameters=True,  # no value of a row reaches a log
                **one_for_all_threads(sa.make_url(url)),
            )
        except (sa.exc.ArgumentError, ImportError) as error:
            raise ConfigurationError(f"CONSENT_DATABASE: not a usable SQLAlchemy URL ({error}).") from None
        self._turn: AbstractContextManager[object] = nullcontext()
        self._sqlite: WriteTurn | None = None
        if self._engine.dialect.name == "sqlite":
            self._turn = self._sqlite = WriteTurn(self._engine)
            make_private_file(self._engine)
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        OPEN.add(self)
        with self._writing() as connection:
            if alone := ALONE.get(self._engine.dialect.name):  # workers that start together look, and create, in turn
                connection.exec_driver_sql(alone)
            METADATA.create_all(connection)

    @property
    def _in_memory(self) -> bool:
        return self._sqlite is not None and self._sqlite.in_memory

    def ping(self) -> None:
        """Raise StoreError when nothing can be written."""
        if self._sqlite:
            with _as_store_error():
                self._sqlite.probe()
        else:
            with self._writing() as connection:
                connection.execute(NO_WRITE)

    def close(self) -> None:
        """Close all connections."""
        with self._turn:  # one last turn, so that nothing erased is left in the log
            pass
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with _as_store_error(), self._reading_turn(), self._engine.connect() as connection:
            yield connection

    def _reading_turn(self) -> AbstractContextManager[object]:
        """All threads share the one connection of a database in memory, in turn. Elsewhere nobody waits to read."""
        if self._in_memory:
            return self._turn
        if self._sqlite:
            self._sqlite.follow_file()
        return nullcontext()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction."""
        with _as_store_error(), self._turn, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing_alone(self, subject: str) -> Iterator[sa.Connection]:
        """A transaction during which nobody else adds to the records of a subject, or erases them. SQLite allows one
        writer at a time. Elsewhere the subject's first row is the lock: with a single one there is no deadlock.
        """
        with self._writing() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql(ALONE["sqlite"])
            else:
                rows = sa.select(CHOICES.c.number).where(CHOICES.c.subject == subject)
                connection.execute(rows.order_by(CHOICES.c.number).limit(1).with_for_update()).all()
            yield connection


def _close_idle() -> None:
    """A process that is about to be copied (gunicorn's `--preload`, uWSGI) closes its connections: no two processes
    can use one.
    """
    for database in list(OPEN):
        if not database._in_memory:
            database._engine.dispose()


def _begin_anew() -> None:
    """In the copy: no lock is held by a thread that is not here, and no connection of the other process is used."""
    for database in list(OPEN):
        if database._sqlite:
            database._sqlite.begin_anew()
        if not database._in_memory:
            database._engine.dispose(close=False)


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_close_idle, after_in_child=_begin_anew)


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    begin_log(connection)
    for pragma in ("synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _as_store_error() -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        kind = ConflictError if isinstance(error, sa.exc.IntegrityError) else StoreError
        raise kind(f"The store did not answer ({_without_values(error)}). Check CONSENT_DATABASE.") from None


def _without_values(error: sa.exc.SQLAlchemyError) -> str:
    """The kind of error. Of one about the database itself, also how its message begins."""
    kind = type(error).__name__
    if isinstance(error, (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.InternalError)):
        kind += f": {BEFORE_VALUES.split(str(error.orig), maxsplit=1)[0].strip()}"
    return kind
