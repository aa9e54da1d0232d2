"""Old records in the database: find them, and delete them bit by bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from time import monotonic, sleep

import sqlalchemy as sa

from ..choice.act import Choice
from .database import UNHURRIED, Database
from .tables import ACCOUNTS, CHOICES, ENDS, USES, from_row

#: How many visitors' records are read, and deleted, at once: nobody who chooses meanwhile waits long.
BATCH = 100


class Purging(Database):
    """Old records."""

    def ended_histories(self, day: int, site: str = "") -> Iterator[list[list[Choice]]]:
        """The histories of all subjects of a site with a choice whose validity ended before `day` (days since 1970),
        some at a time. Between two answers nothing is held of the database.
        """
        # in the index of the subjects: a condition on the site would lead databases to another one, page for page
        old = sa.select(CHOICES.c.subject, CHOICES.c.site).where(CHOICES.c.valid_until < day)
        page = old.order_by(CHOICES.c.subject).limit(BATCH)
        last = ""
        while True:
            with self._reading(UNHURRIED) as connection:
                found = connection.execute(page.where(CHOICES.c.subject > last)).all()
                names = {row.subject for row in found if row.site == site}
                of_them = sa.select(CHOICES).where(CHOICES.c.subject.in_(names))
                rows = connection.execute(of_them.order_by(CHOICES.c.subject, CHOICES.c.number)).all() if names else ()
            if not found:
                return
            last = found[-1].subject
            choices = (choice for choice in map(from_row, rows) if choice.site == site)
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
        ids, subjects = {choice.id for choice in choices}, {choice.subject for choice in choices}
        own = sa.select(CHOICES.c.number).where(CHOICES.c.subject.in_(subjects), CHOICES.c.id.in_(ids))
        with self._writing() as connection:
            # in order, so that two who purge at once wait for each other and do not lock each other out
            numbers = connection.execute(own.order_by(CHOICES.c.number).with_for_update()).scalars().all()
            for table in (USES, ENDS):
                connection.execute(table.delete().where(table.c.choice.in_(ids)))
            connection.execute(CHOICES.delete().where(CHOICES.c.number.in_(numbers)))
            left = sa.select(CHOICES.c.subject).where(CHOICES.c.subject.in_(subjects))
            gone = ACCOUNTS.c.subject.in_(subjects) & ACCOUNTS.c.subject.not_in(left)
            connection.execute(ACCOUNTS.delete().where(gone))
