"""The common case, in one statement each: choices that directly follow their subjects' latest, or are the first; and
whether a subject is known. In SQLite, whose answers take no time, SQLAlchemy would be most of the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from .tables import LOG_LOCK

NEXT = "SELECT coalesce(max(number) + 1, 0) FROM consent_entries"
#: Nothing is stored where another choice is the latest, where the id is known, or where the context is new.
STORE_IN_SQLITE = """INSERT INTO consent_records (number, time, seq, context, valid_until, id, subject, salt, answers)
SELECT ?, ?, ?, id, ?, ?, ?, ?, ?
FROM consent_contexts WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM consent_former_ids WHERE id = ?)
AND ? - 1 = coalesce(
    (SELECT seq FROM consent_records WHERE subject = ? ORDER BY number DESC LIMIT 1), 0
) ON CONFLICT (id) DO NOTHING"""
#: What it is given of a row, after the number: by place, since for each name Python would let another thread run.
GIVEN = itemgetter("time", "seq", "valid_until", "id", "subject", "salt", "answers", "hash", "id", "seq", "subject")
LOG_IN_SQLITE = "INSERT INTO consent_entries (number, entry) VALUES (?, ?)"

#: What is sent of each row, and the types of its columns.
SENT = {
    "id": "bytea", "subject": "bytea", "seq": "int", "time": "bigint", "hash": "bytea", "answers": "bytea",
    "valid_until": "int", "salt": "bytea", "entry": "bytea",
}  # fmt: skip
#: The same for many rows. Each look-up is a query of its own, so that it is made in an index however many rows come.
STORE_IN_POSTGRESQL = f"""WITH given AS (
    SELECT * FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in SENT.items())})
    WITH ORDINALITY AS given ({", ".join(SENT)}, place)
),
next AS (SELECT coalesce(max(number) + 1, 0) AS number FROM consent_entries),
fitting AS (
    SELECT given.*, context.id AS context, next.number - 1 + row_number() OVER (ORDER BY place) AS number
    FROM next, given JOIN consent_contexts AS context ON context.hash = given.hash
    WHERE (SELECT 1 FROM consent_records AS known WHERE known.id = given.id) IS NULL
    AND (SELECT 1 FROM consent_former_ids AS known WHERE known.id = given.id) IS NULL
    AND given.seq - 1 = coalesce((
        SELECT latest.seq FROM consent_records AS latest WHERE latest.subject = given.subject
        ORDER BY latest.number DESC LIMIT 1
    ), 0)
),
stored AS (
    INSERT INTO consent_records (number, time, seq, context, valid_until, id, subject, salt, answers)
    SELECT number, time, seq, context, valid_until, id, subject, salt, answers FROM fitting
),
logged AS (INSERT INTO consent_entries (number, entry) SELECT number, entry FROM fitting)
SELECT place FROM fitting"""  # noqa: S608  names of our own columns

KNOWN = """SELECT 1 FROM consent_records AS record JOIN consent_contexts AS context ON context.id = record.context
WHERE record.subject = :subject AND context.site = :site LIMIT 1"""


def is_known_in_sqlite(connection: sa.Connection, subject: bytes, site: str) -> bool:
    """Has a subject any choice at this site?"""
    driver: Any = connection.connection.driver_connection
    return driver.execute(KNOWN, {"subject": subject, "site": site}).fetchone() is not None


def store_in_sqlite(driver: Any, rows: Sequence[dict[str, Any]]) -> list[bool]:
    """Store rows of different subjects and ids, inside a transaction that writes. Returns for each whether it was."""
    (number,) = driver.execute(NEXT).fetchone()
    stored: list[bool] = []
    for row in rows:
        stored.append(driver.execute(STORE_IN_SQLITE, (number, *GIVEN(row))).rowcount == 1)
        if stored[-1]:
            driver.execute(LOG_IN_SQLITE, (number, row["entry"]))
            number += 1
    return stored


def store_in_postgresql(driver: Any, rows: Sequence[dict[str, Any]]) -> list[bool]:
    """The same in one round trip, on a connection in autocommit mode: there, what a pipeline sends is one transaction
    (manual of PostgreSQL, 34.5.1.1), which is durable once its end was answered. The second statement begins, and so
    looks, once it has the lock of the first.
    """
    columns = {name: [row[name] for row in rows] for name in SENT}
    with driver.cursor() as locking, driver.cursor() as storing:
        try:
            with driver.pipeline():
                locking.execute(LOG_LOCK)
                storing.execute(STORE_IN_POSTGRESQL, columns)
        except IndexError as error:  # of psycopg, when the end of the transaction fails: it belongs to no statement
            raise StoreError("The database did not commit a choice. Its own log says why.") from error
        stored = {place for (place,) in storing.fetchall()}
    return [place in stored for place in range(1, len(rows) + 1)]
