"""Old records in the database: find them, and delete them bit by bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from time import monotonic, sleep

import sqlalchemy as sa

from ..choice.act import Choice
from .database import UNHURRIED
from .log import Log
from .packed import id_to_bytes, subject_from_bytes, subject_to_bytes
from .rows import to_choices
from .tables import ACCOUNTS, CONTEXTS, RECORDS

#: How many visitors' records are read, and deleted, at once: nobody who chooses meanwhile waits long.
BATCH = 100


class Purging(Log):
    """Old records."""

    def ended_histories(self, day: int, site: str = "") -> Iterator[list[list[Choice]]]:
        """The histories of all subjects of a site with a choice whose validity ended before `day` (days since 1970),
        some at a time. Between two answers nothing is held of the database.
        """
        old = sa.select(RECORDS.c.subject, CONTEXTS.c.site).join(CONTEXTS, CONTEXTS.c.id == RECORDS.c.context)
        page = old.where(RECORDS.c.valid_until < day).order_by(RECORDS.c.subject).limit(BATCH)
        last = b""
        while True:
            with self._reading(UNHURRIED) as connection:
                found = connection.execute(page.where(RECORDS.c.subject > last)).all()
                names = {row.subject for row in found if row.site == site}
                of_them = sa.select(RECORDS).where(RECORDS.c.subject.in_(names))
                rows = connection.execute(of_them.order_by(RECORDS.c.subject, RECORDS.c.number)).all() if names else ()
                choices = [choice for choice in to_choices(connection, rows) if choice.site == site]
            if not found:
                return
            last = found[-1].subject
            if names:
                yield [list(history) for _, history in groupby(choices, lambda choice: choice.subject)]

    def purge(self, batches: Iterable[Sequence[Choice]]) -> bool:
        """Delete these choices and all that is stored about them for good, each batch by itself, with a rest as long as
        its work. False while rows can still be read in SQLite's log (see erase).
        """
        try:
            for choices in batches:
                began = monotonic()
                self._delete(choices)
                sleep(min(1.0, monotonic() - began))
        finally:
            complete = self._scrub()
        return complete

    def _delete(self, choices: Sequence[Choice]) -> None:
        with self._logging() as connection:
            self._remove(connection, RECORDS.c.id.in_([id_to_bytes(choice.id) for choice in choices]))
            subjects = {choice.subject for choice in choices}
            own = RECORDS.c.subject.in_(map(subject_to_bytes, subjects))
            left = {
                subject_from_bytes(each)
                for each in connection.execute(sa.select(RECORDS.c.subject).where(own)).scalars()
            }
            connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.subject.in_(subjects - left)))
