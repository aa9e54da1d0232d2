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

#: When the first choice was made (in 2017: all have ended, and are old enough to be purged), and how many milliseconds
#: are between two (ten million in two years).
FIRST, STEP = 1_500_000_000_000, 6_000
DAY_MS = 86_400_000
#: How many rows are made at once, and of how many kinds they are.
BATCH, KINDS = 50_000, 64
MARKS = {"id": "<id>", "subject": "<subject>", "time": "2017-07-14T02:40:00.000+00:00", "valid_until": "1970-01-01"}


PLACES = {"id": "%1$s", "subject": "%2$s", "time": "%3$s", "valid_until": "%4$s"}
#: The same rows, made by PostgreSQL, where that takes a quarter of the time.
SERIES = """WITH made AS MATERIALIZED (
    SELECT n AS number, %(began)s + n::bigint * %(step)s AS time, 1 + n %% 2 AS seq,
        decode(md5('id' || n), 'hex') AS id, decode(md5('subject' || n / 2), 'hex') AS subject,
        decode(md5('salt' || n), 'hex') AS salt
    FROM generate_series(%(first)s::int, %(last)s::int) n
), rows AS MATERIALIZED (
    SELECT made.*, context, answers, time / 86400000 + 180 AS valid_until, sha256(salt || convert_to(format(
        text, encode(id, 'hex')::uuid, translate(left(encode(subject, 'base64'), 22), '+/', '-_'),
        to_char(to_timestamp(time / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.')
            || to_char(time %% 1000, 'FM000') || '+00:00',
        to_char(to_timestamp(time / 86400000 * 86400 + 180 * 86400) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    ), 'UTF8')) AS entry
    FROM made JOIN kind ON kind.n = get_byte(id, 0) %% (%(kinds)s / 2) * 2 + number %% 2
), logged AS (INSERT INTO consent_entries (number, entry) SELECT number, entry FROM rows)
INSERT INTO consent_records (number, time, seq, context, valid_until, id, subject, salt, answers)
SELECT number, time, seq, context, valid_until, id, subject, salt, answers FROM rows"""


class Kind(NamedTuple):
    """Records that say the same: their canonical text with places for what is their own."""

    context: int
    answers: bytes
    text: str


def seed(store: SQLStore, records: int) -> None:
    """Add so many records of the notice `shop`."""
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
    (_fill_postgresql if postgresql else _fill_sqlite)(store, kinds, range(first, first + records), chance)
    with store._transaction(3600) as connection:
        if not postgresql:
            connection.exec_driver_sql("PRAGMA cache_size = -200000")
        for index in indices:
            index.create(connection)
    if postgresql:
        with store._transaction(3600) as connection:
            connection.exec_driver_sql("ANALYZE consent_records, consent_entries")


def _fill_sqlite(store: SQLStore, kinds: list[Kind], numbers: range, chance: Random) -> None:
    rows = _rows(kinds, numbers, chance)
    while batch := list(islice(rows, BATCH)):
        parts = {RECORDS: [row[:-1] for row in batch], ENTRIES: [(row[0], row[-1]) for row in batch]}
        with store._writing() as connection:
            driver: Any = connection.connection.driver_connection
            for table, part in parts.items():
                marks = ", ".join("?" * len(table.columns))
                driver.executemany(f"INSERT INTO {table.name} VALUES ({marks})", part)


def _fill_postgresql(store: SQLStore, kinds: list[Kind], numbers: range, _: Random) -> None:
    for first in range(numbers.start, numbers.stop, 10 * BATCH):
        with store._transaction(3600) as connection:
            connection.exec_driver_sql("CREATE TEMPORARY TABLE kind (n int, context int, answers bytea, text text) "
                                       "ON COMMIT DROP")  # fmt: skip
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor:
                cursor.executemany("INSERT INTO kind VALUES (%s, %s, %s, %s)", [
                    (n, kind.context, kind.answers, kind.text % PLACES) for n, kind in enumerate(kinds)
                ])  # fmt: skip
                last = min(first + 10 * BATCH, numbers.stop) - 1
                cursor.execute(SERIES, {"first": first, "last": last, "began": FIRST, "step": STEP, "kinds": KINDS})


def _kind(context: int, keys: list[str], choice: Choice) -> Kind:
    text = canonical_record(choice).decode().replace("%", "%%")
    for name, mark in MARKS.items():
        assert text.count(mark) == 1, (name, text)
        text = text.replace(mark, f"%({name})s")
    return Kind(context, answers_to_bytes(keys, choice.purposes), text)


def _rows(kinds: list[Kind], numbers: range, chance: Random) -> Iterator[tuple[Any, ...]]:
    """The columns of RECORDS in their order, and the entry."""
    subject, day, until = b"", -1, ""
    for number in numbers:
        again = number % 2
        time = FIRST + number * STEP
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
