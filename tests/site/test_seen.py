"""A database that went back to an older backup, and a copy of it beside: nothing is signed over what others have seen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from consent_widget import SQLStore
from consent_widget.errors import LogError
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.proof.note import Note
from consent_widget.proof.policy import Policy
from consent_widget.site.log_signer import LogSigner
from consent_widget.site.seen import seen_by_witnesses
from consent_widget.store.tables import CHECKPOINTS, ENTRIES
from consent_widget.store.verifying import Verification

from ..conftest import MakeApp
from ..support.log import KEYS, ORIGIN, PRIVATE, add_entries

WITNESS = PrivateKey("witness.example", COSIGNATURE, bytes(32)).public
NEW = PrivateKey("shop.example/consent/log/2", 1, bytes(32))


@contextmanager
def showing(note: Note) -> Iterator[str]:
    """A witness that shows a checkpoint as the last that it has cosigned: the policy that names it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = self.path == f"/witness/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
            self.send_response(200 if here else 404)
            self.end_headers()
            self.wfile.write(str(note).encode() if here else b"")

        def do_POST(self) -> None:
            self.send_error(503)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"witness w {WITNESS} http://127.0.0.1:{server.server_port}/witness\nquorum none\n"
        server.shutdown()


def fill(store: SQLStore, first: int, end: int) -> None:
    """Other entries than `add_entries` makes."""
    with store._writing() as connection:
        connection.execute(ENTRIES.insert(), [{"number": at, "entry": b"o%031d" % at} for at in range(first, end)])


@pytest.fixture
def seen(tmp_path: Path) -> Note:
    """What was signed after a backup was made of five entries."""
    with closing(SQLStore(f"sqlite:///{tmp_path / 'before.sqlite'}")) as store:
        add_entries(store, 0, 5)
        store.sign_checkpoint(KEYS)
        store.backup(tmp_path / "backup.sqlite")
        add_entries(store, 5, 9)
        return store.sign_checkpoint(KEYS)


@pytest.fixture
def restored(tmp_path: Path, seen: Note) -> Iterator[SQLStore]:
    """That backup, restored, and grown beyond what was lost."""
    with closing(SQLStore(f"sqlite:///{tmp_path / 'backup.sqlite'}")) as store:
        fill(store, 5, 12)
        yield store


def app_with(make_app: MakeApp, store: SQLStore, policy: str) -> Flask:
    return make_app(CONSENT_STORE=store, CONSENT_LOG_KEY=PRIVATE.text, CONSENT_LOG_POLICY=policy or None)


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["consent", *map(str, words)])


def signed(store: SQLStore) -> int:
    note = store.checkpoint()
    return Checkpoint.parse(note.text).size if note else 0


def test_a_restored_backup_is_not_signed_over_what_a_witness_has(
    make_app: MakeApp, restored: SQLStore, seen: Note
) -> None:
    with showing(seen) as policy:
        app = app_with(make_app, restored, policy)
        refused, verified = run(app, "checkpoint"), run(app, "verify")
        signer = app.extensions["consent_widget"].signer
        signer.sign()
        for thread in threading.enumerate():
            if thread.name.endswith("(_sign_and_ask)"):
                thread.join(20)

    assert refused.exit_code == 1
    assert "At the witness witness.example there is a checkpoint of 9 entries" in refused.output
    assert signer.trouble in refused.output
    assert signed(restored) == 5
    assert verified.exit_code == 4
    assert "the witness witness.example, of 9 entries: the entries are not those that were signed" in verified.output


def test_what_a_witness_invents_keeps_nothing_from_being_signed(make_app: MakeApp, restored: SQLStore) -> None:
    forged = Note.sign(Checkpoint(ORIGIN, 99, bytes(32)).text, [PrivateKey(ORIGIN, 1, bytes(32))])
    with showing(forged) as policy:
        assert run(app_with(make_app, restored, policy), "checkpoint").exit_code == 0
    assert signed(restored) == 12


def test_a_witness_that_is_up_to_date_keeps_nothing_from_being_signed(make_app: MakeApp, tmp_path: Path) -> None:
    with closing(SQLStore(f"sqlite:///{tmp_path / 'log.sqlite'}")) as store:
        add_entries(store, 0, 5)
        with showing(store.sign_checkpoint(KEYS)) as policy:
            app = app_with(make_app, store, policy)
            assert list(seen_by_witnesses(app.extensions["consent_widget"].settings.log_policy, KEYS)) == [
                "the witness witness.example"
            ]
            add_entries(store, 5, 7)
            assert run(app, "checkpoint").exit_code == 0
        assert signed(store) == 7


