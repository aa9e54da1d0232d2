"""Records are taken in whole or not at all, from whatever kind of file; and what is wrong is named by its line."""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import Result
from flask import Flask
from flask.cli import ScriptInfo

from consent_widget import SQLStore, processing
from consent_widget.choice.act import Choice, new_subject
from consent_widget.choice.written import FORMULA, as_cell, from_cell
from consent_widget.cli.group import commands
from consent_widget.cli.new_files import new_bundle
from consent_widget.days import DAY, day_of, iso_date, today
from consent_widget.notice.model import Notice
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.testing import make_choice

from ..conftest import MakeApp

YES = {"functional": True, "analytics": True, "marketing": False}
SUBJECT = f"-{'a' * 20}A"
#: The fields that the first version of this package exported.
FIRST_FIELDS = (
    "id", "time", "subject", "seq", "action", "surface", "locale", "notice", "purposes", "signals", "actor", "age_band",
    "valid_until", "site", "region",
)  # fmt: skip


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The site to import into."""
    return make_app(CONSENT_DATABASE="sqlite://")


@pytest.fixture
def either(make_app: MakeApp, store: SQLStore) -> Flask:
    """The same, with each kind of database."""
    return make_app(CONSENT_STORE=store)


@pytest.fixture
def records(minimal: Notice) -> list[Choice]:
    """Two acts of one visitor, whose name a spreadsheet would take for a formula, and one of another."""
    made = DAY * 1000 * (today() - 40) + 123
    given = {"site": "", "notice": minimal.digest, "region": "CN", "age_band": None, "valid_until": today() + 100}
    return [
        make_choice(**given, time=made, subject=SUBJECT, action="save", purposes=YES, layout="box", script="ab" * 8),
        make_choice(**given, time=made + 1, purposes=dict.fromkeys(YES, False), action="reject_all"),
        make_choice(**given, time=made + 2, subject=SUBJECT, seq=2, action="refuse", purposes={"analytics": False}),
    ]


@pytest.fixture
def source(make_app: MakeApp, records: list[Choice]) -> Iterator[Flask]:
    """A site whose records are exported."""
    with closing(SQLStore("sqlite://")) as store:
        app = make_app(CONSENT_STORE=store)
        for record in records:
            store.add(record)
        yield app


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["consent", *words])


def kept(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def taken_in(app: Flask, path: Path, *words: str) -> str:
    result = run(app, "import", str(path), *words)
    assert result.exit_code == 0, result.output
    return str(result.output)


def refused(app: Flask, path: Path, *words: str) -> str:
    before = kept(app)
    result = run(app, "import", str(path), *words)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert kept(app) == before
    return str(result.output)


@pytest.fixture
def lines(source: Flask, tmp_path: Path) -> Path:
    path = tmp_path / "choices.jsonl"
    path.write_text(run(source, "export").output, "utf-8")
    return path


@pytest.fixture
def table(source: Flask, tmp_path: Path) -> Path:
    path = tmp_path / "choices.csv"
    run(source, "export", "--format", "csv", "--to", str(tmp_path / "table"))
    path.write_bytes((tmp_path / "table/choices.csv").read_bytes())
    return path


@pytest.mark.parametrize(
    ("form", "more", "name"), [("jsonl", (), "out.zip"), ("csv", (), "out"), ("csv", ("--proofs",), "out.zip")]
)
def test_what_was_exported_comes_back_as_it_was(
    either: Flask, source: Flask, records: list[Choice], tmp_path: Path, form: str, more: tuple[str, ...], name: str
) -> None:
    run(source, "export", "--format", form, *more, "--to", str(tmp_path / name))

    assert taken_in(either, tmp_path / name) == "Imported: 3 records.\n"
    assert kept(either) == kept(source) == records
    assert run(either, "export", "--format", form).output == run(source, "export", "--format", form).output


def test_every_imported_record_gets_an_entry_of_the_log_which_an_auditor_can_make_from_the_export(
    either: Flask, lines: Path, store: SQLStore
) -> None:
    taken_in(either, lines)
    told = [json.loads(line) for line in run(either, "export", "--proofs").output.splitlines()]
    made = [
        hashlib.sha256(
            bytes.fromhex(row.pop("salt"))
            + json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        ).digest()
        for row in told
        if row.pop("number") >= 0
    ]

    assert made == [entry for _, entry in store.entries()]
    assert [commitment(each.salt, canonical_record(each.choice)) for each in store.records()] == made


def test_an_import_that_was_interrupted_goes_on_where_it_ended(
    either: Flask, lines: Path, records: list[Choice]
) -> None:
    half = lines.with_name("half.jsonl")
    half.write_text("".join(lines.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")

    assert taken_in(either, half) == "Imported: 2 records.\n"
    assert taken_in(either, lines) == "Imported: 1 record.\nThere already: 2.\n"
    assert taken_in(either, lines) == "Imported: 0 records.\nThere already: 3.\n"
    assert kept(either) == records


def test_a_dry_run_stores_nothing(app: Flask, lines: Path) -> None:
    assert taken_in(app, lines, "--dry-run") == "Would import: 3 records.\n"
    assert kept(app) == []


def test_a_file_of_the_first_version_is_read(app: Flask, table: Path, lines: Path, records: list[Choice]) -> None:
    rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    old = lines.with_name("old.jsonl")
    old.write_text("".join(json.dumps({name: row[name] for name in FIRST_FIELDS}) + "\n" for row in rows), "utf-8")

    taken_in(app, old)

    assert [{**vars(each), "script": "", "layout": ""} for each in records] == [vars(each) for each in kept(app)]


#: What befalls a file, and what is said of it. Line 2 is the one that changes.
HARM: list[tuple[Callable[[str], str], str]] = [
    (lambda line: line[:-20], "line 2: Is no JSON."),
    (lambda line: line.replace('"seq": 1', '"seq": NaN'), "line 2: Has NaN or Infinity"),
    (lambda line: line.replace('"seq": 1', '"seq": 1, "seq": 2'), "line 2: Says a field twice."),
    (lambda line: line.replace('"seq": 1', '"seq": true'), "line 2: seq is not a whole number"),
    (lambda line: line.replace('"seq": 1', f'"seq": 1{"0" * 5000}'), "line 2: Is no JSON."),
    (lambda line: line.replace('"seq": 1', '"seq": -1'), "line 2: seq is not a whole number"),
    (lambda line: line.replace('"seq": 1', '"seq": 2147483647'), "line 2: seq is not a whole number"),
    (lambda line: line.replace('"seq": 1', '"seq": 1, "email": "a@b.example"'), "line 2: Of its fields, these are no fields of a record: 5. Take"),
    (lambda line: line.replace('"reject_all"', '"accept"'), "line 2: action is not one of accept_all"),
    (lambda line: line.replace('"zh-CN"', '"zh-CN\\u0000"'), "line 2: locale is not a language"),
    (lambda line: line.replace('"analytics"', '"analytics\\ud800"'), "line 2: purposes is not written as it must be"),
    (lambda line: line.replace('"analytics"', '"nobody_asked"'), "line 2: purposes names something that its notice"),
    (lambda line: line.replace("false", '"no"'), "line 2: purposes is not a table of answers"),
    (lambda line: line.replace('"CN"', '"=cmd"'), "line 2: region is not a code"),
    (lambda line: line.replace("+00:00", ""), "line 2: time is not a time with its zone"),
    (lambda line: line.replace('"time": "20', '"time": "29'), "line 2: time is not between 1970 and now"),
    (lambda line: line.replace('"notice": "', '"notice": "0'), "line 2: notice is not a digest"),
    (lambda line: "[" * 60_000, "line 2: Is no JSON."),
    (lambda line: f'"{"x" * 70_000}', "line 2: Is too long"),
    (lambda line: "[]", "line 2: Is no JSON object."),
    (lambda line: line.replace('"signals": ["gpc"]', '"signals": ["gpc", "a name"]'), "line 2: signals is not written"),
    (lambda line: line.replace('"time": "', '"time": "", "x": "'), "line 2: Of its fields, these are no fields of a record: 3."),
    (lambda line: line.replace('"subject": "', '"subject": "'[:-1] + '"someone@shop.example", "x": "'), "line 2:"),
    (lambda line: f"{line}\0", "line 2: Has a NUL character."),
]  # fmt: skip


def test_a_line_that_is_wrong_is_named_and_nothing_is_stored(app: Flask, lines: Path) -> None:
    first, second, third = lines.read_text("utf-8").splitlines()
    for harm, said in HARM:
        lines.write_text("\n".join([first, harm(second), third, ""]), "utf-8")
        output = refused(app, lines)

        assert said in output
        assert "Nothing was imported." in output
        assert "shop.example" not in output


def test_a_last_line_without_an_end_is_read_and_one_that_was_cut_off_is_not(app: Flask, lines: Path) -> None:
    text = lines.read_text("utf-8")
    lines.write_text(text[:-9], "utf-8")
    assert "line 3: Is no JSON. The file ends in it: was it cut off?" in refused(app, lines)

    lines.write_text(text[:-1], "utf-8")
    assert taken_in(app, lines) == "Imported: 3 records.\n"


def in_a_folder(source: Flask, path: Path) -> Path:
    """An export that somebody has unpacked, and put into a zip file again with a Macintosh."""
    run(source, "export", "--format", "csv", "--to", str(path / "march"))
    with ZipFile(path / "again.zip", "w") as archive:
        for each in (path / "march").rglob("*.*"):
            archive.write(each, each.relative_to(path))
        archive.writestr("__MACOSX/march/._choices.csv", b"\0\5")
    return path / "again.zip"


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes have no names like these")
def test_the_same_records_are_read_however_their_file_was_saved_or_sent(
    app: Flask, source: Flask, lines: Path, table: Path, records: list[Choice], tmp_path: Path
) -> None:
    text, rows = lines.read_text("utf-8"), list(csv.reader(table.read_text("utf-8").splitlines()))
    where = rows[0].index("valid_until")
    rows[1:] = [[cell.replace("-0", "/") if at == where else cell for at, cell in enumerate(row)] for row in rows[1:]]
    saved = io.StringIO()
    csv.writer(saved, delimiter=";").writerows([*rows, [""] * len(rows[0])])
    (tmp_path / "of_powershell").write_text(text.replace("\n", "\r\n"), "utf-16")
    (tmp_path / "of_excel.CSV").write_text(saved.getvalue(), "utf-8-sig")
    (tmp_path / "of_excel.txt").write_text(saved.getvalue().replace(";", "\t"), "utf-16")
    (tmp_path / "packed").write_bytes(gzip.compress(b"\n" + text.encode()))
    ends, begins = os.pipe()
    with os.fdopen(begins, "w") as pipe:
        pipe.write(text)

    assert taken_in(app, in_a_folder(source, tmp_path)) == "Imported: 3 records.\n"
    for path in (
        *map(tmp_path.joinpath, ("of_powershell", "of_excel.CSV", "of_excel.txt", "packed")),
        f"/dev/fd/{ends}",
    ):
        assert taken_in(app, Path(path)) == "Imported: 0 records.\nThere already: 3.\n", path
    os.close(ends)
    assert kept(app) == records


def test_a_table_from_windows_is_read(app: Flask, table: Path, records: list[Choice]) -> None:
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert b"\r\n" in table.read_bytes()

    assert taken_in(app, table) == "Imported: 3 records.\n"
    assert kept(app) == records


#: The same of a table.
TABLE_HARM: list[tuple[Callable[[str], bytes], str]] = [
    (lambda text: text.encode("utf-16")[:-1], "line 5: Is not in UTF-8, or damaged."),
    (lambda text: text.encode("utf-16-le"), "line 1: Has a NUL character."),
    (lambda text: gzip.compress(text.encode())[:-12], "Cannot be read: the file is damaged, or was cut off."),
    (lambda text: gzip.compress(text.encode())[:12], "line 1: Cannot be read: the file is damaged, or was cut off."),
    (lambda text: gzip.compress(text.encode())[:10] + b"\xff" * 9, "line 1: Cannot be read: the file is damaged"),
    (lambda text: text.encode().replace(b"zh-CN", b"zh-\xff"), "line 2: Is not in UTF-8, or damaged."),
    (lambda text: text.replace(",", ";").encode(), "line 2: purposes or signals are no JSON."),
    (lambda text: text.encode()[:-2], "line 4: Has no end."),
    (lambda text: text.encode()[:-30], "line 4: Is no CSV"),
    (lambda text: text.replace("reject_all", 'reject"all').encode(), "line 3: action is not"),
    (lambda text: (text + '"').encode(), "line 5: Is no CSV"),
    (lambda text: text.replace("reject_all", "reject_all,more").encode(), "line 3: Has 18 cells"),
    (lambda text: text.replace("id,time", "id,id").encode(), "line 1: Names a column twice."),
    (
        lambda text: text.replace("id,time", "Id,time").encode(),
        "line 1: Of its columns, these are no fields of a record: 1. Take",
    ),
    (lambda text: text.replace("reject_all", "reject_all\0").encode(), "line 3: Has a NUL character."),
    (lambda text: (text + '"' + "x" * 200_000 + '"\r\n').encode(), "line 5: Is too long"),
    (lambda text: (text + '"' + "x\r\n" * 60_000 + '"\r\n').encode(), "line 5: Is no CSV"),
]


def test_a_table_that_is_wrong_is_refused(app: Flask, table: Path) -> None:
    text = table.read_bytes().decode()
    for harm, said in TABLE_HARM:
        table.write_bytes(harm(text))
        assert said in refused(app, table)


def test_no_cell_of_an_export_is_a_formula_and_every_text_comes_back(table: Path) -> None:
    cells = [cell for row in csv.reader(io.StringIO(table.read_text("utf-8"))) for cell in row]
    texts = [
        "=1+1",
        "'=1+1",
        "''",
        "'",
        "",
        "-x",
        "'-x",
        "\tx",
        "\rx",
        "@x",
        "plain",
        "''-x",
        "1234567890123456",
        "'1.5",
        "0123e9",
        "1e",
        "＝x",
    ]

    assert f"'{SUBJECT}" in cells
    assert not [cell for cell in cells if cell[:1] in set(FORMULA) - {"'"}]
    assert [from_cell(str(as_cell(text))) for text in texts] == texts
    assert [as_cell(text) for text in texts[-5:]] == ["'1234567890123456", "''1.5", "'0123e9", "1e", "'＝x"]


def test_another_record_with_the_same_id_is_a_conflict(either: Flask, lines: Path, records: list[Choice]) -> None:
    taken_in(either, lines)
    changed = lines.read_text("utf-8").replace('"reject_all"', '"withdraw_all"')
    lines.write_text(changed, "utf-8")

    assert "line 2: Another record with this id is stored here, and says something else." in refused(either, lines)
    assert kept(either) == records


def test_of_two_lines_with_one_id_the_same_is_one_record_and_another_is_a_conflict(app: Flask, lines: Path) -> None:
    rows = lines.read_text("utf-8").splitlines(keepends=True)
    lines.write_text("".join([*rows, rows[1].replace("reject_all", "close")]), "utf-8")
    assert "line 4: Another line has the same id and says something else." in refused(app, lines)

    lines.write_text("".join([*rows, rows[1]]), "utf-8")
    assert taken_in(app, lines) == "Imported: 3 records.\nThere already: 1.\n"


def test_a_withdrawal_is_never_overtaken_by_what_it_withdrew(either: Flask, lines: Path, records: list[Choice]) -> None:
    rows = lines.read_text("utf-8").splitlines(keepends=True)
    lines.write_text("".join([rows[2], rows[0]]), "utf-8")
    assert "line 2: seq: this visitor has an act of the same or of a later number already." in refused(either, lines)

    lines.write_text(rows[2], "utf-8")
    taken_in(either, lines)
    lines.write_text(rows[0], "utf-8")
    assert "line 1: seq: this visitor has an act" in refused(either, lines)
    with either.app_context():
        assert not processing.granted(SUBJECT, "analytics")


def test_the_text_of_a_notice_comes_with_its_records_or_not_at_all(
    make_app: MakeApp, source: Flask, tmp_path: Path, minimal: Notice
) -> None:
    app = make_app(CONSENT_DATABASE="sqlite://", CONSENT_NOTICE="shop")
    store = app.extensions["consent_widget"].store
    run(source, "export", "--to", str(tmp_path / "out"))
    beside = tmp_path / "out/notices" / f"{minimal.digest}.json"
    text = beside.read_text("utf-8")
    assert "line 1: notice: its text is neither here nor" in refused(app, tmp_path / "out/choices.jsonl")

    beside.write_text(text.replace("Analytics", "analytics").replace("analytics", "analysis"), "utf-8")
    assert "line 1: notice: its text" in refused(app, tmp_path / "out")

    beside.write_text(text, "utf-8")
    assert taken_in(app, tmp_path / "out") == "Imported: 3 records.\n"
    assert store.notice(minimal.digest) == text == minimal.text


def test_records_of_another_site_or_time_are_left_out(app: Flask, lines: Path, records: list[Choice]) -> None:
    text = lines.read_text("utf-8").replace('"site": ""', '"site": "shop"', 1)
    lines.write_text(text, "utf-8")
    later = iso_date(day_of(records[0].time) + 1)

    assert taken_in(app, lines, "--since", later) == "Imported: 0 records.\nLeft out, of another site or time: 3.\n"
    assert taken_in(app, lines, "--from-site", "shop") == "Imported: 1 record.\nLeft out, of another site or time: 2.\n"
    assert [each.site for each in kept(app)] == [""]


def elsewhere(path: Path, notice: Notice, rows: list[str]) -> Path:
    path.write_text(
        "time,subject,notice,locale,purposes,valid_until\n"
        + "".join(f"{row.format(notice=notice.digest)}\n" for row in rows),
        "utf-8",
    )
    return path


def test_a_plain_table_from_elsewhere_is_taken_in_once(app: Flask, tmp_path: Path, minimal: Notice) -> None:
    someone = str(uuid.uuid4())
    path = elsewhere(tmp_path / "other.csv", minimal, [
        f"2026-01-05T08:00:00Z,{someone},{{notice}},zh-CN,functional=yes analytics=yes marketing=no,2099-01-05",
        f"2026-02-05T08:00:00+08:00,{someone},{{notice}},zh-CN,analytics=no,2099-01-05",
    ])  # fmt: skip

    assert taken_in(app, path) == "Imported: 2 records.\n"
    assert taken_in(app, path) == "Imported: 0 records.\nThere already: 2.\n"
    first, second = kept(app)
    assert (first.seq, second.seq, first.surface, first.action) == (1, 2, "carried", "save")
    assert uuid.UUID(first.id).version == 8
    with app.app_context():
        assert processing.granted(first.subject, "functional")
        assert not processing.granted(first.subject, "analytics")


#: Rows from elsewhere, and what is said of them.
LACKING = [
    ("2026-01-05T08:00:00Z,someone@shop.example,{notice},en,analytics=no,2099-01-05", "subject is not a random name"),
    ("2026-01-05T08:00:00Z,{uuid},{notice},en,analytics=maybe,2099-01-05", "purposes is not a table of answers"),
    ("2026-01-05T08:00:00Z,{uuid},,en,analytics=no,2099-01-05", "notice is missing."),
    ("05.01.2026 08:00,{uuid},{notice},en,analytics=no,2099-01-05", "time is not a time with its zone"),
    ("2026-01-05T08:00:00Z,{uuid},{notice},en,analytics=no,5/1/2099", "valid_until is not a day"),
    ("2026-01-05T08:00:00Z,{uuid},{notice},en,{{broken,2099-01-05", "purposes or signals are no JSON"),
]


def test_a_plain_table_says_what_it_lacks(app: Flask, tmp_path: Path, minimal: Notice) -> None:
    for row, said in LACKING:
        path = elsewhere(tmp_path / "other.csv", minimal, [row.replace("{uuid}", str(uuid.uuid4()))])
        output = refused(app, path)

        assert f"line 2: {said}" in output
        assert "someone" not in output


def test_lines_of_one_visitor_that_stand_in_no_order_are_refused(app: Flask, tmp_path: Path, minimal: Notice) -> None:
    someone = new_subject()
    path = elsewhere(tmp_path / "other.csv", minimal, [
        f"2026-02-05T08:00:00Z,{someone},{{notice}},en,analytics=no,2099-01-05",
        f"2026-01-05T08:00:00Z,{someone},{{notice}},en,analytics=yes,2099-01-05",
    ])  # fmt: skip

    assert "line 3: This visitor has a later act, further up or in the database." in refused(app, path)


def test_what_is_older_than_the_database_knows_is_not_taken_in_as_the_newest(
    either: Flask, tmp_path: Path, minimal: Notice
) -> None:
    someone = new_subject()
    rows = [f"2026-0{month}-05T08:00:00Z,{someone},{{notice}},en,analytics={answer},2099-01-05"
            for month, answer in ((1, "yes"), (2, "no"))]  # fmt: skip
    taken_in(either, elsewhere(tmp_path / "new.csv", minimal, rows[1:]))

    assert "line 2: This visitor has a later act" in refused(either, elsewhere(tmp_path / "old.csv", minimal, rows[:1]))


def test_of_many_wrong_lines_the_first_are_named_and_all_counted(app: Flask, lines: Path) -> None:
    lines.write_text('{"id": ""}\n' * 1_000, "utf-8")
    output = refused(app, lines)

    assert output.count("time is missing") == 20
    assert "\nand 980 more lines.\n" in output


def test_an_export_is_a_whole_file_under_its_name_or_none(source: Flask, table: Path, tmp_path: Path) -> None:
    for name in ("choices.csv", "here.zip", "here"):
        assert run(source, "export", "--to", str(tmp_path / name)).exit_code == (name == "choices.csv")
    assert (
        run(source, "export", "--to", str(tmp_path / "new.csv")).output == f"Wrote {tmp_path / 'new.csv'}: 3 choices.\n"
    )
    assert (tmp_path / "new.csv").read_bytes() == table.read_bytes()
    assert "its name says csv" in run(source, "export", "--format", "jsonl", "--to", str(tmp_path / "x.csv")).output
    with contextlib.suppress(KeyError), new_bundle(tmp_path / "half.zip") as open_in:
        open_in("a").close()
        raise KeyError
    assert {each.name for each in tmp_path.iterdir()} == {
        "table",
        "choices.csv",
        "here.zip",
        "here",
        "new.csv",
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("command", ["export", "list"])
def test_a_full_disk_is_said_in_one_line(source: Flask, capsys: pytest.CaptureFixture[str], command: str) -> None:
    full = io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)
    with contextlib.redirect_stdout(full), source.app_context(), pytest.raises(SystemExit, match="1"):
        commands.main([command], obj=ScriptInfo(create_app=lambda: source))

    with contextlib.suppress(OSError):  # what it still holds is written nowhere
        full.close()
    assert capsys.readouterr().err == "Error: The output: cannot be read or written (No space left on device).\n"


def test_a_grant_of_a_single_use_is_used_up_when_it_is_imported(
    make_app: MakeApp, store: SQLStore, shop: Notice, tmp_path: Path
) -> None:
    app = make_app(CONSENT_STORE=store, CONSENT_NOTICE="shop")
    (purpose,) = [each for each in shop.purposes if each.consent == "single_use"][:1]
    someone = new_subject()
    path = elsewhere(tmp_path / "other.csv", shop, [
        f"2026-01-05T08:00:00Z,{someone},{{notice}},en,{purpose.id}=yes,2099-01-05"
    ])  # fmt: skip

    taken_in(app, path)

    with app.app_context():
        assert not processing.use(someone, purpose.id)


def test_whatever_stands_in_a_file_is_a_record_or_named(app: Flask, lines: Path) -> None:
    chance, text = random.Random(48), lines.read_bytes()
    for _ in range(40):
        changed = bytearray(text)
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        lines.write_bytes(changed)
        result = run(app, "import", "--dry-run", str(lines))
        assert result.exit_code == 0 or ("line " in result.output and isinstance(result.exception, SystemExit))


def test_what_is_no_file_of_records_is_said_in_one_line(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4 and no more")
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0 and more")
    for name, inside in {"new.xlsx": ["xl/workbook.xml"], "two.zip": ["a/choices.csv", "b/choices.csv"]}.items():
        with ZipFile(tmp_path / name, "w") as archive:
            for each in inside:
                archive.writestr(each, "")
    (tmp_path / "list.json").write_text('[{"id": ""}]', "utf-8")
    for name, said in {
        "none.jsonl": "cannot be read", "new.xlsx": "is a workbook", "old.xls": "is a workbook", "two.zip": "holds several exports",
        "list.json": "line 1: Begins a list.", "cut.zip": "is no whole zip file",
        "empty": "holds neither choices.jsonl nor choices.csv",
    }.items():  # fmt: skip
        output = refused(app, tmp_path / name)
        assert said in output
        assert "Traceback" not in output
