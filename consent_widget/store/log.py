"""The log of all records of a database: a number for each, without a gap, and an entry that stays when it is erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ..choice.act import Choice
from .database import UNHURRIED, Database
from .making import STAMP
from .packed import id_to_bytes
from .rows import NEXT, Record, add_context, context_of, to_choices, to_row
from .tables import CHUNK, COUNTS, ENDS, ENTRIES, FORMER, LOG_LOCK, RECORDS, USES

#: Rows that are read at once, so that an export of millions needs little memory.
PAGE = 1000
#: The numbers of records, and what they say.
Numbered = Sequence[tuple[int, Choice]]
#: Takes part in a transaction. What it raises takes the whole transaction back.
Listener = Callable[[sa.Connection, Numbered], None]
#: Where a database has no other lock for the log: a row that is always there. To lock the last entry would lock the
#: place after it, too, in MySQL: two that wait to insert there are a deadlock.
ONE_ROW = sa.select(STAMP).with_for_update()


class Log(Database):
    """The log."""

    def __init__(self, url: str | sa.URL, setting: str = "CONSENT_DATABASE") -> None:
        #: Called in the transaction that erases records, before they are gone.
        self.in_erasure: list[Listener] = []
        super().__init__(url, setting)

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """The log's entries with their numbers, from `first` on and before `end`."""
        for rows in self._numbered(sa.select(ENTRIES), ENTRIES.c.number, first, end):
            yield from ((row.number, row.entry) for row in rows)

    def records(self, first: int = 0, end: int | None = None) -> Iterator[Record]:
        """The records that are still there, from `first` on and before `end`, with the salts of their entries."""
        for rows in self._numbered(sa.select(RECORDS), RECORDS.c.number, first, end):
            with self._reading(UNHURRIED) as connection:
                choices = to_choices(connection, rows)
            yield from (Record(row.number, row.salt, choice) for row, choice in zip(rows, choices, strict=True))

    def record(self, id: str) -> Record | None:
        """The record of this id, at any site; None where there is none, or it was erased."""
        with self._reading() as connection:
            row = connection.execute(sa.select(RECORDS).where(RECORDS.c.id == id_to_bytes(id))).first()
            return Record(row.number, row.salt, to_choices(connection, [row])[0]) if row else None

    @property
    def _locks_log(self) -> bool:
        return bool(self._sqlite) or self._engine.dialect.name == "postgresql"

    @contextmanager
    def _logging(self) -> Iterator[sa.Connection]:
        """A transaction during which nobody else adds a record, or erases one. SQLite allows one writer at a time."""
        with self._writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(LOG_LOCK)
            elif not self._sqlite:
                connection.execute(ONE_ROW).all()
            yield connection

    def _append(self, connection: sa.Connection, choice: Choice) -> None:
        """Store a record, inside `_logging`."""
        row, number = to_row(choice), connection.execute(NEXT).scalar_one()
        row["number"], row["context"] = number, add_context(connection, context_of(choice))
        connection.execute(ENTRIES.insert(), {"number": number, "entry": row.pop("entry")})
        connection.execute(RECORDS.insert(), {name: row[name] for name in RECORDS.columns.keys()})  # noqa: SIM118

    def _remove(self, connection: sa.Connection, *which: sa.ColumnElement[bool]) -> None:
        """Delete these records and all that is stored about them, inside `_logging`. Their entries stay. What the
        chunks of the log with them came to is counted anew.
        """
        rows = connection.execute(sa.select(RECORDS).where(*which).order_by(RECORDS.c.number)).all()
        choices = to_choices(connection, rows)
        for listener in self.in_erasure:
            listener(connection, [(row.number, choice) for row, choice in zip(rows, choices, strict=True)])
        connection.execute(COUNTS.delete().where(COUNTS.c.chunk.in_({row.number // CHUNK for row in rows})))
        for place in range(0, len(rows), PAGE):  # databases take only so many values in one statement
            ids = [choice.id for choice in choices[place : place + PAGE]]
            for table in (USES, ENDS):
                connection.execute(table.delete().where(table.c.choice.in_(ids)))
            numbers = [row.number for row in rows[place : place + PAGE]]
            for table in (FORMER, RECORDS):
                connection.execute(table.delete().where(table.c.number.in_(numbers)))

    def _numbered(
        self, query: sa.Select[Any], number: sa.Column[int], first: int, end: int | None
    ) -> Iterator[Sequence[sa.Row[Any]]]:
        page = query.order_by(number).limit(PAGE)
        if end is not None:
            page = page.where(number < end)
        while True:
            with self._reading(UNHURRIED) as connection:  # given back for as long as the caller takes
                rows = connection.execute(page.where(number >= first)).all()
            if not rows:
                return
            yield rows
            first = rows[-1].number + 1
