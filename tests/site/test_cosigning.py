"""Witnesses that lie, are slow or are gone: the log is signed all the same, and whoever cosigns later is asked again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time
from typing import Any

import pytest

from consent_widget import SQLStore
from consent_widget.outgoing import ask
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.policy import Policy, Witness
from consent_widget.proof.witness import Refused, Submission, WitnessKeys
from consent_widget.site import cosigning
from consent_widget.site.cosigning import Cosigners

from ..support.log import KEYS, ORIGIN, add_entries, troubles

SECRET = PrivateKey("witness.example", COSIGNATURE, bytes(32))
OTHER = PrivateKey("witness.example", COSIGNATURE, bytes(range(32)))
#: Answers a submission: with a status and a body.
Answer = Callable[[Submission], tuple[int, bytes]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLStore]:
    with closing(SQLStore(f"sqlite:///{tmp_path / 'log.sqlite'}")) as store:
        add_entries(store, 0, 5)
        store.sign_checkpoint(KEYS)
        yield store


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A witness that somebody else wrote."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = answer(Submission.parse(body))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/witness"
        server.shutdown()


def honest(asked: list[Submission]) -> Answer:
    """A witness as it must be, which notes what it was asked."""
    keys, latest = WitnessKeys(SECRET, KEYS.public), None

    def answer(submission: Submission) -> tuple[int, bytes]:
        nonlocal latest
        asked.append(submission)
        try:
            keys.signers(submission)
            line = keys.cosign(submission, latest, int(time())).line
        except Refused as refused:
            return refused.status, str(refused).encode()
        latest = submission.checkpoint
        return 200, line.encode()

    return answer


def cosigners(url: str) -> Cosigners:
    return Cosigners(Policy(witnesses=(Witness("w", SECRET.public, url),)))


def signers(store: SQLStore) -> list[str]:
    note = store.checkpoint()
    assert note
    return [key.name for key in note.signers([*KEYS.public, SECRET.public])]


def test_a_witness_cosigns_and_the_checkpoint_shows_it(store: SQLStore) -> None:
    asked: list[Submission] = []
    with serving(honest(asked)) as url:
        all = cosigners(url)

        assert troubles(all.ask(store)) == []
        assert signers(store) == [ORIGIN, "witness.example"]
        assert all.ask(store) == []
        add_entries(store, 5, 700)
        store.sign_checkpoint(KEYS)
        assert troubles(all.ask(store)) == []
    assert [(each.old, each.checkpoint.size) for each in asked] == [(0, 5), (5, 700)]


def test_a_site_that_started_anew_asks_what_the_witness_knows(store: SQLStore) -> None:
    asked: list[Submission] = []
    with serving(honest(asked)) as url:
        cosigners(url).ask(store)
        add_entries(store, 5, 9)
        store.sign_checkpoint(KEYS)
        assert troubles(cosigners(url).ask(store)) == []
    assert [each.old for each in asked] == [0, 0, 5]
    assert signers(store) == [ORIGIN, "witness.example"]


def test_what_a_witness_signs_after_the_store_was_closed_does_not_open_it_again(store: SQLStore) -> None:
    sign = honest([])

    def late(submission: Submission) -> tuple[int, bytes]:
        store.close()
        return sign(submission)

    with serving(late) as url:
        assert troubles(cosigners(url).ask(store)) == []
    assert signers(store) == [ORIGIN]


def lie(size: int) -> str:
    return OTHER.sign(Checkpoint(ORIGIN, size, bytes(32)).text, 1).line


def with_more_text(submission: Submission) -> tuple[int, bytes]:
    """A cosignature of the checkpoint with a line more, which the answer brings along."""
    text = submission.note.text + "\nmore\n"
    return 200, b"more\n\n" + SECRET.sign(text, 1).line.encode()


def test_a_cosignature_of_a_longer_text_is_none(store: SQLStore) -> None:
    with serving(with_more_text) as url:
        (trouble,) = troubles(cosigners(url).ask(store))

    assert "more than lines of signatures" in trouble
    assert signers(store) == [ORIGIN]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b""), "cut off"),
        ((200, b"\xff\xfe"), "not UTF-8"),
        ((200, lie(5).encode()), "no cosignature"),
        ((200, SECRET.sign(Checkpoint(ORIGIN, 5, bytes(32)).text, 1).line.encode()), "is wrong"),
        ((200, b"x" * 100_000), "cut off"),
        ((403, b""), "answers with 403. It does not know the key"),
        ((404, b""), "answers with 404. It does not witness this log"),
        ((200, b"<html>"), "200 and no cosignature: is its address right?"),
        ((302, b""), "answers with 302. Redirects are not followed"),
        ((500, b"<html>"), "answers with 500"),
        ((409, b""), "409 and no size"),
        ((409, b"-1\n"), "409 and no size"),
        ((409, b"<html>"), "409 and no size"),
        ((409, b"3\n"), "other entries than these"),
        ((422, b""), "other entries than these"),
        ((409, b"6\n"), "has cosigned 6 entries of this log, which has 5"),
    ],
)  # fmt: skip
def test_a_witness_that_lies_is_named_and_changes_nothing(
    store: SQLStore, answer: tuple[int, bytes], said: str
) -> None:
    before = store.checkpoint()
    with serving(lambda submission: answer) as url:
        (trouble,) = troubles(cosigners(url).ask(store))

    assert said in trouble
    assert store.checkpoint() == before


@pytest.mark.parametrize(("ahead", "said"), [(7230, "minutes ahead of ours"), (-(10**9), "minutes behind ours")])
def test_a_cosignature_says_when_it_was_made_or_is_none(store: SQLStore, ahead: int, said: str) -> None:
    """With a witness whose clock is wrong, every record of years would seem to be dated back."""
    with serving(lambda submission: (200, SECRET.sign(submission.note.text, int(time()) + ahead).line.encode())) as url:
        (trouble,) = troubles(cosigners(url).ask(store))

    assert said in trouble
    assert signers(store) == [ORIGIN]


def test_a_witness_that_is_gone_is_asked_again(store: SQLStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    all = cosigners(url)

    assert "refused" in troubles(all.ask(store))[0]
    assert [each.key for each in all.missing(store.checkpoint())] == [SECRET.public]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_witness_that_sends_a_byte_now_and_then_is_cut_off(
    store: SQLStore, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(cosigning, "PATIENCE", 0.3)
    was_cut = threading.Event()

    def trickle(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            try:
                connection.sendall(beginning)
                while not was_cut.wait(0.05):
                    connection.sendall(b"-")
            except OSError:
                was_cut.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=trickle, args=[server], daemon=True).start()
        (trouble,) = troubles(cosigners(f"http://127.0.0.1:{server.getsockname()[1]}").ask(store))
        assert was_cut.wait(30)
    assert "in time" in trouble


def test_a_witness_whose_name_is_found_too_late_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    find = socket.getaddrinfo

    def late(*args: Any, **more: Any) -> Any:
        threading.Event().wait(0.2)
        return find(*args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", late)
    limits: Any = {"silence": 60, "patience": 0.05, "longest": 9}
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as threads:
        asked = threads.submit(ask, f"http://127.0.0.1:{silent.getsockname()[1]}", None, {}, **limits)
        connection, _ = silent.accept()
        with connection:
            connection.settimeout(30)
            while connection.recv(1000):
                pass
        assert isinstance(asked.exception(30), TimeoutError)


def test_nobody_waits_for_a_witness_that_never_answers(store: SQLStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosigning, "PATIENCE", 2)
    slow = PrivateKey("slow.example", COSIGNATURE, bytes(range(32))).public
    with socket.create_server(("127.0.0.1", 0)) as silent, serving(honest([])) as url:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        both = Cosigners(Policy(witnesses=(Witness("slow", slow, address), Witness("w", SECRET.public, url))))
        asked = {each.witness.name: each.trouble for each in both.ask(store)}

        assert "in time" in asked["slow"]
    assert signers(store) == [ORIGIN, "witness.example"]


def test_a_witness_that_is_being_asked_still_is_not_asked_again(store: SQLStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        one = cosigners(f"http://127.0.0.1:{silent.getsockname()[1]}")
        threading.Thread(target=one.ask_and_report, args=(store,), daemon=True).start()
        connection, _ = silent.accept()
        assert one.ask(store) == []
        connection.close()
