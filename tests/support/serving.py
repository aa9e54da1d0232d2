"""A server in a thread of this process, which ends at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Event, Thread


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """The server answers, for as long as the block runs. `serve_forever` would look twice a second whether it is to end:
    a worker of the suite has some hundred servers, each of which it would wake for that, and wait for in the end.
    """
    over = Event()

    def serve() -> None:
        while not over.is_set():
            server.handle_request()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        socket.create_connection(server.server_address[:2]).close()  # type: ignore[arg-type] # what it waits for
        thread.join()
        server.server_close()
