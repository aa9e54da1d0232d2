"""Requests to other servers, which end in time, whatever those servers do."""

from __future__ import annotations

import http.client
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from socket import MSG_PEEK, SHUT_RDWR, SOCK_STREAM, create_connection, getaddrinfo, socket
from threading import Thread, Timer
from time import monotonic
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

#: Where a name has several addresses, each but the last has so many seconds to take the connection.
EACH = 3.0
LATE = "no answer in time"


def connect_to(url: str, silence: float) -> Connection:
    """What connects to the server of an address, which may be silent for `silence` seconds at a time. With https by the
    proxy that the environment names (HTTPS_PROXY, NO_PROXY); without, directly. ValueError where it is no address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address begins with neither https:// nor http://")
    if parts.scheme == "http":
        return Connection(parts.hostname, parts.port or 80, timeout=silence)
    proxy = "" if proxy_bypass(parts.netloc) else getproxies().get("https", "")
    if not proxy:
        return _TLS(parts.hostname, parts.port or 443, timeout=silence, context=_trusted())
    try:
        via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        connection = _TLS(via.hostname or "", via.port or 80, timeout=silence, context=_trusted())
    except ValueError:  # which repeats what it takes for a port: where a password has a slash, the password
        raise ValueError("the proxy that the environment names is no address (HTTPS_PROXY)") from None
    user = f"{unquote(via.username or '')}:{unquote(via.password or '')}".encode()
    headers = {"Proxy-Authorization": f"Basic {b64encode(user).decode()}"} if via.username else {}
    connection.set_tunnel(parts.hostname, parts.port or 443, headers)
    connection.by_proxy = True
    return connection


def target_of(url: str) -> str:
    """What is asked of the server of an address: the path and what follows it."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def ask(
    url: str, body: bytes | None, headers: dict[str, str], *, silence: float, patience: float, longest: int
) -> tuple[int, bytes]:
    """POST, or GET where there is no body: the status of the answer, and its first `longest` bytes. The server may be
    silent for `silence` seconds, and the whole answer may take `patience`. No redirect is followed: a POST that is sent
    elsewhere would become a GET. OSError says in words what went wrong; TimeoutError where it took too long.
    """
    try:
        connection = connect_to(url, silence)
    except ValueError as error:
        raise OSError(in_words(error)) from None
    timer = Timer(patience, connection.cut)
    timer.daemon = True
    timer.start()
    method = "GET" if body is None else "POST"
    try:
        connection.request(method, target_of(url), body, {"User-Agent": "consent_widget"} | headers)
        with connection.getresponse() as answer:
            found = answer.status, answer.read(longest)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if not connection.is_cut:
            raise OSError(in_words(error)) from None
    else:
        if not connection.is_cut:
            return found
    finally:
        timer.cancel()
        connection.end()
    raise TimeoutError(LATE)


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


def in_words(error: Exception) -> str:
    """What went wrong with a request, for the operator. Nothing that the server wrote is in it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted ({error.verify_message.rstrip('.')})"
    if isinstance(error, ssl.SSLError):
        return f"no TLS could be agreed on ({(error.reason or 'it ended the connection').lower().replace('_', ' ')})"
    if isinstance(error, TimeoutError):
        return LATE
    if isinstance(error, OSError) and not isinstance(error, http.client.RemoteDisconnected):
        return error.strerror.lower() if error.strerror else str(error)
    return str(error) if type(error) is ValueError else f"no usable answer ({type(error).__name__})"


class _Answer(http.client.HTTPResponse):
    """The answer, after whatever else was said before it (RFC 9110, 15.2). http.client passes over 100 alone, and takes
    103 for the answer, and then the answer for that to the next request (github.com/python/cpython/issues/42550).
    """

    def begin(self) -> None:
        super().begin()
        while 101 < self.status < 200:
            self.headers = None  # type: ignore[assignment]  # begin anew
            super().begin()


class Connection(http.client.HTTPConnection):
    """A connection that another thread may cut at any time: a server that sends a byte now and then is never silent,
    and never done, and no limit for silence ends that.
    """

    response_class = _Answer
    by_proxy = is_cut = False
    #: What ends it, whoever has the socket: http.client has none while an answer is read that ends the connection, nor
    #: while it is agreed how to encrypt.
    _handle: socket | None = None

    def connect(self) -> None:
        """Connect to the first of the server's addresses that takes it."""
        self._create_connection = self._reach
        try:
            super().connect()
        except OSError as error:
            if self.by_proxy:
                raise OSError(f"{in_words(error)}, by the proxy that the environment names (HTTPS_PROXY)") from None
            raise

    def cut(self) -> None:
        """Whoever waits for an answer learns that there is none. The connection is of no more use."""
        self.is_cut = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(SHUT_RDWR)

    def end(self) -> None:
        """Close it, once nobody waits for an answer any more."""
        self.close()
        if self._handle is not None:
            self._handle.close()

    @property
    def is_quiet(self) -> bool:
        """Can it be used for another request? Not where the server has ended it, or has said what nobody asked for."""
        if self.sock is None:
            return False
        try:
            self.sock.settimeout(0)
            socket.recv(self.sock, 1, MSG_PEEK)  # below TLS, too
        except BlockingIOError:
            self.sock.settimeout(self.timeout)
            return True
        except OSError:
            pass
        return False

    def _reach(self, address: tuple[str, int], timeout: float, _: object = None) -> socket:
        reached = _first_that_answers(address, timeout)
        self._handle = reached.dup()
        if self.is_cut:  # to find and reach the server took too long
            self.cut()
        return reached


class _TLS(Connection, http.client.HTTPSConnection):
    """The same, encrypted."""


def _first_that_answers(address: tuple[str, int], timeout: float) -> socket:
    """A connection to one of a name's addresses: often one of them, such as that of IPv6, leads nowhere. Where none
    answers, what was wrong with the first.
    """
    until, errors = monotonic() + timeout, list[OSError]()
    addresses = [str(each[4][0]) for each in getaddrinfo(*address, type=SOCK_STREAM)]
    for left, each in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        patience = until - monotonic()
        try:
            connection = create_connection((each, address[1]), max(0.001, min(EACH, patience) if left else patience))
        except OSError as error:
            errors.append(error)
        else:
            connection.settimeout(timeout)
            return connection
    raise errors[0]


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
