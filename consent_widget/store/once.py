"""What happens to a grant at most once: it is used up (single use), and its end is announced."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from ..choice.replay import Grant
from ..days import now_ms
from .database import ConflictError, Database
from .tables import CHOICES, ENDS, USES, ids_of


class OnceOnly(Database):
    """Uses and ends of grants."""

    def use(self, subject: str, grant: Grant) -> bool:
        """Use up a grant: True for the first caller, False for all others. One INSERT decides."""
        own = ids_of(subject).where(CHOICES.c.id == grant.choice)
        try:
            with self._writing_alone(subject) as connection:
                if connection.execute(own).first() is None:
                    return False
                connection.execute(USES.insert(), _row(grant))
            return True
        except ConflictError:
            return False

    def uses(self, subject: str) -> Mapping[Grant, int]:
        """The grants of a subject that are used up, and when (milliseconds since 1970)."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(USES).where(USES.c.choice.in_(ids_of(subject))))
            return {Grant(row.choice, row.key): row.time for row in rows}

    def claim_ends(self, grants: Collection[Grant]) -> list[Grant]:
        """Those of `grants` whose end nobody has announced yet, or not since the time that is given with them. They
        are now the caller's to announce.
        """
        ends: Mapping[Grant, int] = grants if isinstance(grants, Mapping) else dict.fromkeys(grants, 0)
        stored = sa.select(ENDS).where(ENDS.c.choice.in_({grant.choice for grant in grants}))
        while True:
            try:
                with self._writing() as connection:
                    claimed = {Grant(row.choice, row.key): row.time for row in connection.execute(stored)}
                    again = [grant for grant in ends if grant in claimed and claimed[grant] < ends[grant]]
                    again = [grant for grant in again if connection.execute(_old_claim(grant, ends[grant])).rowcount]
                    new = [*again, *(grant for grant in grants if grant not in claimed)]
                    if new:
                        # not before the end, which another process with another clock may have seen
                        rows = [_row(grant) | {"time": max(now_ms(), ends[grant])} for grant in new]
                        connection.execute(ENDS.insert(), rows)
                return new
            except ConflictError:
                continue  # another process claimed some of them at the same moment

    def unclaimed(self, ends: Mapping[Grant, int]) -> set[Grant]:
        """Those of `ends` that claim_ends would give now. Nothing is written for that."""
        query = sa.select(ENDS).where(ENDS.c.choice.in_({grant.choice for grant in ends}))
        with self._reading() as connection:
            claimed = {Grant(row.choice, row.key): row.time for row in connection.execute(query)} if ends else {}
        return {grant for grant, time in ends.items() if grant not in claimed or claimed[grant] < time}

    def claimed(self, grants: Collection[Grant]) -> list[Grant]:
        """Those of `grants` whose end was announced."""
        query = sa.select(ENDS.c.choice, ENDS.c.key).where(ENDS.c.choice.in_({grant.choice for grant in grants}))
        with self._reading() as connection:
            rows = [Grant(row.choice, row.key) for row in connection.execute(query)] if grants else []
        return [grant for grant in rows if grant in set(grants)]

    def release_ends(self, grants: Collection[Grant]) -> None:
        """Give claims back: these ends could not be announced."""
        with self._writing() as connection:
            for grant in grants:
                connection.execute(ENDS.delete().where(ENDS.c.choice == grant.choice, ENDS.c.key == grant.key))


def _old_claim(grant: Grant, before: int) -> sa.Delete:
    """Gives back the claim of an earlier end. Of two processes at once, one deletes a row."""
    return ENDS.delete().where(ENDS.c.choice == grant.choice, ENDS.c.key == grant.key, ENDS.c.time < before)


def _row(grant: Grant) -> dict[str, object]:
    return {**grant._asdict(), "time": now_ms()}
