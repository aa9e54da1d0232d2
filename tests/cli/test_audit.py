"""The file for an auditor: always the same for the same records, without a secret, and all that it says can be checked."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import Result
from flask import Flask

from consent_widget import SQLStore
from consent_widget.days import DAY, day_of_date
from consent_widget.notice.model import Notice
from consent_widget.proof.key import PrivateKey
from consent_widget.store.making import HEAD
from consent_widget.testing import make_choice

from ..conftest import CONTROLLER, KEY, MakeApp

MARCH, APRIL = (1000 * DAY * day_of_date(f"2026-0{month}-01") for month in (3, 4))
LOG_KEY = PrivateKey.make("shop.example/consent/log")
PERIOD = ("--since", "2026-03-01", "--until", "2026-04-01")


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite's, unless a test asks for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore, minimal: Notice) -> Flask:
    """Forty records of March, and one of April and of another site each."""
    given = {"site": "", "notice": minimal.digest, "region": "CN", "purposes": {"analytics": False}}
    for number in range(40):
        store.add(make_choice(**given, time=MARCH + number, locale="en" if number < 3 else "zh-CN"))
    store.add(make_choice(**given, time=APRIL))
    store.add(make_choice(**{**given, "site": "other"}, time=MARCH))
    return make_app(CONSENT_STORE=store)


def audit(app: Flask, target: Path, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["consent", "audit", *PERIOD, *more, "--to", str(target)])


def content(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def signed(make_app: MakeApp, app: Flask, store: SQLStore, minimal: Notice) -> Flask:
    """The same, with a log that is signed."""
    return make_app(
        CONSENT_DATABASE=store._engine.url.render_as_string(hide_password=False), CONSENT_LOG_KEY=LOG_KEY.text
    )


def test_the_same_records_and_period_make_the_same_bytes_and_nothing_is_overwritten(
    signed: Flask, tmp_path: Path
) -> None:
    assert signed.test_cli_runner().invoke(args=["consent", "checkpoint"]).exit_code == 0
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    said = audit(signed, one).output
    audit(signed, two)
    again = audit(signed, one)

    assert one.read_bytes() == two.read_bytes()
    assert f"SHA-256 {hashlib.sha256(one.read_bytes()).hexdigest()}" in said
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    assert one.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_everything_in_it_can_be_checked_with_what_is_in_it(signed: Flask, tmp_path: Path, minimal: Notice) -> None:
    signed.test_cli_runner().invoke(args=["consent", "checkpoint"])
    audit(signed, tmp_path / "audit.zip", "--samples", "5")
    files = content(tmp_path / "audit.zip")
    sums = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    proofs = [name for name in files if name.endswith(".tlog-proof")]
    with ZipFile(tmp_path / "audit.zip") as archive:
        archive.extractall(tmp_path / "x")
    checked = [
        subprocess.run(
            [sys.executable, "verify_receipt.py", name, "log/policy", f"notices/{minimal.digest}.json", "--json"],
            cwd=tmp_path / "x", capture_output=True, check=False,
        )
        for name in proofs[:2]
    ]  # fmt: skip

    assert {name: hashlib.sha256(each).hexdigest() for name, each in files.items() if name != "SHA256SUMS"} == sums
    assert len(proofs) == 5
    assert [each.returncode for each in checked] == [0, 0]
    assert {json.loads(files[name.replace(".tlog-proof", ".json")])["site"] for name in proofs} == {""}
    assert all(hashlib.sha256(files[name]).hexdigest() in name for name in files if name.startswith("notices/"))


@pytest.mark.parametrize("word", ["", "rhubarb"])
def test_the_records_are_those_that_the_root_of_the_log_and_the_auditors_word_choose(
    signed: Flask, tmp_path: Path, word: str
) -> None:
    signed.test_cli_runner().invoke(args=["consent", "checkpoint"])
    audit(signed, tmp_path / "audit.zip", "--samples", "3", "--word", word)
    files = content(tmp_path / "audit.zip")
    _, size, root = files["log/checkpoint"].decode().split("\n")[:3]
    expected, number = set[int](), 0
    while len(expected) < 3:  # as the README says it: 40 records of March have the numbers 0 to 39
        place = int.from_bytes(hashlib.sha256(f"{root}/{f'{word}/' if word else ''}{number}".encode()).digest()) % int(
            size
        )
        expected.add(place if place < 40 else 0)
        number += 1

    assert {int(name[8:-5]) for name in files if re.fullmatch(r"records/\d+\.json", name)} == expected


def test_no_group_under_ten_is_counted(app: Flask, tmp_path: Path) -> None:
    audit(app, tmp_path / "audit.zip")
    rows = list(csv.reader(io.StringIO(content(tmp_path / "audit.zip")["counts.csv"].decode())))

    assert ["2026-03", "language", "en", "", "under 10"] in rows
    assert ["2026-03", "language", "zh-CN", "", "30"] in rows
    assert ["2026-03", "purpose", "analytics", "refused", "40"] in rows
    assert {row[0] for row in rows[1:]} == {"2026-03"}


def test_no_secret_of_the_settings_is_in_it(make_app: MakeApp, tmp_path: Path) -> None:
    database = tmp_path / "in-this-folder-only" / "consent.sqlite"
    database.parent.mkdir()
    app = make_app(CONSENT_DATABASE=f"sqlite:///{database}?timeout=17", CONSENT_LOG_KEY=LOG_KEY.text)
    audit(app, tmp_path / "audit.zip")
    private = LOG_KEY.text.split("+", 4)[4]  # there may be more in it
    files = content(tmp_path / "audit.zip")

    for secret in (KEY, private, "in-this-folder-only", "timeout=17"):
        assert not [name for name, each in files.items() if secret.encode() in each]
    assert LOG_KEY.public.name.encode() in files["settings.json"]


def test_without_a_key_of_the_log_it_says_that_nothing_is_signed(app: Flask, tmp_path: Path) -> None:
    audit(app, tmp_path / "audit.zip")
    files = content(tmp_path / "audit.zip")

    assert "no checkpoint is signed" in files["README.en.md"].decode()
    assert "没有已签名的检查点" in files["README.zh.md"].decode()
    assert json.loads(files["about.json"])["schema"] == HEAD
    assert not [name for name in files if name.startswith(("log/", "records/"))]


def test_both_readmes_name_every_file_and_leave_no_gap(signed: Flask, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans/march.json").write_text("{}", "utf-8")
    (tmp_path / "scans/._march.json").write_text("of a Macintosh", "utf-8")
    (tmp_path / "scans/link.json").symlink_to("/etc/passwd")
    signed.test_cli_runner().invoke(args=["consent", "checkpoint"])
    audit(signed, tmp_path / "audit.zip", "--scans", str(tmp_path / "scans"))
    files = content(tmp_path / "audit.zip")

    for language in ("en", "zh"):
        readme = files[f"README.{language}.md"].decode()
        named = set(re.findall(r"^\| `([^`]+)`", readme, re.MULTILINE))
        assert {name if name in named else f"{name.partition('/')[0]}/" for name in files} - named == {
            "README.en.md/", "README.zh.md/"
        }  # fmt: skip
        assert "{" not in readme
        assert all(name in readme for name in CONTROLLER["name"].values())  # type: ignore[attr-defined]
    assert [name for name in files if name.startswith("scans/")] == ["scans/march.json"]
