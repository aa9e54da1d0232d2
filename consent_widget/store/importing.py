"""Records that come from a file: many at once, with a rest in between for those who choose meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from time import monotonic, sleep

import sqlalchemy as sa

from ..choice.act import Choice
from ..choice.replay import Grant
from ..days import now_ms
from ..errors import RecordError
from .log import Log
from .packed import id_to_bytes, subject_from_bytes, subject_to_bytes
from .rows import NEXT, add_context, context_of, to_choices, to_row
from .tables import ENTRIES, RECORDS, USES

#: The highest `seq` and the highest `time` of a subject's acts.
Latest = tuple[int, int]


class Importing(Log):
    """Takes records in."""

    def look_up(self, ids: Collection[str], subjects: Collection[str]) -> tuple[dict[str, Choice], dict[str, Latest]]:
        """Those of these records that are stored, by id; and the latest act of each of these subjects."""
        with self._reading() as connection:
            return _stored(connection, ids), _latest(connection, subjects)

    def take_in(self, choices: Sequence[Choice], used: Collection[Grant]) -> None:
        """Store these records, and that these grants of theirs are used up: all, or none. RecordError where one of
        their subjects has chosen meanwhile.
        """
        began = monotonic()
        with self._logging() as connection:
            if _stored(connection, [choice.id for choice in choices]):
                raise RecordError("Some of these records were stored meanwhile. Run this again.")
            latest = _latest(connection, {choice.subject for choice in choices})
            if any(choice.seq <= latest.get(choice.subject, (0, 0))[0] for choice in choices):
                raise RecordError("A visitor of the file has chosen meanwhile. Run this again.")
            first = connection.execute(NEXT).scalar_one()
            rows = [{**to_row(choice), "number": number} for number, choice in enumerate(choices, first)]
            ids: dict[tuple[str | None, ...], int] = {}
            for row, choice in zip(rows, choices, strict=True):
                context = context_of(choice)
                if context not in ids:
                    ids[context] = add_context(connection, context)
                row["context"] = ids[context]
            connection.execute(ENTRIES.insert(), [{name: row[name] for name in ("number", "entry")} for row in rows])
            connection.execute(RECORDS.insert(), [{name: row[name] for name in RECORDS.columns.keys()} for row in rows])  # noqa: SIM118
            if used:
                connection.execute(USES.insert(), [{**grant._asdict(), "time": now_ms()} for grant in used])
        sleep(min(1.0, monotonic() - began))


def _stored(connection: sa.Connection, ids: Collection[str]) -> dict[str, Choice]:
    query = sa.select(RECORDS).where(RECORDS.c.id.in_(list(map(id_to_bytes, ids))))
    rows = connection.execute(query).all() if ids else []
    return {choice.id: choice for choice in to_choices(connection, rows)}


def _latest(connection: sa.Connection, subjects: Collection[str]) -> dict[str, Latest]:
    names = list(map(subject_to_bytes, subjects))
    query = sa.select(RECORDS.c.subject, sa.func.max(RECORDS.c.seq), sa.func.max(RECORDS.c.time)).where(
        RECORDS.c.subject.in_(names)
    )
    rows = connection.execute(query.group_by(RECORDS.c.subject)).all() if names else []
    return {subject_from_bytes(subject): (seq, time) for subject, seq, time in rows}
