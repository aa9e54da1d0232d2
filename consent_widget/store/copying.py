"""The whole database at another place: copied into another database, or as a file to keep."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from ..errors import ConfigurationError
from .database import UNHURRIED, Database
from .tables import METADATA

#: Rows that are copied at once, so that millions need little memory.
BATCH = 500


class Copying(Database):
    """Copies of everything."""

    def copy_to(self, target: Copying) -> Mapping[str, int]:
        """Copy every row, as it is at this moment, into a database without any. All are there in the end, or none.
        Returns how many, by table, counted at the target. ConfigurationError if that has rows of its own.
        """
        with self._snapshot() as source, target._filling() as connection:
            for table in METADATA.sorted_tables:
                query = sa.select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH)
                for rows in source.execute(query).mappings().partitions():
                    connection.execute(table.insert(), [dict(row) for row in rows])
            counts = {table.name: _count(connection, table) for table in METADATA.sorted_tables}
            if counts != {table.name: _count(source, table) for table in METADATA.sorted_tables}:
                raise ConfigurationError("The copy has not as many rows as the original, and was taken back.")
            if connection.dialect.name == "postgresql":
                _number_on(connection)
        return counts

    def backup(self, path: Path) -> None:
        """Write a new file with everything that is in SQLite's at this moment, whoever writes meanwhile: what is in its
        log, too, and nothing that was erased. Only its owner can read it. It is on the disk in the end, or not there.
        """
        if self._sqlite is None or self._sqlite.in_memory:
            raise ConfigurationError(
                "This makes copies of SQLite's file only. Your database has a tool of its own: for PostgreSQL, "
                "pg_dump --format=custom."
            )
        self._require_tables()
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with self._reading() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
            os.fsync(file)
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(file)

    @contextmanager
    def _snapshot(self) -> Iterator[sa.Connection]:
        """Everything as it is at one moment."""
        self._require_tables()
        isolated = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with (
            self._errors(),
            self._turn_to_read(),
            self._connected(self._engine if self._sqlite else isolated, UNHURRIED) as connection,
            connection.begin(),
        ):
            if self._sqlite:
                connection.exec_driver_sql("BEGIN")
            elif connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection

    @contextmanager
    def _filling(self) -> Iterator[sa.Connection]:
        """A transaction in a database without rows."""
        self._require_tables()
        with self._transaction(UNHURRIED) as connection:
            for table in METADATA.sorted_tables:
                if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                    raise ConfigurationError(
                        f"That database is not empty: {table.name} has rows. Name a new one. A site that was started "
                        "with it has stored its notice there."
                    )
            yield connection


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _number_on(connection: sa.Connection) -> None:
    """Let PostgreSQL give the next rows the numbers after those that were copied."""
    for column in (table.autoincrement_column for table in METADATA.sorted_tables):
        if column is not None:
            last = sa.select(sa.func.max(column)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(column.table.name, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))
