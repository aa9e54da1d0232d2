"""Request bodies that arrive slowly or never: granian's event loop waits for them (RSGI), and only a complete request
takes a thread.

https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ..errors import BodyTooSlow
from ..web.http import problem_response
from .hangup import on_hangup
from .metrics import Counts

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

    from .app import HostedSites

#: Seconds that a whole body may take. A choice is a few kilobytes, which any working connection carries in one second.
DEADLINE = 10

LOG = logging.getLogger(__name__)

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BufferedApp:
    """Runs the sites in `threads` threads, with complete requests only: they never wait for the network. On SIGHUP
    `rebuild` makes new ones of them, and if it cannot, they stay. No connection is closed for that.

    A body that is longer than any site accepts, or chunked, is not read: the app sees the headers and refuses it. A
    body that does not arrive in time is answered with 408 (RFC 9110, 15.5.9), and its connection is closed.
    """

    def __init__(
        self, sites: HostedSites, threads: int, rebuild: Callable[[HostedSites], HostedSites], counts: Counts
    ) -> None:
        self._sites = sites
        self._counts = counts
        self._threads = threads
        self._rebuild = rebuild
        self._requests: SimpleQueue[tuple[dict[str, Any], HTTPProtocol, float, asyncio.Future[None]]] = SimpleQueue()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads, in the process that serves."""
        self._loop = loop
        on_hangup(self._reload)
        for _ in range(self._threads):
            Thread(target=self._work, daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        length = int(environ.get("CONTENT_LENGTH", 0))
        if 0 < length <= self._sites.max_body and "HTTP_TRANSFER_ENCODING" not in environ:
            try:
                async with asyncio.timeout(DEADLINE):
                    environ["wsgi.input"] = BytesIO(await protocol())
            except TimeoutError:
                problem = BodyTooSlow(f"The body did not arrive within {DEADLINE} seconds. Send the request again.")
                protocol.response_bytes(*_run(problem_response(problem), environ))
                return
            except Exception:  # the client has closed the connection
                return
        begun = perf_counter()
        if self._sites.is_at_hand(scope.path):  # handing this to a thread would add about a quarter to its cost
            self._respond(environ, protocol, begun)
        else:
            done = self._loop.create_future()
            self._requests.put((environ, protocol, begun, done))
            await done

    def _respond(self, environ: dict[str, Any], protocol: HTTPProtocol, begun: float) -> None:
        sites = self._sites
        status, headers, body = _run(sites, environ)
        protocol.response_bytes(status, headers, body)
        _, _, id, path = [*environ["PATH_INFO"].split("/", 3), "", "", ""][:4]
        site = id if id in sites.sites else ""
        self._counts.answered(site, environ["REQUEST_METHOD"], path if site else "", status, perf_counter() - begun)

    def _reload(self) -> None:
        before = self._sites
        self._sites = self._rebuild(before)
        if self._sites.store is not before.store:
            before.close()
        LOG.info("Reloaded: %d sites.", len(self._sites.sites))

    def _work(self) -> None:
        while True:
            environ, protocol, begun, done = self._requests.get()
            try:
                self._respond(environ, protocol, begun)
            except Exception:
                LOG.exception("A request was not answered.")
                protocol.response_empty(500, [])
            self._loop.call_soon_threadsafe(done.set_result, None)


def environ_of(scope: Scope) -> dict[str, Any]:
    """The head of a request as a WSGI environ (PEP 3333), without its body."""
    server, client = (address.rpartition(":") for address in (scope.server, scope.client))
    environ = {
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
        if "_" in name:  # it would look like the name with "-", for example one that only a proxy may set
            continue
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        separator = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ


def _run(app: App, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an app's response."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        started.append((int(status[:3]), headers))

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        getattr(parts, "close", bool)()
    return *started[-1], body
