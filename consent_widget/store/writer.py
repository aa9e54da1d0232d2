"""The connection on which a process stores choices in SQLite. It is kept: to take one from the pool, to begin by
SQLAlchemy and to give it back costs more than to store several choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

#: Begins a transaction that writes, until about a time (monotonic).
Begin = Callable[[Any, float], None]


class Writer:
    """One thread at a time uses it: the one whose turn it is to write (turns.py)."""

    def __init__(self, engine: sa.Engine, begin: Begin, *, in_memory: bool) -> None:
        self._engine, self._begin, self._in_memory = engine, begin, in_memory
        self._kept: list[sa.PoolProxiedConnection] = []

    def begin_anew(self) -> None:
        """In a copy of the process (fork) the connection is not used, nor closed: SQLite would take itself for the last
        one.
        """
        self._of_others, self._kept = self._kept, []

    @contextmanager
    def transaction(self, until: float) -> Iterator[Any]:
        """A transaction that writes, on the connection of the driver."""
        kept = self._kept
        try:
            own = kept.pop()
        except IndexError:
            own = self._open()
        driver: Any = own.dbapi_connection
        try:
            self._begin(driver, until)
            yield driver
            driver.commit()
        except BaseException:
            own.close()  # whatever it was doing: that takes everything back
            raise
        kept.append(own)

    def _open(self) -> sa.PoolProxiedConnection:
        own = self._engine.raw_connection()
        if not self._in_memory:  # there all threads share one
            own.detach()
            own.dbapi_connection.execute("PRAGMA busy_timeout = 0")  # type: ignore[union-attr]
        return own

    def close(self) -> None:
        """Close it, unless a thread is using it."""
        while self._kept:
            self._kept.pop().close()