def test_a_restored_backup_is_not_signed_over_the_files_that_are_published(
    make_app: MakeApp, restored: SQLStore, seen: Note, tmp_path: Path
) -> None:
    (tmp_path / "checkpoint").write_text(str(seen), "utf-8")
    refused = run(app_with(make_app, restored, ""), "checkpoint", "--to", tmp_path)

    assert f"At {tmp_path} there is a checkpoint of 9 entries" in refused.output
    assert signed(restored) == 5


def test_a_process_notices_that_the_database_went_back_beneath_it(
    tmp_path: Path, restored: SQLStore, seen: Note
) -> None:
    with closing(SQLStore(f"sqlite:///{tmp_path / 'before.sqlite'}")) as store:
        add_entries(store, 9, 10)
        signer = LogSigner(store, KEYS, 0, Policy())
        signer.sign()
        (tmp_path / "backup.sqlite").replace(tmp_path / "before.sqlite")
        signer.sign()

        assert "At this process there is a checkpoint of 10 entries" in signer.trouble


def test_what_kept_a_process_from_signing_is_over_once_another_has_signed(tmp_path: Path) -> None:
    path, away = tmp_path / "x.sqlite", tmp_path / "away"
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        add_entries(store, 0, 3)
        one, other = LogSigner(store, KEYS, 10, Policy()), LogSigner(store, KEYS, 10, Policy())
        path.rename(away)
        one.sign()
        assert "Put it back" in one.trouble
        away.rename(path)
        other.sign()
        one.sign()
        assert (one.trouble, signed(store)) == ("", 3)


def test_who_waited_for_a_witness_does_not_sign_what_another_process_has_just_signed(restored: SQLStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as slow:
        policy = Policy.parse(f"witness w {WITNESS} http://127.0.0.1:{slow.getsockname()[1]}\nquorum none\n")
        with restored._writing() as connection:  # it is time
            connection.execute(CHECKPOINTS.update().values(time=0))
        LogSigner(restored, KEYS, 10, policy).sign()
        asked, _ = slow.accept()
        LogSigner(restored, KEYS, 10, Policy()).sign()
        fill(restored, 12, 13)
        asked.close()
        asked, _ = slow.accept()  # to cosign: it is done with signing
        asked.close()
    assert signed(restored) == 12


def test_a_new_log_begins_where_the_old_one_ends_in_the_same_database(
    make_app: MakeApp, restored: SQLStore, seen: Note, tmp_path: Path
) -> None:
    key, old, before = tmp_path / "new.key", tmp_path / "old-checkpoints", restored.checkpoint()
    key.write_text(NEW.text, "utf-8")
    app = app_with(make_app, restored, "")
    done = run(app, "new-log", key, old)

    assert f"{ORIGIN}: has ended, and its checkpoints are in {old}.\n{NEW.name}: begins with 5 entries." in done.output
    assert old.read_text("utf-8") == f"{before}\n"
    assert "CONSENT_LOG_KEY is a key of" in run(app, "checkpoint").output
    keys = LogKeys((NEW,))
    restored.sign_checkpoint(keys, seen={"a witness": seen})
    assert signed(restored) == 12
    assert [fault.text for fault in Verification(restored, keys.public).run()] == []
    assert (
        "only by one with another name"
        in run(make_app(CONSENT_STORE=restored, CONSENT_LOG_KEY=NEW.text), "new-log", key, tmp_path / "other").output
    )
    assert not (tmp_path / "other").exists()


def test_the_old_checkpoints_are_kept_where_nobody_knows_whether_the_new_log_has_begun(
    make_app: MakeApp, restored: SQLStore, tmp_path: Path
) -> None:
    key, old = tmp_path / "new.key", tmp_path / "old-checkpoints"
    key.write_text(NEW.text, "utf-8")
    app = app_with(make_app, restored, "")

    def cut(_: object) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, OSError("no answer"))

    sa.event.listen(restored._engine, "commit", cut)
    assert run(app, "new-log", key, old).exit_code == 1
    sa.event.remove(restored._engine, "commit", cut)
    assert old.read_text("utf-8") == f"{restored.checkpoint()}\n"


def test_who_signs_while_a_new_log_begins_signs_nothing_of_the_old_one(restored: SQLStore) -> None:
    begun = iter([LogKeys((NEW,))])

    def begin(connection: object, cursor: object, statement: str, *_: object) -> None:
        """Another process begins a new log, once this one has read the last checkpoint."""
        if "consent_tiles" in statement or "consent_entries" in statement:
            for keys in begun:
                restored.begin_log(KEYS, keys)

    sa.event.listen(restored._engine, "before_cursor_execute", begin)
    with pytest.raises(LogError, match="CONSENT_LOG_KEY is a key of"):
        restored.sign_checkpoint(KEYS)
    assert str(restored.checkpoint()).startswith(NEW.name)
