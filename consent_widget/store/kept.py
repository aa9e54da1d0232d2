"""The connection on which a process stores choices. It is kept: to take one from the pool, to begin by SQLAlchemy and
to give it back costs as much as to store several choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import sqlalchemy as sa


class Kept:
    """One thread at a time uses it: the one that leads (group.py). `prepare` is done with each connection of the driver
    when it is opened, and `drop_if_cut` before it is used again: it raises DisconnectionError where that is no use.
    """

    def __init__(
        self, engine: sa.Engine, prepare: Callable[[Any], None], drop_if_cut: Callable[[Any], None] = lambda _: None
    ) -> None:
        self._engine, self._prepare, self._drop_if_cut = engine, prepare, drop_if_cut
        self._kept: list[Any] = []
        self._of_others: list[Any] = []

    def begin_anew(self) -> None:
        """In a copy of the process (fork) the connection is not used, nor closed: SQLite would take itself for the last
        one.
        """
        self._of_others += self._kept
        self._kept = []

    @contextmanager
    def use(self) -> Iterator[Any]:
        """The connection of the driver."""
        if isinstance(self._engine.pool, sa.StaticPool):  # all threads share the one of a database in memory
            with closing(self._engine.raw_connection()) as own:
                yield own.dbapi_connection
            return
        kept = self._kept
        connection = self._usable() or self._open()
        try:
            yield connection
        except BaseException:
            connection.close()  # whatever it was doing: that takes everything back
            raise
        kept.append(connection)
        if kept is not self._kept:  # it was to be closed meanwhile
            _close_all(kept)

    def close(self) -> None:
        """Close it: at once, or as soon as the thread that uses it is done. So none goes on with a file of SQLite that
        was replaced.
        """
        kept, self._kept = self._kept, []
        _close_all(kept)

    def _usable(self) -> Any:
        try:
            connection = self._kept.pop()
        except IndexError:
            return None
        try:
            self._drop_if_cut(connection)
        except sa.exc.DisconnectionError:
            connection.close()
            return None
        return connection

    def _open(self) -> Any:
        own = self._engine.raw_connection()
        connection: Any = own.dbapi_connection
        own.detach()
        self._prepare(connection)
        return connection


def _close_all(kept: list[Any]) -> None:
    with suppress(IndexError):  # of two threads at once, each closes what the other does not
        while True:
            kept.pop().close()
