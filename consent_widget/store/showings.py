"""How often the first layer was given, in the database."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ..choice.tally import Showing
from .database import ConflictError, Database
from .tables import SHOWN

KEY = sa.and_(*(SHOWN.c[name] == sa.bindparam(f"of_{name}") for name in Showing._fields))
ADD = SHOWN.update().where(KEY).values(number=SHOWN.c.number + sa.bindparam("more"))


class Showings(Database):
    """The numbers of all processes, added up."""

    def add_shown(self, counted: Iterable[tuple[Showing, int]]) -> None:
        """Add these numbers to those that are stored. Each by itself: two processes may begin the same day at once."""
        for showing, number in counted:
            try:
                self._add(showing, number)
            except ConflictError:  # another process was first
                self._add(showing, number)

    def _add(self, showing: Showing, number: int) -> None:
        key = showing._asdict()
        with self._writing() as connection:
            added = connection.execute(ADD, {"more": number, **{f"of_{name}": value for name, value in key.items()}})
            if not added.rowcount:
                connection.execute(SHOWN.insert(), {**key, "number": number})

    def shown(self, first: int, end: int, site: str = "") -> list[tuple[Showing, int]]:
        """The numbers of a site from day `first` on and before day `end` (days since 1970)."""
        query = sa.select(SHOWN).where(SHOWN.c.site == site, SHOWN.c.day >= first, SHOWN.c.day < end)
        with self._reading() as connection:
            return [(Showing(*row[:-1]), row.number) for row in connection.execute(query)]
