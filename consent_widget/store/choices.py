"""Records of choices in the database: add, read back, export, erase."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ..choice.act import Choice
from ..errors import StateMoved
from .database import UNHURRIED, ConflictError, Database
from .following import can_pipeline, is_known_in_sqlite, store_by_pipeline, store_in_sqlite
from .tables import ACCOUNTS, CHOICES, ENDS, USES, from_row, ids_of, to_row

#: Rows that are read at once, so that an export of millions needs little memory.
PAGE = 1000
_OF_SUBJECT = CHOICES.c.subject == sa.bindparam("subject")
LATEST = sa.select(CHOICES.c.seq).where(_OF_SUBJECT).order_by(CHOICES.c.number.desc()).limit(1)
KNOWN = sa.select(sa.literal(1)).where(_OF_SUBJECT, CHOICES.c.site == sa.bindparam("site")).limit(1)


class Choices(Database):
    """The records of choices."""

    def add(self, choice: Choice) -> Choice:
        """See Store.add. One transaction, one commit; in PostgreSQL mostly one round trip."""
        if self._follows(choice):
            return choice
        try:
            with self._writing_alone(choice.subject) as connection:
                choice = choice.placed_after(connection.execute(LATEST, {"subject": choice.subject}).scalar())
                connection.execute(CHOICES.insert(), to_row(choice))
            return choice
        except (ConflictError, StateMoved):
            with self._reading() as connection:
                same_key = sa.select(CHOICES).where(CHOICES.c.site == choice.site, CHOICES.c.key == choice.key)
                row = connection.execute(same_key).first()
            if row is None:  # no retry
                raise
            return from_row(row)

    def _follows(self, choice: Choice) -> bool:
        """Is the choice the next of its subject, and stored now?"""
        if self._sqlite:
            with self._writing() as connection:
                return store_in_sqlite(connection, to_row(choice))
        with self._reading() as connection:
            return can_pipeline(connection) and store_by_pipeline(connection, to_row(choice))

    def history(self, subject: str) -> list[Choice]:
        """All choices of one subject, oldest first."""
        query = sa.select(CHOICES).where(CHOICES.c.subject == subject).order_by(CHOICES.c.number)
        with self._reading() as connection:
            return [from_row(row) for row in connection.execute(query)]

    def find(self, id: str, site: str = "") -> list[Choice]:
        """The choices of a site whose id begins so, three at most."""
        query = sa.select(CHOICES).where(CHOICES.c.id.startswith(id, autoescape=True), CHOICES.c.site == site)
        with self._reading() as connection:
            return [from_row(row) for row in connection.execute(query.limit(3))]

    def knows(self, subject: str, site: str) -> bool:
        """Has a subject made any choice at this site that was not erased?"""
        with self._reading() as connection:
            if self._sqlite:
                return is_known_in_sqlite(connection, subject, site)
            return connection.execute(KNOWN, {"subject": subject, "site": site}).first() is not None

    def histories(self, site: str | None = None) -> Iterator[list[Choice]]:
        """The history of each subject in turn, of one site or of all."""
        by_subject = self._pages(sa.tuple_(CHOICES.c.subject, CHOICES.c.number), site)
        yield from (list(choices) for _, choices in groupby(by_subject, lambda choice: choice.subject))

    def export(self, site: str | None = None) -> Iterator[Choice]:
        """Every choice, of one site or of all, oldest first."""
        return self._pages(sa.tuple_(CHOICES.c.number), site)

    def made_between(self, first: int, end: int, site: str | None = None) -> Iterator[Choice]:
        """Every choice of one site or of all that was made from `first` on and before `end` (milliseconds since 1970),
        oldest first.
        """
        return self._pages(sa.tuple_(CHOICES.c.number), site, CHOICES.c.time >= first, CHOICES.c.time < end)

    def latest(self, most: int, site: str | None = None) -> list[Choice]:
        """The latest choices, of one site or of all, oldest first."""
        query = sa.select(CHOICES).order_by(CHOICES.c.number.desc()).limit(most)
        with self._reading(UNHURRIED) as connection:
            return [from_row(row) for row in connection.execute(_of(query, site))][::-1]

    def last_answered(self, site: str = "") -> str | None:
        """The digest of the notice that a site's latest choice answered, or None."""
        query = sa.select(CHOICES.c.notice).where(CHOICES.c.site == site).order_by(CHOICES.c.number.desc()).limit(1)
        with self._reading(UNHURRIED) as connection:
            return connection.execute(query).scalar()

    def answered(self, site: str = "") -> list[str]:
        """The digests of all notices that choices of a site answered."""
        query = sa.select(CHOICES.c.notice).where(CHOICES.c.site == site).group_by(CHOICES.c.notice)
        with self._reading(UNHURRIED) as connection:
            return list(connection.execute(query.order_by(sa.func.min(CHOICES.c.number))).scalars())

    def has_answered(self, notice: str, site: str = "") -> bool:
        """Has any choice of a site answered the notice of this digest?"""
        query = sa.select(sa.literal(1)).where(CHOICES.c.notice == notice, CHOICES.c.site == site).limit(1)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def first_answered(self, notice: str, site: str = "") -> int | None:
        """When a site's first choice under the notice of this digest was made (milliseconds since 1970), or None."""
        query = sa.select(sa.func.min(CHOICES.c.time)).where(CHOICES.c.notice == notice, CHOICES.c.site == site)
        with self._reading(UNHURRIED) as connection:
            return connection.execute(query).scalar()

    def erase(self, subject: str) -> bool:
        """Delete everything about a subject for good. False while its rows can still be read in SQLite's log, because
        another program is reading the database. They are overwritten by the first write after that has ended.
        """
        with self._writing_alone(subject) as connection:
            for table in (USES, ENDS):
                connection.execute(table.delete().where(table.c.choice.in_(ids_of(subject))))
            connection.execute(CHOICES.delete().where(CHOICES.c.subject == subject))
            connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.subject == subject))
        return self._scrub()

    def _pages(self, order: sa.Tuple, site: str | None, *which: sa.ColumnElement[bool]) -> Iterator[Choice]:
        page = query = _of(sa.select(CHOICES).where(*which).order_by(*order.clauses).limit(PAGE), site)
        while True:
            with self._reading(UNHURRIED) as connection:  # given back for as long as the caller takes
                rows = connection.execute(page).all()
            if not rows:
                return
            yield from map(from_row, rows)
            page = query.where(order > tuple(getattr(rows[-1], column.name) for column in order.clauses))


def _of(query: sa.Select[Any], site: str | None) -> sa.Select[Any]:
    """The rows of one site, or all. No index on the site may be used: the rows are read in the index of their order,
    each once, instead of being sorted anew for each page.
    """
    return query if site is None else query.where(CHOICES.c.site.concat("") == site)
