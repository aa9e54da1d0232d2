"""What receivers, and what stands in front of them, may answer: nothing of it hangs, or counts as an acknowledgement."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from consent_widget.delivery import line as line_module
from consent_widget.delivery.backoff import ASKED, retry_after, wait
from consent_widget.delivery.line import Answer, Line, Outcome
from consent_widget.delivery.message import Message
from consent_widget.settings.webhooks import Receiver, read_webhooks

from ..support.receiving import SECRET, Receiving, receiving

MESSAGE = Message("msg_1", "subject", b'{"type":"choice.recorded"}')


def receiver_at(url: str) -> Receiver:
    return read_webhooks({"crm": {"url": url, "secret": SECRET}})[0]


def send(url: str) -> Answer:
    with closing(Line(receiver_at(url))) as line:
        return line.send(MESSAGE)


def read(connection: socket.socket) -> bytes:
    """All of a request: whoever closes with something unread takes their answer back."""
    heard = b""
    while not heard.endswith(MESSAGE.body) and (more := connection.recv(65536)):
        heard += more
    return heard


@contextmanager
def speaking(*answers: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads a request and answers with these bytes, one connection each; and what it was sent."""
    heard: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    heard.append(read(connection))
                    connection.sendall(answer) if isinstance(answer, bytes) else answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/consent", heard
        thread.join()


def status(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {line}", "Content-Length: 0", *headers, "", ""]).encode()


@pytest.mark.parametrize("code", ["200 OK", "201 Created", "202 Accepted", "204 No Content", "299 Whatever"])
def test_any_2xx_is_an_acknowledgement(code: str) -> None:
    with speaking(status(code)) as (url, _):
        assert send(url) == Answer(Outcome.ACKNOWLEDGED, code[:3])


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code: int) -> None:
    with receiving() as other, speaking(status(f"{code} Moved", f"Location: {other.url}")) as (url, heard):
        answer = send(url)

        assert answer.outcome is Outcome.FAILED
        assert "set the new address" in answer.text
        assert (len(heard), other.asked, other.forged) == (1, [], 0)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504, 599])
def test_any_other_status_is_a_failure(code: int) -> None:
    with speaking(status(f"{code} No", "Retry-After: 120")) as (url, _):
        assert send(url) == Answer(Outcome.FAILED, str(code), 120)


def test_410_means_that_nobody_wants_messages_here_any_more() -> None:
    with speaking(status("410 Gone")) as (url, _):
        assert send(url).outcome is Outcome.GONE


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 ",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/2.0\x00\xff\xfe 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
    ],
)
def test_what_is_no_answer_is_a_failure(answer: bytes) -> None:
    with speaking(answer) as (url, _):
        found = send(url)

    assert found.outcome is Outcome.FAILED
    assert "y" * 10 not in found.text


def test_nobody_there_is_a_failure_with_its_cause() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"

    assert send(url) == Answer(Outcome.FAILED, "connection refused")


def test_a_receiver_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "SILENCE", 0.2)
    over = Event()
    with speaking(lambda _: over.wait(5) and None) as (url, _):
        answer = send(url)
        over.set()

    assert answer == Answer(Outcome.FAILED, "no answer in time")


