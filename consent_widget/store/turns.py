"""Whose turn it is to use the database: few threads at once, and the others do not wait for one that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from ..errors import StoreError

#: How many threads of a process may wait long for the database. Any others that the server has answer pages.
FEW = 3
#: How many seconds these wait for their turn and for their answer, and how many the others wait while nothing moves.
PATIENCE, BRIEFLY = 5.0, 0.3
BUSY = (
    "The database is busy, and nothing has been finished for a while. End the program that has locked it, or see to "
    "its server."
)


class Turns:
    """Lets `at_once` threads of this process use the database at the same moment; the others queue.

    While the queue moves, everybody waits in it. Once nothing has been finished for a moment, the database hangs (it is
    locked, or its server is gone): only FEW threads go on waiting, and all others get a StoreError at once. After a
    turn that hung, one thread at a time tries, until one succeeds.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget whose turn it is: in a copy of the process (fork), those threads are not there."""
        self._changed = Condition()
        self._taken = self._waiting = 0
        self._hung = False
        self.moved()

    @contextmanager
    def take(self, patience: float = PATIENCE) -> Iterator[float]:
        """A turn: inside, the thread may use the database, until about the time (monotonic) that this gives."""
        began = monotonic()
        with self._changed:
            if not self._free():
                self._wait(patience, began + patience)
            self._taken += 1
            self.moved()
        try:
            yield began + patience
        except BaseException:
            self._end(hung=monotonic() - began > BRIEFLY)
            raise
        self._end(hung=False)

    def moved(self) -> None:
        """Say that the database has answered."""
        self._moved = monotonic()

    def last_moved(self) -> float:
        """When the database last answered (monotonic)."""
        return self._moved

    def _free(self) -> bool:
        return self._taken < (1 if self._hung else self._at_once)

    def _wait(self, patience: float, end: float) -> None:
        self._waiting += 1
        if self._at_once + self._waiting > FEW:
            patience = min(patience, BRIEFLY)
        try:
            while not self._free():
                left = min(self._moved + patience, end) - monotonic()
                if left <= 0:
                    raise StoreError(BUSY)
                self._changed.wait(left)
        finally:
            self._waiting -= 1

    def _end(self, *, hung: bool) -> None:
        with self._changed:
            self._taken -= 1
            self._hung = hung
            self.moved()
            self._changed.notify_all()
