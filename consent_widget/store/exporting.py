"""Records as they lie in the database, page by page: an export of millions makes no object of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..choice.lines import Common, Lines
from .database import UNHURRIED
from .log import PAGE, Log
from .packed import LENGTH, answers_from_bytes, id_from_bytes, subject_from_bytes, subject_to_bytes
from .rows import contexts
from .tables import CONTEXTS, RECORDS

#: What is read of a record, in this order.
_NAMES = ("number", "id", "time", "subject", "seq", "valid_until", "salt", "context", "answers")
DAY_MS = 86_400_000
#: So many common parts of lines are kept: more than there are kinds of answers, unless somebody invents them.
MOST_KINDS = 20_000


class Which(NamedTuple):
    """Which records: made from `first` on and before `end` (milliseconds since 1970); of one site and one subject, or
    of all (None).
    """

    first: int = 0
    end: int = 1 << 62
    site: str | None = None
    subject: str | None = None


class Written(NamedTuple):
    """Some lines of an export: how many, their text, and the digests of the notices that they name."""

    number: int
    text: str
    notices: set[str]


class Counted(NamedTuple):
    """So many records of a day (since 1970) say the same: what that is, as `Choice.plain` has it."""

    day: int
    said: Mapping[str, Any]
    number: int


class Exporting(Log):
    """Many records at once."""

    @property
    def kind(self) -> str:
        """Which database this is: sqlite, postgresql."""
        return self._engine.dialect.name

    def lines(self, lines: Lines, which: Which) -> Iterator[Written]:
        """The lines of an export, oldest first, some at a time."""
        kinds: dict[tuple[int, bytes], Common] = {}
        write = lines.line
        for rows, known in self._pages_of(which):
            if len(kinds) > MOST_KINDS:
                kinds.clear()
            text = []
            for number, id, time, subject, seq, day, salt, context, answers in rows:
                common = kinds.get((context, answers))
                if common is None:
                    common = kinds[context, answers] = lines.common(_plain(known[context], answers))
                name, who = id_from_bytes(id), subject_from_bytes(subject)
                if len(id) != LENGTH or len(subject) != LENGTH:  # not made by us
                    name, who = lines.text(name), lines.text(who)
                text.append(write(common, name, time, who, seq, day, number, salt))
            yield Written(len(text), "".join(text), {values["notice"] for values in known.values()})

    def counted(self, which: Which) -> Iterator[Counted]:
        """How many records say the same, but for whose they are and at which time of the day."""
        kinds = RECORDS.c.time // DAY_MS, RECORDS.c.context, RECORDS.c.answers
        query = sa.select(*kinds, sa.func.count()).where(*_conditions(which)).group_by(*kinds)
        known, plain = dict[int, Mapping[str, Any]](), dict[tuple[int, bytes], Mapping[str, Any]]()
        with self._reading(UNHURRIED) as connection:
            for rows in connection.execute(query.execution_options(yield_per=PAGE)).partitions():
                known |= contexts(connection, {row.context for row in rows} - known.keys())
                if len(plain) > MOST_KINDS:
                    plain.clear()
                for day, id, answers, number in rows:
                    said = plain.get((id, answers))
                    if said is None:
                        said = plain[id, answers] = _plain(known[id], answers)
                    yield Counted(day, said, number)

    def numbers(self, which: Which, first: int, end: int, most: int) -> list[int]:
        """The numbers of these records from `first` on and before `end`, the lowest first, and no more than `most`."""
        query = sa.select(RECORDS.c.number).where(RECORDS.c.number >= first, RECORDS.c.number < end)
        query = query.where(*_conditions(which)).order_by(RECORDS.c.number).limit(most)
        with self._reading(UNHURRIED) as connection:
            return list(connection.execute(query).scalars())

    def _pages_of(self, which: Which) -> Iterator[tuple[Sequence[Any], Mapping[int, Mapping[str, Any]]]]:
        """Some rows at a time, and what their contexts say, by id."""
        page = sa.select(*(RECORDS.c[name] for name in _NAMES)).order_by(RECORDS.c.number).limit(PAGE)
        page = page.where(*_conditions(which))
        last, known = -1, dict[int, Mapping[str, Any]]()
        while True:
            with self._reading(UNHURRIED) as connection:  # given back for as long as the caller takes
                rows = connection.execute(page.where(RECORDS.c.number > last)).all()
                known |= contexts(connection, {row.context for row in rows} - known.keys())
            if not rows:
                return
            yield rows, known
            last = rows[-1].number


def _conditions(which: Which) -> Iterator[sa.ColumnElement[bool]]:
    if which.first > 0:
        yield RECORDS.c.time >= which.first
    if which.end < Which().end:
        yield RECORDS.c.time < which.end
    if which.site is not None:
        yield RECORDS.c.context.in_(sa.select(CONTEXTS.c.id).where(CONTEXTS.c.site == which.site))
    if which.subject is not None:
        yield RECORDS.c.subject == subject_to_bytes(which.subject)


def _plain(context: Mapping[str, Any], answers: bytes) -> Mapping[str, Any]:
    """What a context and these answers say, as `Choice.plain` has it."""
    purposes = answers_from_bytes(context["purposes"], answers)
    return {**context, "purposes": purposes, "signals": list(context["signals"])}
