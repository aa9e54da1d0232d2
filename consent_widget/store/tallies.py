"""Counts records by day, context and answers.

The log is cut into chunks of 65,536 numbers. What the records of a whole chunk come to is counted once and stored. New
records never fall into a chunk that is full, and an erasure drops the counts of its chunks in its own transaction, so
what is stored always agrees with the records (docs/decisions/0047-charts.md). The last ones are counted each time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from time import monotonic
from typing import Any

import sqlalchemy as sa

from ..choice.tally import Context, Contexts, Tally
from .log import Log
from .rows import NEXT
from .tables import CHUNK, CONTEXTS, COUNTS, RECORDS

#: How often a reader tries to find everything at rest.
TRIES = 5
#: Milliseconds in a day.
DAY_MS = 86_400_000
#: The day of the row that says: this chunk is counted, though perhaps nothing is left of it.
COUNTED = -1
DAY = RECORDS.c.time // DAY_MS
CONTEXT = (CONTEXTS.c.notice, CONTEXTS.c.locale, CONTEXTS.c.action, CONTEXTS.c.surface, CONTEXTS.c.region,
           CONTEXTS.c.layout, CONTEXTS.c["keys"])  # fmt: skip
OF_SITE = sa.select(CONTEXTS.c.id, *CONTEXT).where(CONTEXTS.c.site == sa.bindparam("site"))
COUNTED_CHUNKS = sa.select(COUNTS.c.chunk).where(COUNTS.c.day == COUNTED)


class Tallies(Log):
    """Counts."""

    def count_up(self, seconds: float) -> float:
        """Count chunks that are not counted yet, for about so many seconds: how much of all records is counted now,
        from 0 to 1. Nobody can choose while a chunk is counted, some hundredths of a second.
        """
        until = monotonic() + seconds
        with self._reading() as connection:
            whole = int(connection.execute(NEXT).scalar_one()) // CHUNK
            waiting = [*set(range(whole)).difference(connection.execute(COUNTED_CHUNKS).scalars())]
        for done, chunk in enumerate(sorted(waiting)):
            if monotonic() > until:
                return 1 - (len(waiting) - done) / whole
            self._count(chunk)
        return 1.0

    def _count(self, chunk: int) -> None:
        with self._logging() as connection:
            if connection.execute(COUNTED_CHUNKS.where(COUNTS.c.chunk == chunk)).first():
                return  # another process was first
            query = sa.select(sa.literal(chunk), DAY, RECORDS.c.context, RECORDS.c.answers, sa.func.count())
            query = query.where(_within([chunk])).group_by(DAY, RECORDS.c.context, RECORDS.c.answers)
            connection.execute(COUNTS.insert().from_select(list(COUNTS.c), query))
            row = {"chunk": chunk, "day": COUNTED, "context": 0, "answers": b"", "number": 0}
            connection.execute(COUNTS.insert(), row)

    def first_day(self, site: str = "") -> int | None:
        """The day (since 1970) of a site's first record, or None."""
        with self._reading() as connection:
            of_site = [row.id for row in connection.execute(OF_SITE, {"site": site})]
            counted = connection.execute(COUNTED_CHUNKS).scalars().all()
            stored = sa.select(sa.func.min(COUNTS.c.day)).where(COUNTS.c.day != COUNTED, COUNTS.c.context.in_(of_site))
            anew = sa.select(sa.func.min(DAY)).where(_besides(counted), RECORDS.c.context.in_(of_site))
            found = [connection.execute(each).scalar() for each in (stored, anew)]
        return min((each for each in found if each is not None), default=None)

    def tallies(self, first: int, end: int, site: str = "", step: int = 1) -> tuple[Contexts, list[Tally]]:
        """How many records of a site there are of each day from `first` on and before `end` (days since 1970), context
        and answers. With a `step` of 7, of each week that begins on a Monday.
        """
        with self._reading() as connection:
            contexts = connection.execute(OF_SITE, {"site": site}).all()
            of_site = [row.id for row in contexts]
            for _ in range(TRIES):
                counted = connection.execute(COUNTED_CHUNKS).scalars().all()
                tallies = [
                    Tally(row[0], row[1], row[2], int(row[3]))
                    for query in _queries(counted, first, end, of_site, step)
                    for row in connection.execute(query)
                ]
                if connection.execute(COUNTED_CHUNKS).scalars().all() == counted:
                    break  # else something was erased, or counted, meanwhile
        return {row[0]: Context(*row[1:-1], keys=tuple(json.loads(row[-1]))) for row in contexts}, tallies


def _queries(
    counted: Collection[int], first: int, end: int, of_site: Sequence[int], step: int
) -> Iterator[sa.Select[Any]]:
    """What is stored of the chunks that are `counted`, and what all other records come to. `of_site` are the ids of the
    site's contexts: with a subquery in their place, PostgreSQL read the counts once for each of them.
    """
    for day, table, number, which in (
        (COUNTS.c.day, COUNTS, sa.func.sum(COUNTS.c.number), COUNTS.c.day != COUNTED),
        (DAY, RECORDS, sa.func.count(), _besides(counted)),
    ):
        groups = day if step == 1 else (day + 3) // step * step - 3, table.c.context, table.c.answers
        query = sa.select(*groups, number).where(which, day >= first, day < end, table.c.context.in_(of_site))
        yield query.group_by(*groups)


def _within(chunks: Sequence[int]) -> sa.ColumnElement[bool]:
    """The records of these chunks."""
    ranges = (RECORDS.c.number.between(first * CHUNK, (last + 1) * CHUNK - 1) for first, last in _runs(chunks))
    return sa.or_(sa.false(), *ranges)


def _besides(counted: Collection[int]) -> sa.ColumnElement[bool]:
    """The records of all other chunks than these."""
    end = max(counted, default=-1) + 1
    missing = sorted(set(range(end)).difference(counted))
    return sa.or_(RECORDS.c.number >= end * CHUNK, _within(missing))


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each row of numbers that follow each other."""
    for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]
