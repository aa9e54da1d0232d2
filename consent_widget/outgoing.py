"""A request to another server that ends in time, whatever that server does."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from socket import SHUT_RDWR, socket
from threading import Event, Thread, Timer
from time import monotonic
from typing import Any


def cut(connection: socket | None) -> None:
    """Whoever waits for an answer learns that there is none. A server that sends a byte now and then is never silent,
    and never done: no limit for silence ends that.
    """
    if connection is not None:
        with suppress(OSError):
            socket.shutdown(connection, SHUT_RDWR)  # of an SSLSocket too, which would say goodbye first


def ask(
    url: str, body: bytes | None, headers: dict[str, str], *, silence: float, patience: float, longest: int
) -> tuple[int, bytes]:
    """POST, or GET where there is no body: the status of the answer, and its first `longest` bytes. The server may be
    silent for `silence` seconds, and the whole answer may take `patience`: after that, TimeoutError. No redirect is
    followed; a proxy of the environment is used. Raises OSError and ValueError.
    """
    used, over = list[_Kept](), Event()

    def end() -> None:
        over.set()
        for connection in used:
            cut(connection.socket or connection.sock)

    timer = Timer(patience, end)
    timer.daemon = True
    timer.start()
    request = urllib.request.Request(url, body, {"User-Agent": "consent_widget"} | headers)  # noqa: S310  an address of the site's settings
    try:
        with _opened(request, used, over, silence) as answer:
            found = answer.status or 0, answer.read(longest)
    except (OSError, http.client.HTTPException) as error:
        if not over.is_set():
            raise error if isinstance(error, OSError) else OSError("its answer is none of HTTP") from None
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError("no answer in time")
    return found


def side_by_side(works: Iterable[Callable[[], None]], patience: float) -> None:
    """Do all of these, each in a thread of its own, and wait at most `patience` seconds for them. What is late goes on
    alone.
    """
    threads = [Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    until = monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))


def _opened(request: urllib.request.Request, used: list[_Kept], over: Event, silence: float) -> Any:
    """The answer, whatever its status."""
    try:
        return urllib.request.build_opener(_NoRedirects, _Handler(used, over)).open(request, timeout=silence)
    except urllib.error.HTTPError as error:
        return error


class _Kept(http.client.HTTPConnection):
    """A connection whose socket can be found while an answer is read."""

    socket: socket | None = None
    over: Event

    def connect(self) -> None:
        super().connect()
        self.socket = self.sock
        if self.over.is_set():  # to find and reach the server took too long
            cut(self.socket)


class _KeptTLS(_Kept, http.client.HTTPSConnection):
    """The same, encrypted."""


class _Handler(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Notes the connections that it makes."""

    def __init__(self, used: list[_Kept], over: Event) -> None:
        super().__init__()
        self._used, self._over = used, over

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self._note, _Kept), request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        context = ssl.create_default_context()
        return self.do_open(partial(self._note, _KeptTLS, context=context), request)

    def _note(self, kind: type[_Kept], *args: Any, **more: Any) -> _Kept:
        connection = kind(*args, **more)
        connection.over = self._over
        self._used.append(connection)
        return connection


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A POST that is sent elsewhere would become a GET."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None
