"""A database is moved whole, and a copy of SQLite's file is right whoever writes meanwhile."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner
from flask import Flask

from consent_widget import SQLStore
from consent_widget.choice.replay import Grant
from consent_widget.choice.tally import Showing
from consent_widget.cli.group import commands
from consent_widget.errors import ConfigurationError
from consent_widget.notice.model import Notice
from consent_widget.service.command import main
from consent_widget.store.packed import subject_to_bytes
from consent_widget.store.scripts import ReleasedFile
from consent_widget.store.tables import CHECKPOINTS, COUNTS, DELIVERIES, FORMER, METADATA, TILES, WITNESSED

from ..conftest import MakeApp
from ..support.services import written
from .test_store import choice

GONE = "g" * 22


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[SQLStore]:
    with closing(SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")) as store:
        yield store


@pytest.fixture
def server(postgresql: str) -> Iterator[SQLStore]:
    with closing(SQLStore(postgresql)) as store:
        yield store


def fill(store: SQLStore, notice: Notice) -> None:
    """Rows in every table, with a gap where somebody was erased."""
    store.publish(notice, "shop")
    for number in range(1203):
        store.add(choice(subject=GONE if number == 7 else f"{number:022}", age_band=None, locale="中文"))
    store.erase(GONE)
    used = store.add(choice(purposes={"contact_messages": True}))
    store.use(used.subject, Grant(used.id, "contact_messages"))
    store.link(b"0123456789abcdef", used.subject)
    store.claim_ends({Grant(used.id, "data_analytics"): 0})
    with store._engine.begin() as connection:
        connection.execute(FORMER.insert(), {"id": b"1", "number": 0})
        connection.execute(TILES.insert(), {"level": 1, "index": 0, "hashes": bytes(32)})
        connection.execute(CHECKPOINTS.insert(), {"size": 1, "time": 1, "cosigned": False, "note": "a note"})
    store.expect_receivers("shop", {"crm": ["choice.recorded", "subject.erased"]})
    with store._engine.begin() as connection:
        connection.execute(DELIVERIES.insert(), {"receiver": 1, "subject": GONE, "number": 0, "event": "e", "time": 1})
        connection.execute(WITNESSED.insert(), {"origin": "shop.example/log", "note": "a note"})
        connection.execute(COUNTS.insert(), {"chunk": 0, "day": 20_000, "context": 0, "answers": b"\1", "number": 3})
    store.add_shown([(Showing(20_000, "shop", "en", "box", "", notice.digest), 4)])
    store.keep_files("shop", {"0" * 16: ReleasedFile(b"alert(1)" * 100, "text/javascript", notice.digest)}, 180)


def rows(store: SQLStore) -> dict[str, list[dict[str, object]]]:
    with store._engine.connect() as connection:
        return {
            table.name: [
                dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
            ]
            for table in METADATA.sorted_tables
        }


@pytest.mark.slow
@pytest.mark.parametrize("back", [False, True])
def test_every_table_is_copied_whole_and_the_next_choice_comes_after(
    lite: SQLStore, server: SQLStore, minimal: Notice, back: bool
) -> None:
    source, target = (server, lite) if back else (lite, server)
    fill(source, minimal)
    counts = source.copy_to(target)

    assert all(counts.values())
    assert rows(target) == rows(source)
    last = target.add(choice())
    assert list(target.export())[-1] == last
    target.expect_receivers("shop", {"crm": ["subject.erased"], "mail": ["subject.erased"]})
    target.erase(str(last.subject))  # a row for each, after those that were copied
    assert target.publish(minimal, "shop").published == source.versions(minimal.id, "shop")[0].published


def test_a_database_with_rows_is_not_copied_into(lite: SQLStore, server: SQLStore) -> None:
    lite.add(choice())
    kept = server.add(choice())
    with pytest.raises(ConfigurationError, match="not empty: consent_contexts has rows"):
        lite.copy_to(server)
    assert list(server.export()) == [kept]


def test_an_empty_database_is_copied_too(lite: SQLStore, server: SQLStore) -> None:
    assert set(lite.copy_to(server).values()) == {0}
    assert server.add(choice())


def test_a_copy_that_fails_leaves_nothing(lite: SQLStore, server: SQLStore, minimal: Notice) -> None:
    lite.keep_notice(minimal.digest, minimal.text)
    for number in range(3):
        lite.add(choice(locale="x" * (20 + number // 2)))  # SQLite takes any length
    with pytest.raises(Exception, match=r"StringDataRightTruncation|DataError"):
        lite.copy_to(server)
    assert not any(rows(server).values())


@pytest.mark.slow
def test_a_backup_that_is_made_while_choices_are_stored_holds_all_that_were_before(
    lite: SQLStore, tmp_path: Path
) -> None:
    before, enough = [lite.add(choice()) for _ in range(200)], Event()

    def add() -> None:
        while not enough.is_set():
            lite.add(choice())

    writers = [Thread(target=add) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        lite.backup(tmp_path / "backup.sqlite")
    finally:
        enough.set()
        for writer in writers:
            writer.join()
    with closing(sqlite3.connect(tmp_path / "backup.sqlite")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SQLStore(f"sqlite:///{tmp_path / 'backup.sqlite'}")) as restored:
        assert list(restored.export())[:200] == before
        assert restored.add(replace(before[0], seq=2, id="another")).seq == 2


def test_a_backup_is_its_owners_alone_and_holds_nobody_who_was_erased(lite: SQLStore, tmp_path: Path) -> None:
    lite.add(choice(subject=GONE))
    lite.erase(GONE)
    lite.backup(tmp_path / "backup.sqlite")

    assert (tmp_path / "backup.sqlite").stat().st_mode & 0o777 == 0o600
    assert subject_to_bytes(GONE) not in (tmp_path / "backup.sqlite").read_bytes()


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_done(
    lite: SQLStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_text("kept", "utf-8")
    with pytest.raises(FileExistsError):
        lite.backup(tmp_path / "kept")
    assert (tmp_path / "kept").read_text("utf-8") == "kept"
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            lite.backup(tmp_path / "half")
    assert not (tmp_path / "half").exists()


def full(file: int) -> None:
    raise OSError(28, "No space left on device")


def test_other_databases_have_tools_of_their_own(server: SQLStore, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="pg_dump"):
        server.backup(tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


# The commands


def test_the_commands_of_an_app_say_what_they_copied(make_app: MakeApp, tmp_path: Path) -> None:
    app: Flask = make_app()
    app.extensions["consent_widget"].store.add(choice())
    run = app.test_cli_runner().invoke
    target = f"sqlite:///{tmp_path / 'new.sqlite'}"
    copied, again = run(commands, ["copy", target]), run(commands, ["copy", target])
    kept, twice = (run(commands, ["backup", str(tmp_path / "backup.sqlite")]) for _ in range(2))

    assert "        1  consent_records\n" in copied.output
    assert (again.exit_code, "not empty" in again.output) == (1, True)
    assert (kept.exit_code, "Wrote" in kept.output) == (0, True)
    assert (twice.exit_code, "is there already (a file)" in twice.output) == (1, True)


def test_the_commands_of_a_service_need_no_site(tmp_path: Path) -> None:
    config = written(tmp_path)
    with closing(SQLStore(f"sqlite:///{tmp_path / 'consent.sqlite'}")) as store:
        store.add(choice(site="shop"))
    for name, place in (("copy", f"sqlite:///{tmp_path / 'new.sqlite'}"), ("backup", str(tmp_path / "backup.sqlite"))):
        result = CliRunner().invoke(main, [name, place, "--config", str(config)])
        assert result.exit_code == 0, result.output
    for name in ("new", "backup"):
        with closing(SQLStore(f"sqlite:///{tmp_path / name}.sqlite")) as store:
            assert [each.site for each in store.export()] == ["shop"]
