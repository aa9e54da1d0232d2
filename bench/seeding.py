"""Fills a database with millions of records that are as good as those of visitors: `verify` finds nothing wrong.

Ids, subjects and salts are random, so indices are as scattered as in life; every visitor has chosen twice. Rows are
made ready and written as the driver does it fastest, and the indices are made after that.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from consent_widget import SQLStore, read_notice
from consent_widget.choice.act import Choice
from consent_widget.days import iso_date
from consent_widget.proof.entry import canonical_record
from consent_widget.store.packed import answers_to_bytes
from consent_widget.store.rows import NEXT, add_context, context_of
from consent_widget.store.tables import BY_ID, BY_SUBJECT, BY_SUBJECT_AND_NUMBER, ENTRIES, RECORDS

from .sites import CONTROLLER

#: When the first choice was made, and how many milliseconds are between two (3.3 years for a million).
FIRST, STEP = 1_700_000_000_000, 60_000
DAY_MS = 86_400_000
#: How many rows are made at once, and of how many kinds they are.
BATCH, KINDS = 50_000, 64
MARKS = {"id": "<id>", "subject": "<subject>", "time": "2023-11-14T22:13:20.000+00:00", "valid_until": "1970-01-01"}


class Kind(NamedTuple):
    """Records that say the same: their canonical text with places for what is their own."""

    context: int
    answers: bytes
    text: str


def seed(store: SQLStore, records: int, step: int = STEP) -> None:
    """Add so many records of the notice `shop`, made every `step` milliseconds."""
    notice, chance = read_notice("shop", CONTROLLER), Random(17)
    store.keep_notice(notice.digest, notice.text)
    keys = sorted(key for key, option in notice.options.items() if option.in_bulk)
    choices = [
        Choice(
            id=MARKS["id"], subject=MARKS["subject"], seq=1 + number % 2, time=FIRST, valid_until=0,
            notice=notice.digest, locale=("zh-CN", "en")[number // 2 % 2], action="save", surface="centre",
            purposes={key: chance.random() < 0.5 for key in keys}, region=("CN", "EU", "")[number // 4 % 3],
            layout="box",
        )
        for number in range(KINDS)
    ]  # fmt: skip
    postgresql = store._engine.dialect.name == "postgresql"
    indices = (BY_ID, BY_SUBJECT_AND_NUMBER if postgresql else BY_SUBJECT)
    with store._logging() as connection:
        first = connection.execute(NEXT).scalar_one()
        kinds = [_kind(add_context(connection, context_of(choice)), keys, choice) for choice in choices]
        for index in indices:
            index.drop(connection, checkfirst=True)
    rows = _rows(kinds, first, first + records, step, chance)
    while batch := list(islice(rows, BATCH)):
        with store._writing() as connection:
            driver: Any = connection.connection.driver_connection
            for table, part in (
                (RECORDS, [row[:-1] for row in batch]),
                (ENTRIES, [(row[0], row[-1]) for row in batch]),
            ):
                names = ", ".join(table.columns.keys())
                if not postgresql:
                    marks = ", ".join("?" * len(table.columns))
                    driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", part)
                    continue
                with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                    for row in part:
                        copy.write_row(row)
    with store._transaction(3600) as connection:
        if not postgresql:
            connection.exec_driver_sql("PRAGMA cache_size = -200000")
        for index in indices:
            index.create(connection)
    if postgresql:
        with store._transaction(3600) as connection:
            connection.exec_driver_sql("ANALYZE consent_records, consent_entries")


def _kind(context: int, keys: list[str], choice: Choice) -> Kind:
    text = canonical_record(choice).decode().replace("%", "%%")
    for name, mark in MARKS.items():
        assert text.count(mark) == 1, (name, text)
        text = text.replace(mark, f"%({name})s")
    return Kind(context, answers_to_bytes(keys, choice.purposes), text)


def _rows(kinds: list[Kind], first: int, end: int, step: int, chance: Random) -> Iterator[tuple[Any, ...]]:
    """The columns of RECORDS in their order, and the entry."""
    subject, day, until = b"", -1, ""
    for number in range(first, end):
        again = number % 2
        time = FIRST + number * step
        if time // DAY_MS + 180 != day:
            day = time // DAY_MS + 180
            until = iso_date(day)
        own = chance.randbytes(48)
        id, salt = own[:16], own[16:32]
        if not again or not subject:
            subject = own[32:]
            name = urlsafe_b64encode(subject)[:22].decode()
        kind = kinds[chance.randrange(0, KINDS, 2) + again]
        text, hex = kind.text, id.hex()
        record = text % {
            "id": f"{hex[:8]}-{hex[8:12]}-{hex[12:16]}-{hex[16:20]}-{hex[20:]}",
            "subject": name,
            "time": datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds"),
            "valid_until": until,
        }
        entry = hashlib.sha256(salt + record.encode()).digest()
        yield number, time, 1 + again, kind.context, day, id, subject, salt, kind.answers, entry
