"""docs/records.md: every command that it shows prints what stands there."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consent_widget import SQLStore
from consent_widget.choice.state import State
from consent_widget.days import months_before, today
from consent_widget.notice.model import Notice
from consent_widget.testing import make_choice

from .conftest import MakeApp
from .test_docs import read

SUBJECT, RECEIPT, LATER = (
    "q7Xk2v9TzJ0mWc5RbYhL1A",
    "4f0c1d2e-9d6b-4c1e-8a53-0f3a6d1b7c42",
    "b81e7a90-2f44-4be7-9a0d-6c52d8e0f713",
)
#: What differs from day to day, or with the words of the notice.
VARIES = [
    (re.compile(r"\b[0-9a-f]{64}\b"), "<digest>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?!\d)"), "<date>"),
    (re.compile(r"(?<=1\.0\.0 )[0-9a-f]{8}\b"), "<digits>"),
]


def alike(output: str) -> list[str]:
    for pattern, name in VARIES:
        output = pattern.sub(name, output)
    return output.splitlines()


def add_records(store: SQLStore, notice: Notice) -> None:
    """A visitor who took something back, another who refused everything, and one whose time is over."""
    made = datetime.now(UTC).replace(hour=8, minute=15, second=12, microsecond=0) - timedelta(days=40)

    def add(time: datetime, **values: Any) -> None:
        given = {"site": "", "notice": notice.digest, "region": "CN", "signals": (), "age_band": None}
        store.add(
            make_choice(**{**given, "time": int(time.timestamp() * 1000), "valid_until": today() + 140, **values})
        )

    over = months_before(today(), 36) - 1
    add(datetime(2020, 1, 1, tzinfo=UTC), valid_until=over, purposes={"analytics": False})
    add(made, subject=SUBJECT, id=RECEIPT, purposes={"functional": True, "analytics": True, "marketing": False})
    later = made + timedelta(days=14, hours=11, minutes=24, seconds=49)
    add(later, subject=SUBJECT, seq=2, id=LATER, action="refuse", purposes={"analytics": False})
    add(later, action="reject_all", purposes={"functional": False, "analytics": False, "marketing": False})


def commands_of(section: str) -> list[tuple[str, str]]:
    """Each command of a section, with what it prints."""
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    shown = [each for block in blocks for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(line, expected) for line, _, expected in (each.partition("\n") for each in shown)]


SECTIONS = {part.partition("\n")[0]: commands_of(part) for part in read("docs/records.md").split("\n## ")}


def test_the_page_shows_every_command_for_records() -> None:
    shown = {line.split()[2] for commands in SECTIONS.values() for line, _ in commands}

    assert shown == {
        "receipt", "notice", "subject", "list", "export", "import", "erase", "stats", "purge", "audit", "prune-log",
    }  # fmt: skip


@pytest.mark.parametrize("section", [title for title, commands in SECTIONS.items() if commands])
def test_every_command_prints_what_stands_there(
    make_app: MakeApp, minimal: Notice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    store = SQLStore("sqlite://")
    app = make_app(CONSENT_STORE=store)
    add_records(store, minimal)
    monkeypatch.chdir(tmp_path)
    token = app.extensions["consent_widget"].token_signer.write(State(SUBJECT, 2, 1_800_000_000, minimal.digest[:8]))
    march = f"--since {datetime.now(UTC) - timedelta(days=60):%Y-%m-%d} --until 2999-01-01"
    for line, expected in SECTIONS[section]:
        typed = line.replace("--since 2027-03-01 --until 2027-04-01", march).replace("d87c6f1d", minimal.digest[:8])
        result = app.test_cli_runner().invoke(args=shlex.split(re.sub(r"1\.q7\S+", token, typed))[1:])
        assert result.exit_code == 0, f"{line}: {result.output}"
        assert alike(result.output) == alike(expected), line
    store.close()
