"""A connection to a receiver: sends one message after another, and waits for no answer without an end."""

from __future__ import annotations

import http.client
import ssl
import time
from enum import Enum
from functools import cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from ..outgoing import cut
from ..settings.webhooks import Receiver
from .backoff import retry_after
from .message import Message
from .signature import signatures

#: How many seconds a receiver may be silent, and how many a message may take in all.
SILENCE, LONGEST = 15.0, 20.0
#: How many bytes of an answer are read. Nothing in them matters, but without them the connection is of no more use.
MOST = 16_384
#: Where messages may go without TLS. Not "all that is not global": addresses of this link (169.254.169.254) tell a
#: machine in a cloud who it is.
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
#: After so many idle seconds a connection is not used again.
IDLE = 20.0


class Outcome(Enum):
    """What became of an attempt."""

    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    #: 410: the receiver wants no more messages.
    GONE = "gone"


class Answer(NamedTuple):
    """`text` is for the operator: a status or the kind of an error, and nothing that the receiver wrote."""

    outcome: Outcome
    text: str
    #: How many seconds the receiver asks to wait.
    wait: int = 0


class Line:
    """One connection, used by one thread at a time. Another one may cut it."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._connection = self._new()
        self._began: float | None = None
        self._used = time.monotonic()

    @property
    def fresh(self) -> bool:
        """Was it used a moment ago? A server closes what is idle for long."""
        return time.monotonic() - self._used < IDLE

    def send(self, message: Message) -> Answer:
        """Send a message, and say what became of it."""
        self._began = time.monotonic()
        try:
            return self._send_again_if_stale(message)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            overdue = self._began is None or time.monotonic() - self._began > LONGEST
            return Answer(Outcome.FAILED, "no answer in time" if overdue else _in_words(error))
        finally:
            self._began, self._used = None, time.monotonic()

    def cut_if_overdue(self) -> None:
        """Cut the connection where a message takes too long: a receiver that sends a byte now and then is never
        silent, and never done.
        """
        began = self._began
        if began is not None and time.monotonic() - began > LONGEST:
            cut(self._connection.sock)

    def close(self) -> None:
        """Close the connection. The next message opens another one."""
        self._connection.close()

    def _new(self) -> http.client.HTTPConnection:
        host, port = self._receiver.host, self._receiver.port
        if self._receiver.tls:
            return http.client.HTTPSConnection(host, port, timeout=SILENCE, context=_tls())
        return http.client.HTTPConnection(host, port, timeout=SILENCE)

    def _send_again_if_stale(self, message: Message) -> Answer:
        """Where the server has closed a connection that was used before, that says nothing about the message."""
        used_before = self._connection.sock is not None
        try:
            return self._send(message)
        except (ConnectionError, http.client.RemoteDisconnected):
            if not used_before:
                raise
            self.close()
            return self._send(message)

    def _send(self, message: Message) -> Answer:
        if self._connection.sock is None:
            self._connection.connect()
            self._check_peer()
        now = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "consent_widget",
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signatures(self._receiver.secrets, message.id, now, message.body),
        }
        self._connection.request("POST", self._receiver.target, message.body, headers)
        response = self._connection.getresponse()
        answer = _judge(response.status, retry_after(response.headers.get("Retry-After")))
        if not self._is_read(response):
            self.close()
        return answer

    @staticmethod
    def _is_read(response: http.client.HTTPResponse) -> bool:
        """Read the rest of an answer, which has been given by its status already."""
        try:
            response.read(MOST)
            return response.isclosed()
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def _check_peer(self) -> None:
        """Without TLS, messages go to this machine or to a private network, wherever the name leads today."""
        if self._receiver.tls:
            return
        address = ip_address(str(self._connection.sock.getpeername()[0]).partition("%")[0])
        is_private = any(address in network for network in PRIVATE)
        if not address.is_loopback and not (self._receiver.unencrypted and is_private):
            self.close()
            raise ConnectionRefusedError("its name leads out of the private network, and it has no https")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _judge(status: int, wait: int) -> Answer:
    if 200 <= status <= 299:
        return Answer(Outcome.ACKNOWLEDGED, str(status))
    if status == 410:
        return Answer(Outcome.GONE, "410 Gone")
    if 300 <= status <= 399:
        return Answer(Outcome.FAILED, f"{status}, a redirect, which is not followed: set the new address", wait)
    return Answer(Outcome.FAILED, str(status), wait)


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) if type(error) is ConnectionRefusedError else f"no usable answer ({type(error).__name__})"
