from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskCliRunner

from consent_widget import SQLStore, read_notice
from consent_widget.choice.token import TokenSigner
from consent_widget.cli.group import commands
from consent_widget.cli.new_files import new_file, write_new
from consent_widget.notice.model import Notice
from consent_widget.service.command import main
from consent_widget.testing import make_choice

from ..conftest import CONTROLLER, HERE, MakeApp
from ..support.choice_body import choice_body


@pytest.fixture
def run(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def subject(app: Flask) -> str:
    client, notice = app.test_client(), app.extensions["consent_widget"].notice
    for action in ("accept_all", "reject_all"):
        client.post("/consent/records", json=choice_body(notice, action), headers=HERE)
    app.test_client().post("/consent/records", json=choice_body(notice, "save", "data_analytics"), headers=HERE)
    return str(next(app.extensions["consent_widget"].store.export()).subject)


def test_a_new_key_will_do(run: FlaskCliRunner) -> None:
    first, second = (run.invoke(args=["consent", "keygen"]).output.strip() for _ in range(2))

    assert first != second
    assert TokenSigner([first])


@pytest.mark.parametrize("name", ["shop", "minimal"])
def test_a_notice_to_edit_is_written_and_is_complete(run: FlaskCliRunner, tmp_path: Path, name: str) -> None:
    target = tmp_path / "mine.toml"
    result = run.invoke(args=["consent", "init", "--from", name, str(target)])

    assert result.exit_code == 0, result.output
    assert read_notice(target, CONTROLLER).id == name
    assert run.invoke(args=["consent", "check", str(target)]).exit_code == 0


def test_an_existing_file_is_never_overwritten(run: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("mine")
    result = run.invoke(args=["consent", "init", str(tmp_path / "mine.toml")])

    assert result.exit_code == 1
    assert "is there already" in result.output
    assert (tmp_path / "mine.toml").read_text() == "mine"


def initialise(run: FlaskCliRunner, command: str, target: Path) -> Result:
    """`flask consent init`, or `consent-widget init`."""
    if command == "flask consent":
        return run.invoke(args=["consent", "init", str(target)])
    return CliRunner().invoke(main, ["init", str(target)])


@pytest.mark.parametrize("command", ["flask consent", "consent-widget"])
@pytest.mark.parametrize("leads_to", ["nothing", "a file", "itself"])
def test_nothing_is_written_through_a_link(run: FlaskCliRunner, tmp_path: Path, command: str, leads_to: str) -> None:
    link, other = tmp_path / "mine.toml", tmp_path / "other"
    link.symlink_to(link if leads_to == "itself" else other)
    if leads_to == "a file":
        other.write_text("theirs", "utf-8")
    result = initialise(run, command, link)

    assert result.exit_code == 1
    assert "mine.toml is there already (a link)" in result.output
    assert other.read_text("utf-8") == "theirs" if leads_to == "a file" else not other.exists()


@pytest.mark.parametrize("command", ["flask consent", "consent-widget"])
def test_of_many_that_write_one_file_one_succeeds(run: FlaskCliRunner, tmp_path: Path, command: str) -> None:
    results = [initialise(run, command, tmp_path / "mine.toml") for _ in range(3)]

    assert [each.exit_code for each in results] == [0, 1, 1]
    assert "is there already (a file)" in results[1].output


def test_of_two_with_the_same_number_that_write_one_file_at_once_one_succeeds(tmp_path: Path) -> None:
    """In containers all processes may have the same number."""
    file = tmp_path / "mine"

    def be_overtaken() -> None:
        with new_file(file):
            write_new(file, "of the other")

    with pytest.raises(click.ClickException, match="is there already"):
        be_overtaken()
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text("utf-8") == "of the other"


@pytest.mark.parametrize("command", ["flask consent", "consent-widget"])
def test_a_missing_folder_is_an_error_of_one_line(run: FlaskCliRunner, tmp_path: Path, command: str) -> None:
    result = initialise(run, command, tmp_path / "no" / "mine.toml")

    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    assert "cannot be written" in result.output


def test_check_says_what_is_wrong_and_where(run: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('id = "mine"\n')
    result = run.invoke(args=["consent", "check", str(tmp_path / "mine.toml")])

    assert result.exit_code == 1
    assert "mine.toml: version: is missing" in result.output


def test_check_without_a_file_tells_of_the_notice_in_use(run: FlaskCliRunner, app: Flask) -> None:
    assert app.extensions["consent_widget"].notice.digest in run.invoke(args=["consent", "check"]).output


def test_check_of_a_file_prints_the_digest_that_the_app_will_have(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text((files("consent_widget.notice") / "minimal.toml").read_text("utf-8"), "utf-8")
    made = [make_app(CONSENT_NOTICE=tmp_path / "mine.toml", CONSENT_LOCALES=each) for each in (["en"], ["en", "zh-CN"])]
    for app in made:
        told = app.test_cli_runner().invoke(args=["consent", "check", str(tmp_path / "mine.toml")]).output
        assert f"digest {app.extensions['consent_widget'].notice.digest}\n" in told


def test_a_file_is_checked_where_no_app_starts(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text((files("consent_widget.notice") / "minimal.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "app.py").write_text("import flask\nraise RuntimeError('no app today')\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    command = [sys.executable, "-m", "flask", "consent", "check", "mine.toml"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "minimal 1.0.0 is complete" in done.stdout
    assert "They were not read: no app today" in done.stdout


def test_check_tells_of_the_draft_and_of_what_visitors_see_meanwhile(make_app: MakeApp, minimal: Notice) -> None:
    store = SQLStore("sqlite://")
    store.publish(minimal)
    draft = replace(minimal, version="2.0.0")
    told = (
        make_app(CONSENT_NOTICE=draft, CONSENT_STORE=store).test_cli_runner().invoke(args=["consent", "check"]).output
    )

    assert f"Visitors see minimal 1.0.0, digest {minimal.digest}." in told
    assert f"digest {draft.digest}" in told
    store.close()


def test_list_shows_the_latest_and_can_show_one_visitor(run: FlaskCliRunner, subject: str) -> None:
    assert len(run.invoke(args=["consent", "list"]).output.splitlines()) == 3
    assert len(run.invoke(args=["consent", "list", "--most", "1"]).output.splitlines()) == 1
    mine = run.invoke(args=["consent", "list", "--subject", subject]).output.splitlines()
    assert ["accept_all" in mine[0], "reject_all" in mine[1], len(mine)] == [True, True, 2]


def test_a_visitor_of_another_site_is_not_shown(run: FlaskCliRunner, app: Flask) -> None:
    other = app.extensions["consent_widget"].store.add(make_choice(site="other"))

    assert run.invoke(args=["consent", "list", "--subject", other.subject]).output == ""
    assert run.invoke(args=["consent", "export", "--subject", other.subject]).output == ""


def test_export_as_json_lines_is_every_record_whole(run: FlaskCliRunner, app: Flask, subject: str) -> None:
    lines = [json.loads(line) for line in run.invoke(args=["consent", "export"]).output.splitlines()]

    kept = [choice.plain() for choice in app.extensions["consent_widget"].store.export()]
    assert [line["id"] for line in lines] == [each["id"] for each in kept]
    assert lines[0]["purposes"] == kept[0]["purposes"]
    assert "key" not in lines[0]


def test_export_as_csv_is_the_same_in_a_table(run: FlaskCliRunner, subject: str) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(run.invoke(args=["consent", "export", "--format", "csv", "--subject", subject]).output)
        )
    )

    assert [row["action"] for row in rows] == ["accept_all", "reject_all"]
    assert json.loads(rows[0]["purposes"])["data_analytics"] is True


def test_a_key_can_be_made_before_there_is_an_app_that_starts(tmp_path: Path) -> None:
    code = (
        "from flask import Flask\nfrom consent_widget import ConsentWidget\napp = Flask(__name__)\nConsentWidget(app)\n"
    )
    (tmp_path / "app.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    command = [sys.executable, "-m", "flask", "consent", "keygen"]
    made = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert made.returncode == 0, made.stderr
    assert TokenSigner([made.stdout.strip()])


# Requests of visitors, and what those who answer for the site ask


def test_a_visitor_is_found_by_their_cookie_and_erased_after_one_more_question(
    run: FlaskCliRunner, app: Flask, subject: str
) -> None:
    client = app.test_client()
    client.post("/consent/records", json=choice_body(app.extensions["consent_widget"].notice, "save"), headers=HERE)
    cookie = client.get_cookie("cw")
    assert cookie
    found = run.invoke(args=["consent", "subject", cookie.value]).output.strip()
    store = app.extensions["consent_widget"].store
    assert len(store.history(found)) == 1

    assert run.invoke(args=["consent", "erase", found], input="n\n").exit_code == 1
    assert len(store.history(found)) == 1
    assert run.invoke(args=["consent", "erase", found, "--yes"]).output == "Erased: 1 record.\n"
    assert store.history(found) == []
    assert store.history(subject)
    assert "no records" in run.invoke(args=["consent", "erase", found, "--yes"]).output


def test_a_token_that_this_site_has_not_signed_names_nobody(run: FlaskCliRunner) -> None:
    result = run.invoke(args=["consent", "subject", "1.pGNkNDxYiGDFehxKrmQkRQ.1.e406a5dd.tp9f9l.g6e..TQZA.forged"])
    assert result.exit_code == 1
    assert "signed" in result.output


def test_a_subject_that_begins_with_a_dash_is_no_option(run: FlaskCliRunner, app: Flask) -> None:
    app.extensions["consent_widget"].store.add(make_choice(site="", subject="-yUqyO9d-sj4BGcUQ0FBcg"))

    assert run.invoke(args=["consent", "list", "--subject", "-yUqyO9d-sj4BGcUQ0FBcg"]).output.count("\n") == 1
    assert run.invoke(args=["consent", "erase", "-yUqyO9d-sj4BGcUQ0FBcg", "--yes"]).output == "Erased: 1 record.\n"
    assert "signed" in run.invoke(args=["consent", "subject", "-yUqyO9d-sj4BGcUQ0FBcg"]).output


def test_choices_are_counted_without_naming_anybody(run: FlaskCliRunner, subject: str) -> None:
    counted = run.invoke(args=["consent", "stats"]).output

    assert "1  accept_all" in counted
    assert "1          2  " in counted or "2          1  " in counted
    assert subject not in counted
    assert run.invoke(args=["consent", "stats", "--until", "2020-01-01"]).output.count("\n") == 6


def test_an_export_of_a_period_has_what_was_chosen_in_it(run: FlaskCliRunner, subject: str) -> None:
    def lines(*options: str) -> int:
        return run.invoke(args=["consent", "export", *options]).output.count("\n")

    assert lines() == lines("--since", "2020-01-01") == 3
    assert lines("--since", "2999-01-01") == lines("--until", "2020-01-01") == 0
    assert lines("--subject", subject, "--since", "2020-01-01") == 2


def test_a_period_may_begin_at_midnight_in_another_time_zone(run: FlaskCliRunner, app: Flask) -> None:
    store = app.extensions["consent_widget"].store
    for time in (
        "2027-02-28T15:59:59.999",
        "2027-02-28T16:00:00.000",
        "2027-03-31T15:59:59.999",
        "2027-03-31T16:00:00",
    ):
        moment = datetime.fromisoformat(f"{time}+00:00")
        store.add(make_choice(site="", time=round(moment.timestamp() * 1000)))

    march = run.invoke(
        args=["consent", "export", "--since", "2027-03-01T00:00+08:00", "--until", "2027-04-01T00:00+08:00"]
    ).output
    times = [json.loads(line)["time"] for line in march.splitlines()]
    assert times == ["2027-02-28T16:00:00.000+00:00", "2027-03-31T15:59:59.999+00:00"]
    nothing = run.invoke(args=["consent", "export", "--since", "2027-03-02", "--until", "2027-03-01"])
    assert (nothing.exit_code, nothing.output.count("\n")) == (1, 1)


def opened(path: Path) -> dict[str, str]:
    """The files of a bundle."""
    if path.is_file():
        with ZipFile(path) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name).decode() for name in archive.namelist()}
    return {str(each.relative_to(path)): each.read_bytes().decode() for each in path.rglob("*") if each.is_file()}


@pytest.mark.parametrize("name", ["march", "march.zip"])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_for_an_auditor_has_the_exact_text_of_every_notice_beside_it(
    run: FlaskCliRunner, app: Flask, subject: str, tmp_path: Path, minimal: Notice, name: str, form: str
) -> None:
    widget = app.extensions["consent_widget"]
    widget.store.keep_notice(minimal.digest, minimal.text)
    for digest in (minimal.digest, "0" * 64):  # of the second, the text is lost
        widget.store.add(make_choice(site="", notice=digest))
    made = run.invoke(args=["consent", "export", "--to", str(tmp_path / name), "--format", form])

    assert made.exit_code == 0, made.output
    assert "5 choices, 2 notices; of 1 notice the text is lost" in made.output
    files = opened(tmp_path / name)
    digests = {widget.notice.digest, minimal.digest}
    assert files.keys() == {f"choices.{form}", "README.txt", *(f"notices/{each}.json" for each in digests)}
    for digest in digests:
        assert hashlib.sha256(files[f"notices/{digest}.json"].encode()).hexdigest() == digest
    printed = run.invoke(args=["consent", "export", "--format", form]).stdout_bytes.decode()
    assert files[f"choices.{form}"].splitlines() == printed.splitlines()
    assert "0" * 64 in files["README.txt"]
    for field in json.loads(run.invoke(args=["consent", "export"]).output.splitlines()[0]):
        assert f"\n  {field} " in files["README.txt"]
    if os.name == "posix":
        assert {each.stat().st_mode & 0o077 for each in (tmp_path / name, *(tmp_path / name).rglob("*"))} == {0}


@pytest.mark.parametrize("name", ["there", "there.zip", "no/folder", "no/folder.zip"])
def test_an_export_overwrites_nothing(run: FlaskCliRunner, subject: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there.zip").write_text("mine")
    result = run.invoke(args=["consent", "export", "--to", str(tmp_path / name)])

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "is there already" in result.output or "cannot be written" in result.output
    assert list((tmp_path / "there").iterdir()) == []
    assert (tmp_path / "there.zip").read_text() == "mine"


@pytest.mark.parametrize("name", ["half", "half.zip"])
def test_an_export_that_cannot_be_finished_leaves_nothing(
    run: FlaskCliRunner, app: Flask, subject: str, tmp_path: Path, name: str
) -> None:
    with app.extensions["consent_widget"].store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE consent_contexts SET keys = 'no JSON' "))
    result = run.invoke(args=["consent", "export", "--to", str(tmp_path / name)])

    assert result.exit_code == 1
    assert not (tmp_path / name).exists()


def test_choices_are_counted_by_everything_at_once(run: FlaskCliRunner, app: Flask, subject: str) -> None:
    counted = list(csv.DictReader(io.StringIO(run.invoke(args=["consent", "stats", "--format", "csv"]).output)))
    notice = app.extensions["consent_widget"].notice

    assert list(counted[0]) == ["site", "version", "locale", "action", "purpose", "answer", "number"]
    assert {row["version"] for row in counted} == {f"{notice.version} {notice.digest[:8]}"}
    assert sum(int(row["number"]) for row in counted if not row["purpose"]) == 3
    analytics = {(row["action"], row["answer"]): row["number"] for row in counted if row["purpose"] == "data_analytics"}
    assert analytics == {("accept_all", "yes"): "1", ("reject_all", "no"): "1", ("save", "yes"): "1"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_what_a_console_cannot_write_is_escaped(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask\nfrom consent_widget import ConsentWidget\napp = Flask('shop')\n"
        f"app.config.update(CONSENT_KEYS=['{'k' * 40}'], CONSENT_NOTICE='notice.toml', CONSENT_DATABASE='sqlite:///c.sqlite', CONSENT_CONTROLLER={CONTROLLER!r})\n"
        "ConsentWidget(app)\n",
        encoding="utf-8",
    )
    notice = (files("consent_widget.notice") / "minimal.toml").read_text("utf-8")
    (tmp_path / "notice.toml").write_text(notice, encoding="utf-8")

    def consent(command: str) -> bytes:
        environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        called = [sys.executable, "-m", "flask", "--app", "app.py", "consent", command]
        done = subprocess.run(called, cwd=tmp_path, env=environment, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
        return done.stdout

    assert b"Published" in consent("publish")
    changed = notice.replace('version = "', 'version = "9', 1).replace("统计", "統計")
    (tmp_path / "notice.toml").write_text(changed, encoding="utf-8")
    found = consent("diff")
    assert ("統計".encode() in found) == (encoding != "cp1252")  # click takes ASCII for a console that says nothing
    assert (rb"\u7d71\u8a08" in found) == (encoding == "cp1252")


@pytest.mark.parametrize("group", [commands, main], ids=["flask consent", "consent-widget"])
def test_help_is_whole_in_80_columns(group: click.Group) -> None:
    def shown(*arguments: str) -> str:
        return CliRunner().invoke(group, [*arguments, "--help"], terminal_width=80, max_content_width=80).output

    listed = shown()
    assert "..." not in listed.partition("Commands:")[2]
    for name, command in group.commands.items():
        assert re.search(rf"^  {name} +[A-Z].*\.$", listed, re.MULTILINE), name
        assert max(map(len, shown(name).splitlines())) <= 80, name
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, f"{name} {option.name}"
