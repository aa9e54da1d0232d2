"""Deletes the beginning of the log once no record of it is left (c2sp.org/tlog-tiles, "Pruning").

What stays: the tiles above the entries, which any later proof needs, and every checkpoint. So each record that is
still there can be proved as before, and the log verifies from its first remaining entry on.
"""

from __future__ import annotations

from time import monotonic, sleep

import sqlalchemy as sa

from ..proof.tiles import WIDTH
from .checkpoints import Checkpoints
from .tables import CHECKPOINTS, ENTRIES, RECORDS

#: How many entries are deleted at once.
BATCH = 32 * WIDTH


class Pruning(Checkpoints):
    """The beginning of the log."""

    def prunable(self) -> int:
        """How many entries can go: all before the first whose record is kept, in whole tiles that a checkpoint has
        signed. One at least stays, which says where the log goes on.
        """
        with self._reading() as connection:
            kept = connection.execute(sa.select(sa.func.min(RECORDS.c.number))).scalar()
            signed = connection.execute(sa.select(sa.func.max(CHECKPOINTS.c.size))).scalar() or 0
            last = connection.execute(sa.select(sa.func.max(ENTRIES.c.number))).scalar() or 0
        end: int = min(signed, last, last if kept is None else kept)
        return end // WIDTH * WIDTH - min(self.first_entry(), end // WIDTH * WIDTH)

    def prune_log(self) -> int:
        """Delete them, some at a time with a rest in between, and return how many they were. Interrupted, it is run
        again.
        """
        first, number = self.first_entry(), self.prunable()
        for end in range(first + BATCH, first + number + BATCH, BATCH):
            began = monotonic()
            with self._writing() as connection:
                connection.execute(ENTRIES.delete().where(ENTRIES.c.number < min(end, first + number)))
            sleep(min(1.0, monotonic() - began))
        return number
