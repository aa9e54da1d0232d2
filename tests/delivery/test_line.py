"""What receivers, and what stands in front of them, may answer: nothing of it hangs, or counts as an acknowledgement."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from consent_widget import outgoing
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


@pytest.mark.parametrize(
    ("longest", "beginning", "again", "expected"),
    [
        (0.3, b"", b"HTTP/1.1 100 Continue\r\n\r\n", Answer(Outcome.FAILED, "no answer in time")),
        # long enough for a slow machine to have read the status
        (3, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"-", Answer(Outcome.ACKNOWLEDGED, "200")),
    ],
)
def test_a_receiver_that_trickles_is_cut_off(
    longest: float, beginning: bytes, again: bytes, expected: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "LONGEST", longest)

    def trickle(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(beginning)
            while True:
                connection.sendall(again)
                time.sleep(0.01)

    with speaking(trickle) as (url, _), closing(Line(receiver_at(url))) as line:
        answers: list[Answer] = []
        sending = Thread(target=lambda: answers.append(line.send(MESSAGE)))
        sending.start()
        while sending.is_alive():
            line.cut_if_overdue()
            sending.join(0.05)

    assert answers == [expected]


def test_a_receiver_that_trickles_before_anything_is_encrypted_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "LONGEST", 0.1)
    was_cut = Event()

    def trickle() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03")  # the beginning of a long ServerHello
            while not was_cut.wait(0.01):
                connection.sendall(b"-")

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(2) as threads:
        trickling = threads.submit(trickle)
        with closing(Line(receiver_at(f"https://localhost:{listener.getsockname()[1]}/"))) as line:
            sending = threads.submit(line.send, MESSAGE)
            try:
                for _ in range(200):
                    line.cut_if_overdue()
                    if wait_for([sending], 0.05).done:
                        break
                assert sending.done()
            finally:
                was_cut.set()
            assert sending.result(30) == Answer(Outcome.FAILED, "no answer in time")
        trickling.result(30)


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


def test_what_is_said_before_an_answer_is_not_taken_for_it_nor_the_answer_for_that_to_the_next_message() -> None:
    def hint_first(connection: socket.socket) -> None:
        for last in (status("204 Ok"), status("500 No")):
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + last)
            read(connection)

    with speaking(hint_first) as (url, _), closing(Line(receiver_at(url))) as line:
        assert [line.send(MESSAGE).text for _ in range(2)] == ["204", "500"]


def test_what_is_said_without_being_asked_is_no_answer_to_the_next_message() -> None:
    answered, said = Event(), Event()

    def say_more(connection: socket.socket) -> None:
        connection.sendall(status("204 Ok"))
        answered.wait(10)
        connection.sendall(status("204 Ok"))
        said.set()

    with speaking(say_more, status("500 No")) as (url, heard), closing(Line(receiver_at(url))) as line:
        assert line.send(MESSAGE).text == "204"
        answered.set()
        assert said.wait(10)
        assert line.send(MESSAGE).text == "500"

    assert len(heard) == 2


def test_an_address_that_leads_nowhere_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "EACH", 0.05)
    with socket.socket() as full, receiving() as receiver:
        full.bind(("127.0.0.2", int(receiver.url.split(":")[2].split("/")[0])))
        full.listen(0)
        with socket.create_connection(full.getsockname()):  # nobody else gets an answer there
            where = [(0, 0, 0, "", (address, full.getsockname()[1])) for address in ("127.0.0.2", "127.0.0.1")]
            monkeypatch.setattr(outgoing, "getaddrinfo", lambda *_, **__: where)
            assert send(receiver.url).outcome is Outcome.ACKNOWLEDGED
            where[1] = (0, 0, 0, "", ("127.0.0.3", 1))
            assert send(receiver.url).text == "no answer in time", "as at the first, and not: refused"


@pytest.mark.parametrize(("date", "said"), [("Mon, 01 Jan 2001 00:00:00 GMT", "minutes behind ours"), ("soon", "400")])
def test_a_clock_that_is_wrong_is_named_where_the_receiver_refuses(date: str, said: str) -> None:
    with speaking(status("400 No", f"Date: {date}")) as (url, _):
        assert said in send(url).text


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
        monkeypatch.setattr(outgoing, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (address, 80))])
        monkeypatch.setattr(outgoing, "create_connection", lambda *_, **__: elsewhere)
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


@contextmanager
def speaking_tls(certificate: Path, times: int) -> Iterator[int]:
    """The port of a server that answers so many times, and ends the connection each time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve() -> None:
        for _ in range(times):
            with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                read(connection)
                connection.sendall(status("204 Ok"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    outgoing._trusted.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    yield certificate
    outgoing._trusted.cache_clear()


def test_a_certificate_has_to_be_trusted(certificate: Path) -> None:
    outgoing._trusted.cache_clear()
    with speaking_tls(certificate, 1) as port:
        assert send(f"https://localhost:{port}/").text.startswith("its certificate cannot be trusted (")


def test_an_encrypted_connection_that_the_server_has_ended_is_opened_anew(trusted: Path) -> None:
    with (
        speaking_tls(trusted, 3) as port,
        closing(Line(receiver_at(f"https://localhost:{port}/"))) as line,
    ):
        assert [line.send(MESSAGE).text for _ in range(3)] == ["204"] * 3


@contextmanager
def proxy(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that lets one connection through, if that is its answer; and what it was asked."""
    asked: list[bytes] = []

    def pass_on(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while more := one.recv(65536):
                other.sendall(more)
            other.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as client:
            while not b"".join(asked).endswith(b"\r\n\r\n"):
                asked.append(client.recv(65536))
            client.sendall(answer)
            if b" 200 " in answer:
                host, port = asked[0].split()[1].decode().split(":")
                with socket.create_connection((host, int(port))) as server:
                    back = Thread(target=pass_on, args=[server, client])
                    back.start()
                    pass_on(client, server)
                    back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=serve)
        thread.start()
        yield f"http://shop:se%40cret@127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_what_is_encrypted_goes_by_the_proxy_of_the_environment(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking_tls(trusted, 1) as port, proxy(b"HTTP/1.1 200 Yes\r\n\r\n") as (address, asked):
        monkeypatch.setenv("HTTPS_PROXY", address)
        assert send(f"https://localhost:{port}/").text == "204"

    assert asked[0].startswith(f"CONNECT localhost:{port} ".encode())
    assert b"Proxy-Authorization: Basic c2hvcDpzZUBjcmV0" in b"".join(asked)


def test_a_proxy_that_refuses_is_told_from_the_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (address, _):
        monkeypatch.setenv("HTTPS_PROXY", address)
        text = send("https://crm.shop.example/").text

    assert "407" in text
    assert "by the proxy that the environment names (HTTPS_PROXY)" in text


def test_nothing_of_the_password_for_a_proxy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://shop:se/cret@127.0.0.1:9")

    assert send("https://crm.shop.example/").text == "the proxy that the environment names is no address (HTTPS_PROXY)"


@pytest.mark.parametrize(("secure", "excepted"), [(True, "localhost"), (False, "")])
def test_no_proxy_is_asked_where_it_is_excepted_or_nothing_is_encrypted(
    secure: bool, excepted: str, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(b"HTTP/1.1 403 No\r\n\r\n") as (address, asked):
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, address)
        monkeypatch.setenv("NO_PROXY", excepted)
        if secure:
            with speaking_tls(trusted, 1) as port:
                assert send(f"https://localhost:{port}/").text == "204"
        else:
            with receiving() as receiver:
                assert send(receiver.url).text == "204"

    assert asked == []


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
    assert retry_after(value, int(NOW.timestamp())) == seconds


def test_a_date_counts_by_the_clock_of_whoever_says_it() -> None:
    headers = "Date: Mon, 01 Jan 2001 00:00:00 GMT", "Retry-After: Mon, 01 Jan 2001 00:02:00 GMT"
    with speaking(status("503 No", *headers)) as (url, _):
        assert send(url) == Answer(Outcome.FAILED, "503", 120)


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
