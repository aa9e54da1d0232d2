"""How often visitors are given the first layer: a number a day, and nothing about any of them.

It is counted in memory, and added to the database every half minute while there is something to add: no page waits for
that, and processes add up. A process that is killed loses what it has counted since.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections import Counter
from threading import Lock, Timer
from weakref import WeakSet

from ..choice.tally import Showing
from ..days import today
from ..errors import StoreError
from ..store.protocol import ShowingsStore

#: Seconds between two writes.
EVERY = 30.0
#: No more different lines than this wait for a database that is away.
MOST = 10_000
LOG = logging.getLogger(__name__)
#: All counters of this process.
ALL: WeakSet[Showings] = WeakSet()


class Showings:
    """The counter of one site in this process."""

    def __init__(self, store: ShowingsStore, site: str) -> None:
        self._store, self._site = store, site
        self._lock = Lock()
        self._timer: Timer | None = None
        self._counted = Counter[Showing]()
        ALL.add(self)

    def add(self, locale: str, layout: str, region: str, notice: str) -> None:
        """One more."""
        showing = Showing(today(), self._site, locale, layout, region, notice)
        with self._lock:
            self._counted[showing] += 1
            if self._timer is None:
                self._timer = Timer(EVERY, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Add what was counted to the database. What it does not take waits for the next time."""
        with self._lock:
            counted, self._counted, self._timer = self._counted, Counter(), None
        if not counted:
            return
        try:
            self._store.add_shown(sorted(counted.items()))
        except StoreError as error:
            LOG.warning("How often the first layer was shown is not counted for the moment: %s", error)
            with self._lock:
                self._counted.update(dict(counted.most_common(MOST)))

    def _begin_anew(self) -> None:
        self._lock, self._timer, self._counted = Lock(), None, Counter()


def flush_all() -> None:
    """Add everything to the databases: when the process ends."""
    for each in list(ALL):
        each.flush()


def _begin_anew() -> None:
    """In a copy of this process: what the other one has counted, it adds itself."""
    for each in list(ALL):
        each._begin_anew()


atexit.register(flush_all)
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_begin_anew)
