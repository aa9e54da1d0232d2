"""Two operators witness each other: two apps with their own keys and databases, over HTTP."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from consent_widget import SQLStore
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.proof.note import Note
from consent_widget.proof.policy import Policy
from consent_widget.proof.witness import SIZE, Submission
from consent_widget.site.cosigning import cosigners_of
from consent_widget.store.tables import ENTRIES

from ..conftest import MakeApp, making_apps
from ..support.log import add_entries, troubles


class Operator:
    """A shop with a log and a witness of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.log = PrivateKey.make(f"{name}.example/consent/log")
        self.witness = PrivateKey.make(f"{name}.example/consent/witness", COSIGNATURE)
        self.url, self.policy = "", Policy()
        folder.mkdir()

    def open(self, make_app: MakeApp, other: Operator) -> Flask:
        (self.folder / "witness.key").write_text(f"{self.witness.text}\n{other.log.public}\n", "utf-8")
        policy = f"witness other {other.witness.public} {other.url}/consent/witness\nquorum other\n"
        app = make_app(
            CONSENT_DATABASE=f"sqlite:///{self.folder / 'log.sqlite'}", CONSENT_LOG_KEY=self.log.text,
            CONSENT_LOG_POLICY=policy, CONSENT_WITNESS=self.folder / "witness.key",
        )  # fmt: skip
        self.policy = app.extensions["consent_widget"].settings.log_policy
        self.store: SQLStore = app.extensions["consent_widget"].store
        return app

    def sign(self) -> tuple[Note, list[str]]:
        """Sign the log, ask the other's witness, and say what became of it."""
        self.store.sign_checkpoint(LogKeys((self.log,)))
        said = troubles(cosigners_of(self.policy).ask(self.store))
        note = self.store.checkpoint()
        assert note
        return note, said


@contextmanager
def running(first: Operator, second: Operator, make_app: MakeApp) -> Iterator[None]:
    both = (first, second)
    servers = [make_server("127.0.0.1", 0, Flask("not yet"), threaded=True) for _ in both]
    for operator, server in zip(both, servers, strict=True):
        operator.url = f"http://127.0.0.1:{server.server_port}"
    for server, app in zip(servers, (first.open(make_app, second), second.open(make_app, first)), strict=True):
        server.app = app
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[tuple[Operator, Operator]]:
    north, south = Operator("north", tmp_path / "north"), Operator("south", tmp_path / "south")
    with making_apps(tmp_path) as make_app, running(north, south, make_app):
        yield north, south


def post(operator: Operator, body: str) -> tuple[int, str, str]:
    request = urllib.request.Request(f"{operator.url}/consent/witness/add-checkpoint", body.encode(), method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def test_each_cosigns_what_the_other_signs_as_both_grow(shops: tuple[Operator, Operator]) -> None:
    for size in (3, 256, 700):
        for operator, other in (shops, shops[::-1]):
            add_entries(operator.store, operator.store.size(), size)
            note, said = operator.sign()

            assert said == []
            accepted = Policy.parse(
                f"log {operator.log.public}\nwitness other {other.witness.public}\nquorum other\n"
            ).accept(note)
            assert accepted.size == size


def test_what_a_witness_cosigned_can_be_fetched(shops: tuple[Operator, Operator]) -> None:
    north, south = shops
    add_entries(north.store, 0, 5)
    note, _ = north.sign()
    address = f"{south.url}/consent/witness/{hashlib.sha256(north.log.name.encode()).hexdigest()}/checkpoint"
    with urllib.request.urlopen(address) as answer:
        shown = Note.parse(answer.read())

    assert shown == note
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address.replace("/witness/", "/witness/0"))


def test_a_log_that_was_made_anew_with_its_real_key_is_refused(
    shops: tuple[Operator, Operator], tmp_path: Path
) -> None:
    north, south = shops
    add_entries(north.store, 0, 300)
    north.sign()
    with closing(SQLStore(f"sqlite:///{tmp_path / 'forged.sqlite'}")) as forged:
        with forged._writing() as connection:
            connection.execute(ENTRIES.insert(), [{"number": n, "entry": b"%032d" % (n + 7)} for n in range(301)])
        note = forged.sign_checkpoint(LogKeys((north.log,)))
        asked = troubles(cosigners_of(north.policy).ask(forged))

    assert "has cosigned other entries than these" in asked[0]
    assert post(south, str(Submission(300, (), note)))[0] == 422
    assert post(south, str(Submission(0, (), note))) == (409, SIZE, "300\n")


def test_a_log_that_lost_its_last_entries_is_told_so(shops: tuple[Operator, Operator], tmp_path: Path) -> None:
    north, _ = shops
    add_entries(north.store, 0, 5)
    north.sign()
    backup = tmp_path / "backup.sqlite"
    north.store.backup(backup)
    add_entries(north.store, 5, 9)
    north.sign()
    with closing(SQLStore(f"sqlite:///{backup}")) as restored:
        add_entries(restored, 5, 7)
        restored.sign_checkpoint(LogKeys((north.log,)))
        asked = troubles(cosigners_of(north.policy).ask(restored))

    assert "has cosigned 9 entries of this log, which has 7" in asked[0]


def test_strangers_and_nonsense_get_the_answers_of_the_specification(shops: tuple[Operator, Operator]) -> None:
    north, south = shops
    stranger = PrivateKey.make("stranger.example/log")
    text = Checkpoint(stranger.name, 1, bytes(32)).text
    forged = Note(Checkpoint(north.log.name, 1, bytes(32)).text, (north.log.sign("something else\n"),))

    assert post(south, str(Submission(0, (), Note.sign(text, [stranger]))))[0] == 404
    assert post(south, str(Submission(0, (), forged)))[0] == 403
    assert post(south, "old 0\n")[0] == 400
    assert post(south, "x" * 200_000)[0] == 413


def test_of_many_that_ask_at_once_with_two_logs_one_is_cosigned(shops: tuple[Operator, Operator]) -> None:
    north, south = shops
    notes = [Note.sign(Checkpoint(north.log.name, 9, bytes([n]) * 32).text, [north.log]) for n in range(8)]
    answers: list[int] = []
    threads = [
        Thread(target=lambda note=note: answers.append(post(south, str(Submission(0, (), note)))[0])) for note in notes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, *[409] * 7]


def test_a_site_that_is_no_witness_has_no_such_address(make_app: MakeApp) -> None:
    client = make_app().test_client()

    assert client.post("/consent/witness/add-checkpoint", data=b"old 0\n").status_code == 404
    assert client.get(f"/consent/witness/{'0' * 64}/checkpoint").status_code == 404
