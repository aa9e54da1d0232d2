"""Many choices, one commit. Of the threads that store a choice at the same moment one leads: it stores all that wait in
one transaction. The others follow: each is let go after the commit that holds its choice, and not before.

There is no thread for it, so nothing has to be started, or started again in a copy of the process. The next leader is
the first of those who came meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from ..errors import StoreError
from . import turns

#: How many choices one transaction stores at most.
MOST = 256
#: How many seconds somebody waits for a commit that has begun, if FEW wait already.
SLOW = 1.0
Row = dict[str, Any]
#: Gives the rows that are to be stored now.
Take = Callable[[], list[Row]]
#: Stores these rows. It may wait so many seconds until it can write, and only then takes them. Returns for each whether
#: it was stored.
Work = Callable[[float, Take], list[bool]]


class Waiting:
    """A thread that waits for its choice to be stored."""

    __slots__ = ("end", "error", "leads", "row", "settled", "stored", "taken", "woken")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.end = monotonic() + turns.PATIENCE
        self.taken = self.leads = self.settled = self.stored = False
        self.error: Exception | None = None
        self.woken = Lock()
        self.woken.acquire()


class Group:
    """The threads of a process that store choices."""

    def __init__(self, work: Work, last_moved: Callable[[], float]) -> None:
        self._work, self._last_moved = work, last_moved
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget who waits: in a copy of the process (fork), those threads are not there."""
        self._lock = Lock()
        self._queue: list[Waiting] = []
        self._led = False

    def add(self, row: Row) -> bool:
        """Store a row along with others. False where it was not stored, and has to be looked at alone."""
        own = Waiting(row)
        try:
            with self._lock:
                few = len(self._queue) < turns.FEW
                self._queue.append(own)
                own.leads, self._led = not self._led, True
            if not own.leads:
                self._follow(own, few=few)
        except BaseException:
            self._leave(own)
            raise
        if own.leads:
            self._lead(own)
        if own.error:
            raise own.error
        return own.stored

    def _lead(self, own: Waiting) -> None:
        batch: list[Waiting] = []

        def take() -> list[Row]:
            with self._lock:
                batch.extend(_unlike_each_other(self._queue))
                self._queue = [each for each in self._queue if not each.taken]
            return [each.row for each in batch]

        try:
            stored = self._work(own.end - monotonic(), take)
            for each, is_stored in zip(batch, stored, strict=True):
                each.stored = is_stored
        except BaseException as error:
            for each in batch:
                if each is not own:  # a traceback of its own
                    each.error = type(error)(*error.args) if isinstance(error, StoreError) else StoreError(NOT_STORED)
            raise
        finally:
            self._hand_over(own, batch)

    def _hand_over(self, own: Waiting, batch: list[Waiting]) -> None:
        with self._lock:
            if own in self._queue:  # it failed before it took anybody
                self._queue.remove(own)
            following = self._queue[0] if self._queue else None
            if following:
                following.leads = True
            else:
                self._led = False
            for each in batch:
                each.settled = True
        for each in (*batch, *([following] if following else [])):
            if each is not own:
                each.woken.release()

    def _follow(self, own: Waiting, *, few: bool) -> None:
        """Wait until the own row is settled, or the own thread is to lead. Only FEW wait for a database that hangs."""

        def until() -> float:
            return own.end if few else min(own.end, self._last_moved() + (SLOW if own.taken else turns.BRIEFLY))

        while not own.woken.acquire(timeout=max(until() - monotonic(), 0)):
            with self._lock:
                if own.settled or own.leads:
                    return
                if monotonic() >= until():
                    raise StoreError(NOT_STORED if own.taken else turns.BUSY)

    def _leave(self, own: Waiting) -> None:
        """Its thread waits no more: it gave up, or was interrupted (gevent.Timeout). So nobody waits for it to lead."""
        with self._lock:
            if not own.leads:
                self._queue = [each for each in self._queue if each is not own]
                return
        self._hand_over(own, [])


#: A commit that has begun may still succeed. Whoever sends the choice again then gets the record that is stored.
NOT_STORED = "The database did not say in time whether a choice is stored. See to its server, or to its disk."


def _unlike_each_other(queue: list[Waiting]) -> list[Waiting]:
    """The first rows, as far as no two are of one subject or have one id: each can be judged by what is stored."""
    seen, chosen = set[bytes](), list[Waiting]()
    for each in queue:
        names = {each.row["subject"], each.row["id"]}
        if len(chosen) < MOST and not names & seen:
            seen |= names
            chosen.append(each)
            each.taken = True
    return chosen
