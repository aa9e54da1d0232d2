"""What happens to a grant at most once: it is used up (single use), and its end is announced."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import sqlalchemy as sa

from ..choice.replay import Grant
from ..days import now_ms
from .database import ConflictError
from .log import PAGE, Log
from .packed import id_from_bytes, id_to_bytes, subject_to_bytes
from .tables import ENDS, RECORDS, USES


class OnceOnly(Log):
    """Uses and ends of grants."""

    def use(self, subject: str, grant: Grant) -> bool:
        """Use up a grant: True for the first caller, False for all others. One INSERT decides."""
        own = _ids_of(subject).where(RECORDS.c.id == id_to_bytes(grant.choice))
        try:
            with self._logging() as connection:
                if connection.execute(own).first() is None:
                    return False
                connection.execute(USES.insert(), _row(grant))
            return True
        except ConflictError:
            return False

    def uses(self, subject: str) -> Mapping[Grant, int]:
        """The grants of a subject that are used up, and when (milliseconds since 1970)."""
        with self._reading() as connection:
            ids = [id_from_bytes(row.id) for row in connection.execute(_ids_of(subject))]
            parts = [ids[place : place + PAGE] for place in range(0, len(ids), PAGE)]
            found = (connection.execute(sa.select(USES).where(USES.c.choice.in_(part))) for part in parts)
            return {Grant(row.choice, row.key): row.time for rows in found for row in rows}

    def claim_ends(
        self, grants: Mapping[Grant, int], also: Callable[[sa.Connection, Sequence[Grant]], object] | None = None
    ) -> list[Grant]:
        """Those of `grants` whose end nobody has announced yet, or not since the time that is given with them. They
        are now the caller's to announce. What else is to be written about them, `also` writes in the same transaction:
        once for each end, whether or not its claim was given back by `keep_written` meanwhile.
        """
        while True:
            try:
                with self._writing() as connection:
                    claimed = _claims(connection, grants)
                    again = [grant for grant, ended in grants.items() if claimed.get(grant, ended) < ended]
                    again = [grant for grant in again if connection.execute(_old_claim(grant, grants[grant])).rowcount]
                    new = [*again, *(grant for grant in grants if grant not in claimed)]
                    if new:
                        # not before the end, which another process with another clock may have seen
                        rows = [_row(grant) | {"time": max(now_ms(), grants[grant])} for grant in new]
                        connection.execute(ENDS.insert(), rows)
                        unwritten = [grant for grant in new if -claimed.get(grant, 1) < grants[grant]]
                        if also and unwritten:
                            also(connection, unwritten)
                return new
            except ConflictError:
                continue  # another process claimed some of them at the same moment

    def unclaimed(self, ends: Mapping[Grant, int]) -> set[Grant]:
        """Those of `ends` that claim_ends would give now. Nothing is written for that."""
        with self._reading() as connection:
            claimed = _claims(connection, ends)
        return {grant for grant, time in ends.items() if grant not in claimed or claimed[grant] < time}

    def claimed(self, grants: Collection[Grant]) -> list[Grant]:
        """Those of `grants` whose end was announced."""
        with self._reading() as connection:
            claimed = _claims(connection, grants)
        return [grant for grant in grants if grant in claimed]

    def release_ends(self, grants: Collection[Grant]) -> None:
        """Give claims back: these ends could not be announced."""
        with self._writing() as connection:
            for grant in grants:
                connection.execute(ENDS.delete().where(ENDS.c.choice == grant.choice, ENDS.c.key == grant.key))

    def keep_written(self, grants: Collection[Grant]) -> None:
        """Give claims back, but not what was written with them: these ends could not be announced to the app's code,
        and are to be announced to it alone. A time below zero says so: it is before any end, and still tells which.
        """
        with self._writing() as connection:
            for grant in grants:
                mine = ENDS.c.choice == grant.choice, ENDS.c.key == grant.key, ENDS.c.time > 0
                connection.execute(ENDS.update().where(*mine).values(time=-ENDS.c.time))


def _ids_of(subject: str) -> sa.Select[tuple[bytes]]:
    return sa.select(RECORDS.c.id).where(RECORDS.c.subject == subject_to_bytes(subject))


def _claims(connection: sa.Connection, grants: Collection[Grant]) -> Mapping[Grant, int]:
    """When each claimed end was claimed, also of other grants of the same choices."""
    stored = sa.select(ENDS).where(ENDS.c.choice.in_({grant.choice for grant in grants}))
    return {Grant(row.choice, row.key): row.time for row in connection.execute(stored)} if grants else {}


def _old_claim(grant: Grant, before: int) -> sa.Delete:
    """Gives back the claim of an earlier end. Of two processes at once, one deletes a row."""
    return ENDS.delete().where(ENDS.c.choice == grant.choice, ENDS.c.key == grant.key, ENDS.c.time < before)


def _row(grant: Grant) -> dict[str, object]:
    return {**grant._asdict(), "time": now_ms()}
