"""The commands of the log: a key that nobody reads by accident, and files that are complete at every moment."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from consent_widget import SQLStore
from consent_widget.cli.group import commands
from consent_widget.errors import LogError
from consent_widget.proof.checkpoint import Checkpoint, opened
from consent_widget.proof.key import PrivateKey, PublicKey
from consent_widget.proof.merkle import root
from consent_widget.proof.note import Note
from consent_widget.proof.policy import Log, Policy
from consent_widget.proof.tiles import ENTRIES, Tile, hashes_from, tiles_of
from consent_widget.service.command import main
from consent_widget.site import log_files
from consent_widget.store.tables import ENTRIES as ENTRIES_TABLE

from ..conftest import HERE, KEY, MakeApp
from ..support.choice_body import choice_body
from ..support.log import KEYS, ORIGIN, PRIVATE, add_entries, entries_in, entry


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_STORE=store, CONSENT_LOG_KEY=PRIVATE.text)


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["consent", *words])


def holds(folder: Path) -> Checkpoint:
    """What a folder publishes, after every tile of it was read and hashed."""
    checkpoint = Policy.parse((folder / "policy").read_bytes()).accept(Note.parse((folder / "checkpoint").read_bytes()))
    assert root(checkpoint.size, hashes_from(lambda tile: (folder / tile.path).read_bytes(), checkpoint.size)) == (
        checkpoint.root
    )
    bundles = [folder / tile.path for tile in tiles_of(checkpoint.size) if tile.level == ENTRIES]
    found = [each for path in bundles for each in entries_in(path.read_bytes())]
    assert found == [entry(number) for number in range(checkpoint.size)]
    return checkpoint


def test_a_key_is_made_for_a_log() -> None:
    made = CliRunner().invoke(main, ["log-key", f"https://{ORIGIN}/"])

    key = PrivateKey.parse(made.stdout.strip())
    assert key.name == ORIGIN
    assert PublicKey.parse(made.stderr.split()[-1]) == key.public
    assert key.text not in made.stderr


def test_a_key_is_written_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    made = CliRunner().invoke(commands, ["log-key", ORIGIN, str(file)])

    key = PrivateKey.parse(file.read_text("utf-8").strip())
    assert str(key.public) in made.output
    assert key.text not in made.output
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "there already" in CliRunner().invoke(commands, ["log-key", ORIGIN, str(file)]).output


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_log_needs_a_name(name: str) -> None:
    made = CliRunner().invoke(commands, ["log-key", name])

    assert made.exit_code == 1
    assert "no spaces and no +" in made.output


def test_a_checkpoint_is_signed_on_demand(app: Flask, store: SQLStore) -> None:
    add_entries(store, 0, 3)
    signed = run(app, "checkpoint")

    assert signed.output == f"{ORIGIN}: signed, with 3 entries.\nPublic key: {PRIVATE.public}\n"
    assert opened(store.checkpoint() or Note("", ()), KEYS.public).size == 3


def test_without_a_key_nothing_is_signed(make_app: MakeApp, store: SQLStore) -> None:
    refused = run(make_app(CONSENT_STORE=store), "checkpoint")

    assert refused.exit_code == 1
    assert "CONSENT_LOG_KEY is not set. Make a key with: flask consent log-key" in refused.output


def test_a_site_without_witnesses_is_told_so(app: Flask, store: SQLStore) -> None:
    refused = run(app, "witness")

    assert refused.exit_code == 1
    assert refused.output.startswith("Error: No witness is named in CONSENT_LOG_POLICY")


def test_what_was_changed_is_not_signed(app: Flask, store: SQLStore) -> None:
    add_entries(store, 0, 3)
    run(app, "checkpoint")
    with store._writing() as connection:
        connection.execute(ENTRIES_TABLE.update().where(ENTRIES_TABLE.c.number == 1).values(entry=bytes(32)))
    add_entries(store, 3, 4)
    refused = run(app, "checkpoint")

    assert refused.exit_code == 1
    assert "Error: The entries of the log are not those of its last checkpoint, of 3 entries" in refused.output


def test_the_log_is_published_as_files_that_only_grow(app: Flask, store: SQLStore, tmp_path: Path) -> None:
    folder = tmp_path / "www" / "log"
    for size in (3, 255, 256, 257, 600):
        add_entries(store, store.size(), size)
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".p" not in str(path)}
        assert run(app, "checkpoint", "--to", str(folder)).exit_code == 0
        assert holds(folder).size == size
        assert all(path.read_bytes() == old for path, old in before.items() if path.name != "checkpoint")
    partial = {path.relative_to(folder).as_posix() for path in folder.rglob("*.p")}
    assert partial == {"tile/0/002.p", "tile/entries/002.p", "tile/1/000.p"}, "wherever the whole tile is not there yet"
    assert run(app, "checkpoint", "--to", str(folder)).output.endswith(f"{folder}: 0 new files.\n")


@contextmanager
def interrupted_at(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """The process is killed before it writes its file of this number."""
    write, written = log_files._write, iter(range(1000))

    def failing(folder: Path, path: str, content: bytes) -> bool:
        if next(written) == number:
            raise KeyboardInterrupt
        return write(folder, path, content)

    with monkeypatch.context() as patched:
        patched.setattr(log_files, "_write", failing)
        yield


def test_a_folder_is_complete_wherever_publishing_is_interrupted(
    store: SQLStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Policy((Log(PRIVATE.public),)).text
    add_entries(store, 0, 300)
    store.sign_checkpoint(KEYS)
    log_files.publish_log(store, tmp_path, policy)
    add_entries(store, 300, 520)
    store.sign_checkpoint(KEYS)
    for number in range(9):
        with interrupted_at(monkeypatch, number), pytest.raises(KeyboardInterrupt):
            log_files.publish_log(store, tmp_path, policy)
        assert holds(tmp_path).size == 300, number
    log_files.publish_log(store, tmp_path, policy)

    assert holds(tmp_path).size == 520


def test_a_slower_process_never_puts_a_folder_back(
    store: SQLStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Policy((Log(PRIVATE.public),)).text
    add_entries(store, 0, 300)
    store.sign_checkpoint(KEYS)
    with ThreadPoolExecutor(1) as others, monkeypatch.context() as patched:
        faster: list[Future[int]] = []
        write = log_files._write

        def slowly(folder: Path, path: str, content: bytes) -> bool:
            if not faster:  # meanwhile another one begins, with more to publish
                add_entries(store, 300, 600)
                store.sign_checkpoint(KEYS)
                faster.append(others.submit(log_files.publish_log, store, folder, policy))
                wait(faster, 0.2)
            return write(folder, path, content)

        patched.setattr(log_files, "_write", slowly)
        log_files.publish_log(store, tmp_path, policy)
        assert faster[0].result() > 0

    assert holds(tmp_path).size == 600
    there = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert log_files.publish_log(store, tmp_path, policy) == 0
    assert {path: path.stat().st_mtime_ns for path in there} == there, "what is there is not written anew"


def test_a_folder_that_lost_files_on_its_way_gets_them_back(store: SQLStore, tmp_path: Path) -> None:
    add_entries(store, 0, 600)
    store.sign_checkpoint(KEYS)
    log_files.publish_log(store, tmp_path, Policy((Log(PRIVATE.public),)).text)
    lost, longer = (tmp_path / Tile(level, 1).path for level in (0, ENTRIES))
    lost.unlink()
    longer.write_bytes(longer.read_bytes().replace(b"\n", b"\r\n"))  # as git may
    (tmp_path / "tile/.DS_Store").write_bytes(b"of a Macintosh")
    log_files.publish_log(store, tmp_path, Policy((Log(PRIVATE.public),)).text)

    assert holds(tmp_path).size == 600


def test_a_folder_keeps_the_log_that_it_has(store: SQLStore, tmp_path: Path) -> None:
    add_entries(store, 0, 5)
    store.sign_checkpoint(KEYS)
    (tmp_path / "checkpoint").write_text(str(Note.sign(Checkpoint(ORIGIN, 4, bytes(32)).text, [PRIVATE])), "utf-8")
    with pytest.raises(LogError, match="another log"):
        log_files.publish_log(store, tmp_path, "")
    (tmp_path / "checkpoint").write_text("half", "utf-8")
    with pytest.raises(LogError, match="Delete it"):
        log_files.publish_log(store, tmp_path, "")


def test_whoever_has_the_folder_checks_a_receipt_with_it_alone(app: Flask, store: SQLStore, tmp_path: Path) -> None:
    client, site, folder = app.test_client(), app.extensions["consent_widget"], tmp_path / "log"
    id = client.post("/consent/records", json=choice_body(site.notice), headers=HERE).json["receipt"]["id"]
    assert run(app, "checkpoint", "--to", str(folder)).exit_code == 0
    (tmp_path / "receipt").write_bytes(client.get(f"/consent/records/{id}.tlog-proof").data)
    checked = subprocess.run(
        [sys.executable, "-I", "-S", "log/verify_receipt.py", "receipt", "log/policy"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
    assert (folder / "verify.html").read_bytes() == client.get("/consent/log/verify").data


@pytest.mark.parametrize("before", [300, 1_000])
def test_what_is_pruned_leaves_the_folder(app: Flask, store: SQLStore, tmp_path: Path, before: int) -> None:
    add_entries(store, 0, before)
    run(app, "checkpoint", "--to", str(tmp_path))
    add_entries(store, before, 1_000)
    store.sign_checkpoint(KEYS)
    with store._writing() as connection:
        connection.execute(ENTRIES_TABLE.delete().where(ENTRIES_TABLE.c.number < 512))
    run(app, "checkpoint", "--to", str(tmp_path))

    there = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "tile").rglob("*") if path.is_file()}
    there.discard("tile/1/000.p/1")  # narrower than it is now; it goes once it is full
    assert there == {tile.path for tile in tiles_of(1_000) if tile.level > 0 or tile.index > 1}
    assert Tile(0, 2).path in there


def test_a_service_signs_the_one_log_of_all_its_sites(tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text(f"{PRIVATE.text}\n", "utf-8")
    config = tmp_path / "sites.toml"
    config.write_text(
        f'url = "http://127.0.0.1:8000"\nkeys = ["{KEY}"]\nlog_key = "log.key"\n'
        + "".join(
            f'[sites.{id}]\norigins = ["https://{id}.example"]\nnotice = "minimal"\n[sites.{id}.controller]\n'
            'name = "Shop"\naddress = "1 Road"\nemail = "a@shop.example"\nphone = "1"\n'
            for id in ("shop", "other")
        ),
        "utf-8",
    )
    signed = CliRunner().invoke(main, ["checkpoint", "--config", str(config), "--to", str(tmp_path / "log")])

    assert signed.exit_code == 0, signed.output
    assert signed.output.startswith(f"{ORIGIN}: signed, with 0 entries.\n")
    assert holds(tmp_path / "log").size == 0
