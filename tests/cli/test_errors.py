"""Whatever goes wrong, a command says it in one line, without a traceback."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo, run_command

from consent_widget import SQLStore
from consent_widget.cli.group import commands
from consent_widget.testing import make_choice

from ..conftest import CONTROLLER, KEY, MakeApp

ROOT = Path(__file__).parent.parent.parent
ARGUMENTS = {
    "subject": ["x"],
    "erase": ["x", "--yes"],
    "receipt": ["x"],
    "export": [],
    "notice": ["ab"],
    "copy": ["sqlite://"],
    "backup": ["x"],
    "import": ["x.jsonl"],
    "new-log": [__file__, "x"],
    "audit": ["--since", "2026-03-01", "--until", "2026-04-01", "--to", "x.zip"],
    "lists": ["x"],
}
#: Those that need no site.
ALONE = {"keygen", "init", "vendors", "log-key", "witness-key"}
OF_A_SITE = sorted(set(commands.commands) - ALONE)
APP = "from flask import Flask\napp = Flask('shop', instance_path={folder!r})\n"
SHOP = APP + (
    "from consent_widget import ConsentWidget\n"
    "app.config.update(CONSENT_KEYS=[{key!r}], CONSENT_CONTROLLER={controller!r}, CONSENT_DATABASE={database!r})\n"
    "ConsentWidget(app)\n"
)
AWAY = "postgresql+psycopg://nobody:secret@127.0.0.1:9/none"


def site(folder: Path, code: str, database: str = "") -> Path:
    text = code.format(
        folder=str(folder), key=KEY, controller=CONTROLLER, database=database or f"sqlite:///{folder}/c.sqlite"
    )
    (folder / "app.py").write_text(text, "utf-8")
    return folder


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app.py", "consent", *arguments]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False, timeout=170,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def assert_one_line(done: subprocess.CompletedProcess[str], *says: str) -> None:
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    for each in says:
        assert each in done.stderr


@pytest.mark.parametrize("name", OF_A_SITE)
def test_without_a_widget_in_the_app(name: str) -> None:
    result = Flask("bare").test_cli_runner().invoke(commands, [name, *ARGUMENTS.get(name, [])])

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "ConsentWidget(app)" in result.output


@pytest.mark.slow
@pytest.mark.parametrize("name", ["export", "erase", "publish", "purge", "receipt"])
def test_while_the_database_is_away(tmp_path: Path, name: str) -> None:
    done = run(site(tmp_path, SHOP, AWAY), name, *ARGUMENTS.get(name, []))

    assert_one_line(done, "Connection refused")
    assert "secret" not in done.stdout + done.stderr


@pytest.fixture
def records(tmp_path: Path) -> str:
    """More than a pipe holds. Returns the subject of one."""
    store = SQLStore(f"sqlite:///{tmp_path}/c.sqlite")
    for _ in range(400):
        last = store.add(make_choice(site="", notice="ab" * 32))
    store.close()
    site(tmp_path, SHOP)
    return last.subject


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program writes."""
    connection = sqlite3.connect(path)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.rollback()
    connection.close()


def test_wrong_settings_are_one_line_to_flask_run_as_well(make_app: MakeApp) -> None:
    info = ScriptInfo(create_app=lambda: make_app(CONSENT_KEYS=["short"]))
    done = CliRunner().invoke(run_command, ["--port", "0"], obj=info)

    assert isinstance(done.exception, SystemExit)
    assert done.output.startswith("Error: CONSENT_KEYS: every key needs 16 characters or more")
    assert len(done.output.splitlines()) == 1


@pytest.mark.slow
def test_while_another_program_writes(tmp_path: Path, records: str) -> None:
    run(tmp_path, "list")  # makes the tables, and stores the notice
    with locked(tmp_path / "c.sqlite"):
        assert_one_line(run(tmp_path, "erase", "--yes", "--", records))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["export"], ["export", "--format", "csv"], ["list", "--most", "400"]])
def test_who_reads_only_the_beginning_is_told_nothing(tmp_path: Path, records: str, arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command(*arguments), cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_who_interrupts_is_told_that_it_was_aborted(tmp_path: Path, records: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command("export"), cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline()  # the pipe is full now, and the rest waits
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert error.strip() == b"Aborted!"
