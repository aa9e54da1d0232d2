"""Records of choices in the database: add, read back, export, erase."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ..choice.act import Choice
from ..errors import StoreError
from .database import UNHURRIED, ConflictError
from .following import is_known_in_sqlite, store_in_postgresql, store_in_sqlite
from .group import Group, Row, Take
from .log import PAGE, Log
from .packed import id_to_bytes, ids_beginning, subject_to_bytes
from .rows import JOINED, to_choices, to_row
from .tables import ACCOUNTS, CONTEXTS, FORMER, RECORDS

#: How often a choice is tried where a database has no lock for the log: two may have taken the same number.
TRIES = 5
_OF_SUBJECT = RECORDS.c.subject == sa.bindparam("subject")
LATEST = sa.select(RECORDS.c.seq).where(_OF_SUBJECT).order_by(RECORDS.c.number.desc()).limit(1)
SAME = RECORDS.alias()
#: The record of an id; also of a choice that an earlier version stored, whose browser sends it again. With an OR,
#: PostgreSQL would read all records.
ONE = sa.select(RECORDS).where(
    RECORDS.c.number.in_(
        sa.union_all(
            sa.select(SAME.c.number).where(SAME.c.id == sa.bindparam("id")),
            sa.select(FORMER.c.number).where(FORMER.c.id == sa.bindparam("id")),
        )
    )
)
KNOWN = sa.select(sa.literal(1)).select_from(JOINED).where(_OF_SUBJECT, CONTEXTS.c.site == sa.bindparam("site"))


class Choices(Log):
    """The records of choices."""

    def __init__(self, url: str | sa.URL, setting: str = "CONSENT_DATABASE") -> None:
        super().__init__(url, setting)
        self._group = Group(self._store_all, self._turns.last_moved)
        self._groups = bool(self._sqlite) or self._engine.driver == "psycopg"

    def add(self, choice: Choice) -> Choice:
        """See Store.add. One commit for all who store a choice at this moment; in PostgreSQL mostly one round trip."""
        self._notice_copy()
        if self._groups and self._group.add(to_row(choice)):
            return choice
        for left in reversed(range(1 if self._locks_log else TRIES)):
            try:
                return self._place(choice)
            except ConflictError:
                if not left:
                    raise
        raise AssertionError

    def _store_all(self, patience: float, take: Take) -> list[bool]:
        """Store each of the rows that is simply the next act of its subject. If a row does not fit into the tables,
        none is stored: then each has to be stored alone.
        """
        self._require_tables()
        rows: list[Row] = []
        try:
            with self._storing(patience) as driver:
                self._turns.moved()  # it can be written to
                rows = take()
                return store_in_sqlite(driver, rows) if self._sqlite else store_in_postgresql(driver, rows)
        except Exception as error:
            if not rows or (isinstance(error, StoreError) and not isinstance(error, ConflictError)):
                raise
            return [False] * len(rows)

    def _place(self, choice: Choice) -> Choice:
        """Store a choice where it belongs, unless it is known."""
        with self._logging() as connection:
            known = connection.execute(ONE, {"id": id_to_bytes(choice.id)}).all()
            if known:
                return to_choices(connection, known)[0]
            latest = connection.execute(LATEST, {"subject": subject_to_bytes(choice.subject)}).scalar()
            choice = choice.placed_after(latest)
            self._append(connection, choice)
        return choice

    def history(self, subject: str) -> list[Choice]:
        """All choices of one subject, oldest first."""
        return self._read(sa.select(RECORDS).where(RECORDS.c.subject == subject_to_bytes(subject)))

    def find(self, id: str, site: str = "") -> list[Choice]:
        """The choices of a site whose id begins so, three at most."""
        least, greatest = ids_beginning(id) or (id_to_bytes(id),) * 2
        ids = RECORDS.c.id.between(least, greatest), sa.func.length(RECORDS.c.id) == len(least)
        return self._read(_of(sa.select(RECORDS).where(*ids).limit(3), site))

    def knows(self, subject: str, site: str) -> bool:
        """Has a subject made any choice at this site that was not erased?"""
        name = subject_to_bytes(subject)
        with self._reading() as connection:
            if self._sqlite:
                return is_known_in_sqlite(connection, name, site)
            return connection.execute(KNOWN.limit(1), {"subject": name, "site": site}).first() is not None

    def histories(self, site: str | None = None) -> Iterator[list[Choice]]:
        """The history of each subject in turn, of one site or of all."""
        by_subject = self._pages(sa.tuple_(RECORDS.c.subject, RECORDS.c.number), site)
        yield from (list(choices) for _, choices in groupby(by_subject, lambda choice: choice.subject))

    def export(self, site: str | None = None) -> Iterator[Choice]:
        """Every choice, of one site or of all, oldest first."""
        return self._pages(sa.tuple_(RECORDS.c.number), site)

    def made_between(self, first: int, end: int, site: str | None = None) -> Iterator[Choice]:
        """Every choice of one site or of all that was made from `first` on and before `end` (milliseconds since 1970),
        oldest first.
        """
        return self._pages(sa.tuple_(RECORDS.c.number), site, RECORDS.c.time >= first, RECORDS.c.time < end)

    def latest(self, most: int, site: str | None = None) -> list[Choice]:
        """The latest choices, of one site or of all, oldest first."""
        query = _of(sa.select(RECORDS).order_by(RECORDS.c.number.desc()).limit(most), site)
        with self._reading(UNHURRIED) as connection:
            return to_choices(connection, connection.execute(query).all()[::-1])

    def last_answered(self, site: str = "") -> str | None:
        """The digest of the notice that a site's latest choice answered, or None."""
        latest = self.latest(1, site)
        return latest[0].notice if latest else None

    def answered(self, site: str = "") -> list[str]:
        """The digests of all notices that choices of a site answered."""
        query = sa.select(CONTEXTS.c.notice).select_from(JOINED).where(CONTEXTS.c.site == site)
        query = query.group_by(CONTEXTS.c.notice).order_by(sa.func.min(RECORDS.c.number))
        with self._reading(UNHURRIED) as connection:
            return list(connection.execute(query).scalars())

    def has_answered(self, notice: str, site: str = "") -> bool:
        """Has any choice of a site answered the notice of this digest?"""
        query = sa.select(sa.literal(1)).where(RECORDS.c.context.in_(_contexts(site, CONTEXTS.c.notice == notice)))
        with self._reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def first_answered(self, notice: str, site: str = "") -> int | None:
        """When a site's first choice under the notice of this digest was made (milliseconds since 1970), or None."""
        of_notice = _contexts(site, CONTEXTS.c.notice == notice)
        query = sa.select(sa.func.min(RECORDS.c.time)).where(RECORDS.c.context.in_(of_notice))
        with self._reading(UNHURRIED) as connection:
            return connection.execute(query).scalar()

    def erase(self, subject: str) -> bool:
        """Delete everything about a subject for good. False while its rows can still be read in SQLite's log, because
        another program is reading the database. They are overwritten by the first write after that has ended.
        """
        with self._logging() as connection:
            self._remove(connection, RECORDS.c.subject == subject_to_bytes(subject))
            connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.subject == subject))
        return self._scrub()

    def _read(self, query: sa.Select[Any]) -> list[Choice]:
        with self._reading() as connection:
            return to_choices(connection, connection.execute(query.order_by(RECORDS.c.number)).all())

    def _begin_anew(self) -> None:
        self._group.begin_anew()
        super()._begin_anew()

    def _pages(self, order: sa.Tuple, site: str | None, *which: sa.ColumnElement[bool]) -> Iterator[Choice]:
        page = query = _of(sa.select(RECORDS).where(*which).order_by(*order.clauses).limit(PAGE), site)
        while True:
            with self._reading(UNHURRIED) as connection:  # given back for as long as the caller takes
                rows = connection.execute(page).all()
                choices = to_choices(connection, rows)
            if not rows:
                return
            yield from choices
            page = query.where(order > tuple(getattr(rows[-1], column.name) for column in order.clauses))


def _contexts(site: str, *which: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    return sa.select(CONTEXTS.c.id).where(CONTEXTS.c.site == site, *which)


def _of(query: sa.Select[Any], site: str | None) -> sa.Select[Any]:
    """The rows of one site, or all."""
    return query if site is None else query.where(RECORDS.c.context.in_(_contexts(site)))