def test_a_receiver_that_trickles_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "LONGEST", 0.3)

    def trickle(connection: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                time.sleep(0.01)

    with speaking(trickle) as (url, _), closing(Line(receiver_at(url))) as line:
        answers: list[Answer] = []
        sending = Thread(target=lambda: answers.append(line.send(MESSAGE)))
        sending.start()
        while sending.is_alive():
            line.cut_if_overdue()
            sending.join(0.05)

    assert answers == [Answer(Outcome.FAILED, "no answer in time")]


def test_a_long_answer_is_not_read_to_its_end_and_counts_by_its_status() -> None:
    written: list[int] = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            for _ in range(10_000):
                connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
                written.append(0x10000)

    with speaking(flood) as (url, _):
        assert send(url).outcome is Outcome.ACKNOWLEDGED

    assert sum(written) < 50_000_000


def test_a_connection_is_used_again() -> None:
    with receiving() as receiver, closing(Line(receiver_at(receiver.url))) as line:
        for _ in range(3):
            assert line.send(MESSAGE).outcome is Outcome.ACKNOWLEDGED

    assert len(receiver.taken) == 3


def test_a_connection_that_the_server_has_closed_is_opened_anew() -> None:
    with speaking(status("204 Ok"), status("204 Ok")) as (url, heard), closing(Line(receiver_at(url))) as line:
        assert line.send(MESSAGE).outcome is Outcome.ACKNOWLEDGED
        assert line.send(MESSAGE).outcome is Outcome.ACKNOWLEDGED

    assert len(heard) == 2


def test_each_attempt_has_the_same_id_and_a_timestamp_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        assert send(receiver.url).outcome is Outcome.ACKNOWLEDGED
        monkeypatch.setattr(line_module.time, "time", lambda: 1_700_000_000)
        assert send(receiver.url).text == "400"  # as a receiver with the right time refuses it

    assert [message.id for message in receiver.taken] == ["msg_1"]
    assert receiver.forged == 1


@pytest.mark.parametrize(
    ("unencrypted", "address"),
    [(False, "10.0.0.7"), (True, "93.184.216.34"), (True, "169.254.169.254"), (True, "::ffff:93.184.216.34")],
)
def test_without_tls_nothing_is_sent_to_where_a_name_leads_out_of_the_private_network(
    unencrypted: bool, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://crm:8080/" if unencrypted else "http://localhost:8080/"
    (receiver,) = read_webhooks({"crm": {"url": url, "secret": SECRET, "unencrypted": unencrypted}})

    class Elsewhere(socket.socket):
        """A connection to somebody else's machine, as far as it says."""

        def getpeername(self) -> tuple[str, int]:
            return address, 80

    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as ours:
            elsewhere = Elsewhere(fileno=ours.detach())
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: elsewhere)
        answer = Line(receiver).send(MESSAGE)
        theirs, _ = server.accept()
        with theirs:
            assert theirs.recv(10) == b""

    assert answer == Answer(Outcome.FAILED, "its name leads out of the private network, and it has no https")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, key, now = (
        tmp_path_factory.mktemp("tls") / "own.pem",
        ec.generate_private_key(ec.SECP256R1()),
        datetime.now(UTC),
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_has_to_be_trusted(trusted: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line_module._tls.cache_clear()
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve() -> None:
        with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            read(connection)
            connection.sendall(status("204 Ok"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        answer = send(f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()
    line_module._tls.cache_clear()

    if trusted:
        assert answer.text == "204"
    else:
        assert answer.text.startswith("its certificate cannot be trusted (")


NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0), ("", 0), ("120", 120), (" 7 ", 7), ("-5", 0), ("1.5", 0), ("soon", 0), ("٣", 0), ("9" * 400, 10**9 - 1),
        ("Sun, 29 Nov 2026 12:01:00 GMT", 60), ("Sun, 29 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 29 Nov 2026 13:00:00 +0100", 0), ("Sunday, 29-Nov-26 12:00:30 GMT", 30), ("Sun, 99 Nov 2026 12:01:00 GMT", 0),
    ],
)  # fmt: skip
def test_a_receiver_may_ask_for_time_by_a_number_or_a_date(value: str | None, seconds: int) -> None:
    assert retry_after(value, NOW) == seconds


def test_it_waits_ever_longer_and_never_in_step_and_at_most_for_hours() -> None:
    waits = [[wait(failures, 600) for _ in range(50)] for failures in (1, 2, 5, 10, 11, 100, 10_000)]

    assert all(min(waits[0]) >= 500 and max(waits[0]) <= 1000 for _ in waits)
    assert [max(each) > min(each) for each in waits] == [True] * 7
    assert [max(each) // 1000 for each in waits[-2:]] <= [600, 600]
    assert max(waits[1]) <= 2000 < 8000 <= min(waits[2])
    assert wait(1, 600, 3600) == 3_600_000
    assert wait(1, 600, 10**9) == ASKED * 1000 == timedelta(hours=6).total_seconds() * 1000


def test_a_receiver_of_another_secret_takes_nothing() -> None:
    other = "whsec_" + "b3RoZXIgc2VjcmV0IGZvciB0ZXN0cyBvbmx5LCAzMiE="
    with receiving(other) as receiver:
        assert isinstance(receiver, Receiving)
        assert send(receiver.url).text == "400"

    assert (receiver.taken, receiver.forged) == ([], 1)
