"""Which process writes next to a file of SQLite.

SQLite has no queue: whoever waits tries again and again, and a process that writes one transaction after another can
keep all others out for long. So whoever is to write next holds an advisory lock (flock) on an empty file beside the
database until it has begun. A process that has just written finds it taken, and comes after the one that waits.

It only keeps order. SQLite's own lock decides who writes: programs that know nothing of the queue stay safe, and
without a queue (Windows, some network file systems, a folder that cannot be written to) all is as SQLite does it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep

try:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
except ImportError:  # Windows
    HAS_FLOCK = False
else:
    HAS_FLOCK = True

#: How many seconds lie between two tries.
MOMENT = 0.0003
#: How many seconds one waits in the queue at most: a process that was stopped in it (SIGSTOP) must not stop the others.
LONGEST = 0.2


@contextmanager
def next_to_write(path: str) -> Iterator[None]:
    """Inside, nobody else of the queue at this path begins to write."""
    place = _open(path)
    try:
        if place is not None:
            _wait(place)
        yield
    finally:
        if place is not None:
            with suppress(OSError):
                flock(place, LOCK_UN)  # also for a copy of the process (fork), which has the same place
            os.close(place)


def _open(path: str) -> int | None:
    if not path or not HAS_FLOCK:
        return None
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None


def _wait(place: int) -> None:
    end = monotonic() + LONGEST
    while monotonic() < end:
        try:
            flock(place, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            sleep(MOMENT)
        except OSError:  # the file system has no such locks
            return
        else:
            return
