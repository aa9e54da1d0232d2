"""Changes to a database that somebody makes behind the site's back, and who finds them: `python -m
tests.support.tampering 1000`.

A small site, with visitors who keep their receipts and a witness. Each trial changes one thing in a copy of its file:
one bit of the file, or rows, or rows by an operator who then makes the whole log anew and signs it with the real key.
It is *found* by `verify`, by a receipt, or by the witness; or it is *harmless*: the database says the same as before.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from consent_widget import SQLStore
from consent_widget.errors import ConsentError
from consent_widget.notice.model import Notice
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.merkle import consistency
from consent_widget.proof.tlog_proof import Proof
from consent_widget.proof.witness import Refused, Submission, WitnessKeys
from consent_widget.store.packed import subject_from_bytes
from consent_widget.store.verifying import Verification
from consent_widget.testing import make_choice

from .log import KEYS

WITNESS = WitnessKeys(PrivateKey("witness.example", COSIGNATURE, bytes(32)), KEYS.public)
#: Records, and after how many of them the log is signed. The last ones are in no checkpoint that anybody kept.
RECORDS, SIGNED = 320, (1, 40, 256, 257, 300)
NOW = 1_780_000_000
FINDERS = ("verify", "receipt", "witness")


@dataclass(frozen=True)
class Site:
    """A database, what visitors keep of it, and what its witness has cosigned."""

    path: Path
    receipts: list[Proof]
    witnessed: Checkpoint
    #: The numbers of the records that are there.
    there: frozenset[int]
    content: dict[str, list[Any]]


def make_site(folder: Path, notices: list[Notice], chance: random.Random) -> Site:
    """A site with a history: grants, refusals, two notices, records that were erased, checkpoints and receipts."""
    path = folder / "site.sqlite"
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        for notice in notices:
            store.keep_notice(notice.digest, notice.text)
        subjects: dict[str, int] = {}
        receipts: list[Proof] = []
        for number in range(1, RECORDS + 1):
            known = chance.random() < 0.5 and subjects
            subject = chance.choice(list(subjects)) if known else None
            notice = chance.choice(notices)
            keys = chance.sample(sorted(notice.options), 2)
            choice = make_choice(
                notice=notice.digest, locale=chance.choice(["en", "zh-CN"]), time=1000 * NOW + number,
                purposes={key: chance.random() < 0.5 for key in keys}, seq=subjects.get(subject or "", 0) + 1,
                **({"subject": subject} if subject else {}),
            )  # fmt: skip
            choice = store.add(choice)
            subjects[choice.subject] = choice.seq
            if number in SIGNED:
                store.sign_checkpoint(KEYS)
                receipts += [_receipt(store, record) for record in store.records(number - 5, number)]
            if number == 200:
                for gone in chance.sample(list(subjects), 3):
                    store.erase(gone)
                    del subjects[gone]
        last, there = store.checkpoint(), frozenset(record.number for record in store.records())
        assert last
    return Site(path, receipts, Checkpoint.parse(last.text), there, content(path))


def _receipt(store: SQLStore, record: Any) -> Proof:
    proof = store.proof(record.number, *_entry(record))
    assert proof
    return proof


def _entry(record: Any) -> tuple[bytes, bytes]:
    text = canonical_record(record.choice)
    return commitment(record.salt, text), record.salt + text


def content(path: Path) -> dict[str, list[Any]]:
    """All that the database says, by table; but not when by its own clock a checkpoint was signed, on which nothing that
    it says of anybody depends.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = [name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        what = {"consent_checkpoints": "size, cosigned, note"}
        return {
            name: sorted(map(repr, connection.execute(f'SELECT {what.get(name, "*")} FROM "{name}"')))
            for name in sorted(names)
        }


# --- Changes


def flip(path: Path, chance: random.Random) -> str:
    """One bit of the file."""
    data = bytearray(path.read_bytes())
    place = chance.randrange(8 * len(data))
    data[place // 8] ^= 1 << place % 8
    path.write_bytes(data)
    return f"bit {place % 8} of byte {place // 8}"


CALLED_ERASED = "a record is called erased"
#: The statements of each kind of change; ? is a random number of a record. Each is one that an operator might try.
ROWS: dict[str, tuple[str, ...]] = {
    "a refusal becomes a grant": ("UPDATE consent_records SET answers = CASE WHEN answers = x'03' THEN x'00' ELSE x'03' END WHERE number = ?",),
    "a record is older": ("UPDATE consent_records SET time = time - 300 * 86400000 WHERE number = ?",),
    "a record lasts longer": ("UPDATE consent_records SET valid_until = valid_until + 365 WHERE number = ?",),
    "a record is of another visitor": (
        "UPDATE consent_records SET subject = (SELECT subject FROM consent_records AS o WHERE o.subject != consent_records.subject LIMIT 1) WHERE number = ?",
    ),
    "a record is not found under its visitor": ("UPDATE consent_records SET subject = CAST(written(subject) || x'ff' AS BLOB) WHERE number = ?",),
    CALLED_ERASED: ("DELETE FROM consent_records WHERE number = ?",),
    "a record has another context": ("UPDATE consent_records SET context = (SELECT id FROM consent_contexts WHERE id != context LIMIT 1) WHERE number = ?",),
    "a record has another salt": ("UPDATE consent_records SET salt = randomblob(16) WHERE number = ?",),
    "a record has another id": ("UPDATE consent_records SET id = randomblob(16) WHERE number = ?",),
    "a record and its entry are gone": ("DELETE FROM consent_records WHERE number = ?1", "DELETE FROM consent_entries WHERE number = ?1"),
    "a record is of no entry": ("INSERT INTO consent_records SELECT number + 100000, time, seq, context, valid_until, randomblob(16), subject, salt, answers FROM consent_records WHERE number = ?",),
    "a record is put in at the end": (
        "INSERT INTO consent_records SELECT (SELECT max(number) + 1 FROM consent_entries), time, seq + 100, context, valid_until, randomblob(16), subject, salt, answers FROM consent_records WHERE number = ?",
        "INSERT INTO consent_entries SELECT max(number) + 1, randomblob(32) FROM consent_entries",
    ),
    "two records change their places": (
        "UPDATE consent_records SET number = -1 WHERE number = ?1",
        "UPDATE consent_records SET number = ?1 WHERE number = (SELECT min(number) FROM consent_records WHERE number > ?1)",
        "UPDATE consent_records SET number = (SELECT min(number) FROM consent_records WHERE number > ?1) - 1 WHERE number = -1",
    ),
    "an entry is another": ("UPDATE consent_entries SET entry = randomblob(32) WHERE number = ?",),
    "an entry is gone": ("DELETE FROM consent_entries WHERE number = ?",),
    "the last entries are gone": ("DELETE FROM consent_records WHERE number >= 290", "DELETE FROM consent_entries WHERE number >= 290"),
    "a notice says something else": ("UPDATE consent_notices SET text = replace(text, 'a', 'e') WHERE digest = (SELECT notice FROM consent_contexts LIMIT 1)",),
    "a notice is gone": ("DELETE FROM consent_notices WHERE digest = (SELECT notice FROM consent_contexts LIMIT 1)",),
    "what records have in common": ("UPDATE consent_contexts SET locale = 'fr', hash = randomblob(16) WHERE id = (SELECT context FROM consent_records WHERE number = ?)",),
    "what records have in common is gone": ("DELETE FROM consent_contexts WHERE id = (SELECT context FROM consent_records WHERE number = ?)",),
    "the options of many records": ("UPDATE consent_contexts SET keys = '[\"analytics\", \"marketing\"]' WHERE id = (SELECT context FROM consent_records WHERE number = ?)",),
    "the last entries are gone, and their checkpoint": (
        "DELETE FROM consent_records WHERE number >= 290", "DELETE FROM consent_entries WHERE number >= 290",
        "DELETE FROM consent_checkpoints WHERE size > 290",
    ),
    "a checkpoint is of another size": ("UPDATE consent_checkpoints SET size = size + 1 WHERE size = 257",),
    "a checkpoint has another root": ("UPDATE consent_checkpoints SET note = replace(note, substr(note, 32, 4), 'AAAA') WHERE size = 256",),
    "a checkpoint has another signature": ("UPDATE consent_checkpoints SET note = (SELECT note FROM consent_checkpoints WHERE size = 256) WHERE size = 300",),
    "a tile is another": ("UPDATE consent_tiles SET hashes = randomblob(length(hashes))",),
    "a tile is gone": ("DELETE FROM consent_tiles",),
    "a tile too many": ("INSERT INTO consent_tiles VALUES (3, 0, randomblob(32))",),
}  # fmt: skip


def change_rows(kind: str) -> Callable[[Path, random.Random], str]:
    def change(path: Path, chance: random.Random) -> str:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.create_function("written", 1, subject_from_bytes)
            numbers = [
                number for (number,) in connection.execute("SELECT number FROM consent_records WHERE number < 256")
            ]
            number = chance.choice(numbers)
            for statement in ROWS[kind]:
                connection.execute(statement, (number,) if "?" in statement else ())
        return f"{kind} ({number})"

    return change


def rebuild(path: Path, chance: random.Random) -> str:
    """The operator changes records as they please, makes every entry, tile and checkpoint anew, and signs with the real
    key: in itself all of it is right.
    """
    what = chance.choice(["answers", "time", "valid_until", "gone", "rolled back", "unsigned"])
    with closing(sqlite3.connect(path)) as connection, connection:
        numbers = [number for (number,) in connection.execute("SELECT number FROM consent_records WHERE number < 300")]
        number = chance.choice(numbers)
        if what == "answers":
            connection.execute(ROWS["a refusal becomes a grant"][0], (number,))
        elif what in ("time", "valid_until"):
            connection.execute(f"UPDATE consent_records SET {what} = {what} - 300 WHERE number = ?", (number,))
        elif what == "gone":
            connection.execute("DELETE FROM consent_records WHERE number = ?", (number,))
            connection.execute("UPDATE consent_entries SET entry = randomblob(32) WHERE number = ?", (number,))
        elif what == "rolled back":
            first = chance.randrange(200, 299)
            connection.execute("DELETE FROM consent_records WHERE number >= ?", (first,))
            connection.execute("DELETE FROM consent_entries WHERE number >= ?", (first,))
        else:  # what nobody outside has seen
            number = chance.randrange(300, RECORDS)
            connection.execute(ROWS["a record is older"][0], (number,))
        connection.execute("DELETE FROM consent_checkpoints")
        connection.execute("DELETE FROM consent_tiles")
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        entries = [{"number": record.number, "entry": _entry(record)[0]} for record in store.records()]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("UPDATE consent_entries SET entry = :entry WHERE number = :number", entries)
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        store.sign_checkpoint(KEYS)
    return f"rebuilt: {what}"


# --- Who finds it


def found_by(site: Site, path: Path) -> set[str]:
    """Who finds what was changed in this copy of the site's database."""
    found = set()
    try:
        with closing(SQLStore(f"sqlite:///{path}")) as store:
            if store.trouble:
                return {"verify"}
            outside = {f"receipt {each.index}": each.checkpoint for each in site.receipts}
            faults = list(Verification(store, KEYS.public, outside=outside).run())
            if any(not fault.text.startswith("receipt") for fault in faults):
                found.add("verify")
            if any(fault.text.startswith("receipt") for fault in faults) or _denied(site, store):
                found.add("receipt")
            if not _cosigned(site, store):
                found.add("witness")
    except (ConsentError, sqlite3.Error):
        found.add("verify")
    return found


def _denied(site: Site, store: SQLStore) -> bool:
    """Does a visitor have a receipt, had nothing erased, and the site has no such record?"""
    return any(
        each.index in site.there and not list(store.records(each.index, each.index + 1)) for each in site.receipts
    )


def _cosigned(site: Site, store: SQLStore) -> bool:
    """Does the witness cosign the log as it is now?"""
    try:
        note = store.sign_checkpoint(KEYS)
        size = Checkpoint.parse(note.text).size
        hashes = consistency(site.witnessed.size, size, store.hashes(size)) if size >= site.witnessed.size else []
        WITNESS.cosign(Submission(site.witnessed.size, tuple(hashes), note), site.witnessed, NOW)
    except (Refused, ConsentError):
        return False
    return True


@dataclass(frozen=True)
class Outcome:
    kind: str
    change: str
    found: frozenset[str]
    #: Where the database says something else than before, if nobody found it.
    differs: tuple[str, ...]

    @property
    def is_missed(self) -> bool:
        return not self.found and bool(self.differs)


def trials(site: Site, folder: Path, many: int, chance: random.Random) -> Iterator[Outcome]:
    """Half are bits of the file; a tenth is rebuilt; the others are rows, of each kind in turn."""
    kinds = list(ROWS)
    for number in range(many):
        path = folder / f"{number}.sqlite"
        shutil.copy(site.path, path)
        if number % 2:
            kind, change = "a bit of the file", flip
        elif number % 20 < 4:
            kind, change = "a log made anew", rebuild
        else:
            kind = kinds[number // 2 % len(kinds)]
            change = change_rows(kind)
        try:
            said = change(path, chance)
        except sqlite3.IntegrityError as error:  # the database itself refuses
            yield Outcome(kind, str(error), frozenset({"database"}), ())
            continue
        if kind == "a log made anew":
            kind = said
        try:
            now = content(path)
            differs = sorted(name for name in {*now, *site.content} if now.get(name) != site.content.get(name))
        except (sqlite3.Error, UnicodeError):
            differs = ["unreadable"]
        found = found_by(site, path)
        yield Outcome(kind, said, frozenset(found), tuple(differs))
        for each in folder.glob(f"{number}.sqlite*"):
            each.unlink()


def main() -> None:
    from tests.conftest import shipped

    many, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 17
    chance = random.Random(seed)
    with TemporaryDirectory() as name:
        site = make_site(Path(name), [shipped("shop"), shipped("minimal")], chance)
        table: dict[str, Counter[str]] = {}
        for outcome in trials(site, Path(name), many, chance):
            row = table.setdefault(outcome.kind, Counter())
            row["all"] += 1
            row.update(outcome.found)
            row["harmless"] += not outcome.found and not outcome.differs
            row["missed"] += outcome.is_missed
            if outcome.is_missed:
                print("MISSED", outcome.change, outcome.differs, file=sys.stderr)
    columns = ("all", "database", *FINDERS, "harmless", "missed")
    print("| Change | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for kind, row in sorted(table.items()):
        print(f"| {kind} | " + " | ".join(str(row[column] or "–") for column in columns) + " |")


if __name__ == "__main__":
    main()
