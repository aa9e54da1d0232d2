"""A connection to a receiver: sends one message after another, and waits for no answer without an end."""

from __future__ import annotations

import http.client
import ssl
import time
from email.message import Message as Headers
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from ..outgoing import LATE, Connection, connect_to, in_words, target_of
from ..settings.webhooks import Receiver
from .backoff import moment, retry_after
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
#: How many seconds an attempt may be old for those who verify it (Standard Webhooks).
TOLERANCE = 300


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
        self._connection: Connection | None = None
        self._began: float | None = None
        self._used = time.monotonic()

    @property
    def fresh(self) -> bool:
        """Was it used a moment ago? What is idle for long may be forgotten by what stands between, without a word."""
        return time.monotonic() - self._used < IDLE

    def send(self, message: Message) -> Answer:
        """Send a message, and say what became of it."""
        self._began = time.monotonic()
        try:
            return self._send_again_if_stale(message)
        except (OSError, http.client.HTTPException, ValueError) as error:
            is_cut = self._connection is not None and self._connection.is_cut
            self.close()
            return Answer(Outcome.FAILED, LATE if is_cut else in_words(error))
        finally:
            self._began, self._used = None, time.monotonic()

    def cut_if_overdue(self) -> None:
        """Cut the connection where a message takes too long."""
        began, connection = self._began, self._connection
        if connection is not None and began is not None and time.monotonic() - began > LONGEST:
            connection.cut()

    def close(self) -> None:
        """Close the connection. The next message opens another one."""
        if self._connection is not None:
            self._connection.end()

    def _send_again_if_stale(self, message: Message) -> Answer:
        """Where the server ends a connection that was used before, that says nothing about the message."""
        used_before = self._connection is not None and self._connection.is_quiet
        try:
            return self._send(message, used_before)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            if not used_before:
                raise
            return self._send(message, False)

    def _send(self, message: Message, connected: bool) -> Answer:
        if self._connection is None or not connected:
            self.close()
            self._connection = connect_to(self._receiver.url, SILENCE)
            self._connection.connect()
            self._check_peer(self._connection)
        now = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "consent_widget",
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signatures(self._receiver.secrets, message.id, now, message.body),
        }
        self._connection.request("POST", target_of(self._receiver.url), message.body, headers)
        with self._connection.getresponse() as response:
            answer = _judge(response.status, response.headers, now)
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

    def _check_peer(self, connection: Connection) -> None:
        """Without TLS, messages go to this machine or to a private network, wherever the name leads today."""
        if self._receiver.tls:
            return
        address = ip_address(str(connection.sock.getpeername()[0]).partition("%")[0])
        is_private = any(address in network for network in PRIVATE)
        if not address.is_loopback and not (self._receiver.unencrypted and is_private):
            raise ConnectionRefusedError("its name leads out of the private network, and it has no https")


def _judge(status: int, headers: Headers, now: int) -> Answer:
    if 200 <= status <= 299:
        return Answer(Outcome.ACKNOWLEDGED, str(status))
    if status == 410:
        return Answer(Outcome.GONE, "410 Gone")
    theirs = moment(headers.get("Date")) or now
    wait, off = retry_after(headers.get("Retry-After"), theirs), theirs - now
    if 300 <= status <= 399:
        return Answer(Outcome.FAILED, f"{status}, a redirect, which is not followed: set the new address", wait)
    if 400 <= status <= 499 and abs(off) > TOLERANCE:
        clocks = f"its clock is {abs(off) // 60} minutes {'ahead of' if off > 0 else 'behind'} ours"
        return Answer(Outcome.FAILED, f"{status}, and {clocks}: set the one that is wrong", wait)
    return Answer(Outcome.FAILED, str(status), wait)
