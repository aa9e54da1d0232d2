"""`flask consent verify` names what was altered, and its exit code says how bad it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from consent_widget import SQLStore
from consent_widget.choice.act import Choice
from consent_widget.notice.model import Notice
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.store.tables import CHECKPOINTS, CONTEXTS, ENTRIES, NOTICES, RECORDS, TILES
from consent_widget.testing import make_choice

from ..conftest import MakeApp
from ..support.log import KEYS, PRIVATE


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store, CONSENT_LOG_KEY=PRIVATE.text)


@pytest.fixture
def choices(app: Flask, store: SQLStore, shop: Notice) -> list[Choice]:
    """A signed log: three visitors, one of whom had everything erased."""
    made = [store.add(make_choice(notice=shop.digest)) for _ in range(3)]
    made.append(store.add(make_choice(notice=shop.digest, subject=made[0].subject, seq=2, action="refuse")))
    store.sign_checkpoint(KEYS)
    store.erase(made[1].subject)
    return made


def verify(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["consent", "verify", *words])


def change(store: SQLStore, *statements: sa.Executable) -> None:
    with store._writing() as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_log_that_nobody_touched_is_well(app: Flask, choices: list[Choice]) -> None:
    result = verify(app)

    assert result.output == ("4 entries (3 with their record, 1 whose record is gone), 1 checkpoint.\nAll is well.\n")
    assert result.exit_code == 0


def test_a_log_without_entries_is_well(app: Flask) -> None:
    assert verify(app).exit_code == 0


def test_what_comes_while_it_runs_is_not_taken_for_altered(
    app: Flask, store: SQLStore, choices: list[Choice], shop: Notice
) -> None:
    first = iter([make_choice(notice=shop.digest, locale="de")])

    def choose(connection: object, cursor: object, statement: str, *_: object) -> None:
        """Somebody is the first to read the notice in this language, once it was read what records have in common."""
        if "max(consent_checkpoints.size)" in statement:
            for choice in first:
                store.add(choice)

    sa.event.listen(store._engine, "before_cursor_execute", choose)
    result = verify(app)

    assert "5 entries (4 with their record" in result.output
    assert result.exit_code == 3  # one is not signed yet


def test_entries_that_nobody_signed_yet_are_counted(
    app: Flask, store: SQLStore, choices: list[Choice], shop: Notice
) -> None:
    store.add(make_choice(notice=shop.digest))
    result = verify(app)

    assert result.exit_code == 3
    assert "Not signed yet: 1 entry" in result.output


def test_signatures_that_nobody_can_check_are_no_success(
    make_app: MakeApp, store: SQLStore, choices: list[Choice]
) -> None:
    result = verify(make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store))

    assert result.exit_code == 3
    assert "No signature was checked" in result.output


ALTERED: dict[str, tuple[Callable[[], list[sa.Executable]], str]] = {
    "a record": (lambda: [RECORDS.update().where(RECORDS.c.number == 2).values(time=RECORDS.c.time - 1)], "record 2 (receipt"),
    "a salt": (lambda: [RECORDS.update().where(RECORDS.c.number == 2).values(salt=bytes(16))], "record 2 (receipt"),
    "a salt that is too short": (lambda: [RECORDS.update().where(RECORDS.c.number == 2).values(salt=b"")], "record 2 (receipt"),
    "an entry": (lambda: [ENTRIES.update().where(ENTRIES.c.number == 1).values(entry=bytes(32))], "the checkpoint of 4 entries: the entries are not"),
    "an entry too few": (lambda: [ENTRIES.delete().where(ENTRIES.c.number == 1)], "entry 1 is gone"),
    "the last entry": (lambda: [ENTRIES.delete().where(ENTRIES.c.number == 3)], "record 3 (receipt"),
    "a record behind the last entry": (lambda: [RECORDS.update().where(RECORDS.c.number == 3).values(number=90)], "record 90 (receipt"),
    "the last record and entry": (
        lambda: [RECORDS.delete().where(RECORDS.c.number == 3), ENTRIES.delete().where(ENTRIES.c.number == 3)],
        "the log has only 3, the last ones are gone",
    ),
    "what records share": (lambda: [CONTEXTS.update().values(locale="fr")], "row 0 of consent_contexts"),
    "what records share is gone": (lambda: [CONTEXTS.delete()], "record 0 (receipt"),
    "a notice": (lambda: [NOTICES.update().values(text="{}")], "its text is not the one"),
    "a notice is gone": (lambda: [NOTICES.delete()], "its text is gone, and records answered it"),
    "the order of acts": (lambda: [RECORDS.update().where(RECORDS.c.number == 3).values(seq=1)], "counts as an earlier act"),
    "a signature": (lambda: [CHECKPOINTS.update().values(note=sa.func.replace(CHECKPOINTS.c.note, "shop", "Shop"))], "is not signed by a known key"),
    "no checkpoint at all": (lambda: [CHECKPOINTS.update().values(note="?")], "the checkpoint of 4 entries: The note is cut off"),
    "its size": (lambda: [CHECKPOINTS.update().values(size=3)], "the checkpoint of 3 entries: It says 4"),
    "a tile too many": (lambda: [TILES.insert().values(level=1, index=0, hashes=bytes(32))], "consent_tiles has 1 tile,"),
}  # fmt: skip


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_named(app: Flask, store: SQLStore, choices: list[Choice], what: str) -> None:
    statements, said = ALTERED[what]
    change(store, *statements())
    result = verify(app)

    assert said in result.output
    assert (result.exit_code, "Something was altered" in result.output) == (4, True)
    for choice in choices:
        assert choice.subject not in result.output
        assert choice.id not in result.output


def test_tiles_are_compared_with_the_entries(app: Flask, store: SQLStore, shop: Notice) -> None:
    change(store, ENTRIES.insert().values([{"number": number, "entry": b"%032d" % number} for number in range(600)]))
    store.sign_checkpoint(KEYS)
    assert verify(app).exit_code == 0
    change(store, TILES.update().values(hashes=bytes(64)))

    assert "tile/1/000.p/2: is not what the entries make" in verify(app).output


def test_a_log_whose_beginning_was_pruned_is_verified_from_there_on(
    app: Flask, store: SQLStore, choices: list[Choice]
) -> None:
    change(store, ENTRIES.insert().values([{"number": number, "entry": b"%032d" % number} for number in range(4, 600)]))
    store.sign_checkpoint(KEYS)
    change(store, RECORDS.delete(), ENTRIES.delete().where(ENTRIES.c.number < 512))
    result = verify(app)

    assert (result.exit_code, "600 entries" in result.output, "512 pruned" in result.output) == (0, True, True)
    change(store, TILES.update().values(hashes=bytes(64)))
    assert "the checkpoint of 600 entries: the entries are not those that were signed" in verify(app).output


def test_a_checkpoint_that_was_kept_elsewhere_shows_a_log_that_was_made_anew(
    app: Flask, store: SQLStore, choices: list[Choice], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(str(store.checkpoint()), "utf-8")
    assert verify(app, "--since-checkpoint", str(kept)).exit_code == 0
    change(
        store, CHECKPOINTS.delete(), RECORDS.delete().where(RECORDS.c.number == 2),
        ENTRIES.update().where(ENTRIES.c.number == 2).values(entry=bytes(32)),
    )  # fmt: skip
    store.sign_checkpoint(KEYS)

    assert verify(app).exit_code == 0
    result = verify(app, "--since-checkpoint", str(kept))
    assert f"{kept}, of 4 entries: the entries are not those that were signed" in result.output
    assert result.exit_code == 4


def test_a_receipt_is_a_checkpoint_that_was_kept(
    app: Flask, store: SQLStore, choices: list[Choice], tmp_path: Path
) -> None:
    said = []
    for number in (0, 1):  # the second visitor had everything erased, or so the site says
        kept = tmp_path / "receipt.tlog-proof"
        kept.write_text(f"c2sp.org/tlog-proof@v1\nindex {number}\n\n{store.checkpoint()}", "utf-8")
        said.append(result := verify(app, "--since-checkpoint", str(kept)))
        assert result.exit_code == 0

    assert ["is not there any more" in each.output for each in said] == [False, True]


def test_a_record_that_a_witness_would_have_seen_is_dated_back(
    make_app: MakeApp, store: SQLStore, choices: list[Choice], shop: Notice
) -> None:
    witness = PrivateKey.make("w.example", COSIGNATURE)
    app = make_app(
        CONSENT_NOTICE="shop", CONSENT_STORE=store, CONSENT_LOG_KEY=PRIVATE.text,
        CONSENT_LOG_POLICY=f"witness w {witness.public}\nquorum w\n",
    )  # fmt: skip
    note, three_days_later = store.sign_checkpoint(KEYS), choices[0].time // 1000 + 3 * 86_400
    store.add_cosignatures(4, [witness.sign(note.text, three_days_later)])
    store.add(make_choice(notice=shop.digest, time=1000 * three_days_later))
    assert "dated back" not in verify(app).output
    store.add(make_choice(notice=shop.digest, time=choices[0].time))

    assert "1 record, the first of which is record 5 (" in verify(app).output


def test_many_faults_of_one_kind_are_counted(app: Flask, store: SQLStore, shop: Notice) -> None:
    for _ in range(25):
        store.add(make_choice(notice=shop.digest))
    change(store, RECORDS.update().values(time=1))
    lines = verify(app).output.splitlines()

    assert "… and 5 more of this kind (record)." in lines
    assert len(lines) == 23


@pytest.mark.parametrize(("content", "said"), [(b"", "is no checkpoint"), (b"\xff", "is no checkpoint"), (b"c2sp.org/tlog-proof@v1\n", "is no checkpoint"), (b"\xef\xbb\xbfshop.example/log\n", "A program has changed its line ends"), (b"c2sp.org/tlog-proof@v1\r\n", "A program has changed its line ends")])  # fmt: skip
def test_a_file_that_is_no_checkpoint_is_an_error(app: Flask, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    result = verify(app, "--since-checkpoint", str(file))

    assert (result.exit_code, said in result.output) == (1, True)


def test_a_checkpoint_of_another_log_is_no_witness_of_this_one(
    app: Flask, store: SQLStore, choices: list[Choice], tmp_path: Path
) -> None:
    file = tmp_path / "other"
    file.write_text(str(store.checkpoint()).replace("shop.example", "other.example"), "utf-8")

    assert verify(app, "--since-checkpoint", str(file)).exit_code == 4
