"""Bodies that arrive slowly or never: granian awaits them (RSGI), and only a complete request takes a thread.

https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..errors import BodyTooSlow
from ..web.http import problem_response

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

#: Seconds that a whole body may take: a choice is a few kilobytes, which any line that works carries in one.
DEADLINE = 10

#: The script and its parts were made at start-up: no thread for them, which would be a quarter of their cost.
PREPARED = re.compile(r"/consent/[^/]+/widget\.[^/]+")

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Complete:
    """Asks a WSGI app, in `threads` threads, about requests that are complete: the app never waits for the network.

    A body that is longer than `largest`, or chunked, is not read: the app sees its headers and refuses it. A body that
    is late is answered 408 (RFC 9110, 15.5.9), and its connection ends.
    """

    def __init__(self, app: App, largest: int, threads: int) -> None:
        self._app = app
        self._largest = largest
        self._threads = threads
        self._asked: SimpleQueue[tuple[dict[str, Any], HTTPProtocol, asyncio.Future[None]]] = SimpleQueue()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads, in the process that serves."""
        self._loop = loop
        for _ in range(self._threads):
            Thread(target=self._answer, daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        asked = environ(scope)
        app = self._app
        length = int(asked.get("CONTENT_LENGTH", 0))
        if 0 < length <= self._largest and "HTTP_TRANSFER_ENCODING" not in asked:
            try:
                async with asyncio.timeout(DEADLINE):
                    asked["wsgi.input"] = BytesIO(await protocol())
            except TimeoutError:
                late = f"The body did not arrive within {DEADLINE} seconds. Send the request again."
                app = problem_response(BodyTooSlow(late))
            except Exception:  # the client has gone
                return
        if app is self._app and not PREPARED.fullmatch(scope.path):
            answered = self._loop.create_future()
            self._asked.put((asked, protocol, answered))
            await answered
        else:
            protocol.response_bytes(*_ask(app, asked))

    def _answer(self) -> None:
        while True:
            asked, protocol, answered = self._asked.get()
            try:
                protocol.response_bytes(*_ask(self._app, asked))
            except Exception:
                logging.getLogger(__name__).exception("A request was not answered.")
                protocol.response_empty(500, [])
            self._loop.call_soon_threadsafe(answered.set_result, None)


def environ(scope: Scope) -> dict[str, Any]:
    """A request's head as WSGI has it (PEP 3333); nothing of its body is there yet."""
    server, client = (address.rpartition(":") for address in (scope.server, scope.client))
    asked = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server[0].strip("[]"),
        "SERVER_PORT": server[2],
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if "_" in name:  # would pass for the name with "-", for example for what only a proxy may say
            continue
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        joint = "; " if name == "cookie" else ","
        asked[key] = f"{asked[key]}{joint}{value}" if key in asked else value
    return asked


def _ask(app: App, asked: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an app's answer."""
    begun: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        begun.append((int(status[:3]), headers))

    parts = app(asked, start_response)
    try:
        body = b"".join(parts)
    finally:
        getattr(parts, "close", bool)()
    return *begun[-1], body
