"""What a database behind a network needs: no wait without an end, and no connection that was cut long ago."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa

from .turns import FEW

#: How many seconds a connection may take, and a statement. PostgreSQL ends a statement by itself if it can.
CONNECT, ANSWER = 2, 2.0
#: What a session begins with, before and after what the site itself says about it: of two, the later one holds. Whoever
#: waited for the lock of the log must then see what was stored meanwhile, whatever level of isolation somebody prefers.
FIRST, LAST = f"-c statement_timeout={1000 * ANSWER:.0f}", r"-c default_transaction_isolation=read\ committed"
#: How many seconds later the connection is cut where it cannot, and how often that is looked at.
GRACE, LOOK = 0.5, 0.25
#: How many seconds without work end the thread that looks.
IDLE = 10.0


def engine_options(url: sa.URL) -> dict[str, Any]:
    """What `create_engine` needs: a connection for each thread that uses the database at the same moment, and waits
    that end. What the URL itself says about them holds (and PGOPTIONS, which libpq reads where it gets no options).
    """
    options: dict[str, Any] = {"pool_size": FEW, "max_overflow": 0, "pool_timeout": CONNECT}
    if url.drivername == "postgresql+psycopg":
        options["use_native_hstore"] = False  # a type that no table here has costs each new connection round trips
    if url.get_backend_name() == "postgresql" and url.get_driver_name() in ("psycopg", "psycopg2"):
        said = url.query.get("options") or os.environ.get("PGOPTIONS", "")
        session = [FIRST, *([said] if isinstance(said, str) else said), LAST]
        options["connect_args"] = {"options": " ".join(filter(None, session))}
        if "connect_timeout" not in url.query:
            options["connect_args"]["connect_timeout"] = CONNECT
    return options


class Pooler:
    """Is a pooler between, such as PgBouncer? Then the process that the connection names is not the one that answers,
    and may be another with each transaction: psycopg must not refer to a statement that it has prepared before. Asked
    once, with the first connection.
    """

    between: bool | None = None

    def __call__(self, connection: Any, _: object) -> None:
        """For each new connection."""
        if self.between is None:
            answer = connection.pgconn.exec_(b"SELECT pg_backend_pid()").get_value(0, 0)
            self.between = answer is not None and int(answer) != connection.info.backend_pid
        if self.between:
            connection.prepare_threshold = None


def drop_if_cut(connection: Any, *_: object) -> None:
    """Before a connection is used again: has its server closed it? Then something can be read from it. That costs no
    round trip. The pool replaces all connections that are as old.
    """
    with suppress(AttributeError):  # this driver, or this system, cannot say
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise sa.exc.DisconnectionError


def commit_each(connection: Any) -> None:
    """Of the connection that is kept to store choices: what is sent together is a transaction."""
    connection.autocommit = True


class Watch:
    """Cuts the connections whose server does not answer in time. PostgreSQL's own limits need a server that runs."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything: in a copy of the process (fork), the thread is not there."""
        self._lock = Lock()
        self._ends: dict[object, tuple[Any, float]] = {}
        self._looking = False

    @contextmanager
    def over(self, connection: Any, seconds: float) -> Iterator[None]:
        """Inside, this connection of the driver must be done after so many seconds."""
        if not hasattr(connection, "fileno"):
            yield
            return
        wait = object()  # not the number of its file, which is another connection's once this one is closed
        with self._lock:
            self._ends[wait] = connection, monotonic() + seconds + GRACE
            if not self._looking:
                self._looking = True
                Thread(target=self._look, daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._ends.pop(wait, None)

    def _look(self) -> None:
        used = monotonic()
        while True:
            sleep(LOOK)
            now = monotonic()
            with self._lock:
                used = now if self._ends else used
                for wait in [wait for wait, (_, end) in self._ends.items() if end < now]:
                    _cut(self._ends.pop(wait)[0])
                if now - used > IDLE:
                    self._looking = False
                    return


def _cut(connection: Any) -> None:
    """Who waits for an answer learns that there is none."""
    # closed meanwhile, each driver has an error of its own
    with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as watched:
        watched.shutdown(socket.SHUT_RDWR)
