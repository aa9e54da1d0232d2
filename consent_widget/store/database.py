"""The database of the SQL store: connections, transactions, and errors that show nothing of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa

from ..errors import ConfigurationError, StoreError
from .sqlite import PATIENCE, WriteTurn, make_private_file
from .tables import CHOICES, METADATA

#: Values of a row begin after one of these in a message: in PostgreSQL's DETAIL line, or in quotes.
BEFORE_VALUES = re.compile(r"['\n]")


class ConflictError(StoreError):
    """The database refused a row, because another has its key or because of a rule of the table."""


class Database:
    """Any database that SQLAlchemy reaches. Makes the tables where they are missing."""

    def __init__(self, url: str) -> None:
        try:
            self._engine = sa.create_engine(
                url,
                pool_pre_ping=not url.startswith("sqlite"),
                hide_parameters=True,  # no value of a row reaches a log
            )
        except (sa.exc.ArgumentError, ImportError) as error:
            raise ConfigurationError(f"CONSENT_DATABASE: not a usable SQLAlchemy URL ({error}).") from None
        self._turn: AbstractContextManager[object] = nullcontext()
        self._sqlite: WriteTurn | None = None
        if self._engine.dialect.name == "sqlite":
            self._turn = self._sqlite = WriteTurn(self._engine)
            make_private_file(self._engine)
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        with _as_store_error():
            try:
                METADATA.create_all(self._engine)
            except sa.exc.DBAPIError:  # another worker was making the tables at this moment
                METADATA.create_all(self._engine)

    def ping(self) -> None:
        """Raise StoreError when the database does not answer."""
        with self._reading() as connection:
            connection.execute(sa.select(1))

    def close(self) -> None:
        """Close all connections."""
        with self._turn:  # one last turn, so that nothing erased is left in the log
            pass
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with _as_store_error(), self._engine.connect() as connection:
            yield connection

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
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                rows = sa.select(CHOICES.c.number).where(CHOICES.c.subject == subject)
                connection.execute(rows.order_by(CHOICES.c.number).limit(1).with_for_update()).all()
            yield connection


def _prepare_sqlite(connection: Any, _: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", f"busy_timeout = {PATIENCE}", "secure_delete = ON"):
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
    if isinstance(error, (sa.exc.OperationalError, sa.exc.ProgrammingError)):
        kind += f": {BEFORE_VALUES.split(str(error.orig), maxsplit=1)[0].strip()}"
    return kind
