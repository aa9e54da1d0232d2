"""The common case, in one statement each: a choice that directly follows its subject's latest, or is the first; and
whether a subject is known. In SQLite, whose answers take no time, SQLAlchemy would be most of the cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from .tables import LOG_LOCK

NEXT = "SELECT coalesce(max(number) + 1, 0) FROM consent_entries"
#: Nothing is stored where another choice is the latest, where the id is known, or where the context is new.
STORE_IN_SQLITE = """INSERT INTO consent_records (number, time, seq, context, valid_until, id, subject, salt, answers)
SELECT :number, :time, :seq, id, :valid_until, :id, :subject, :salt, :answers
FROM consent_contexts WHERE hash = :hash AND NOT EXISTS (SELECT 1 FROM consent_former_ids WHERE id = :id)
AND :seq - 1 = coalesce(
    (SELECT seq FROM consent_records WHERE subject = :subject ORDER BY number DESC LIMIT 1), 0
) ON CONFLICT (id) DO NOTHING"""
LOG_IN_SQLITE = "INSERT INTO consent_entries (number, entry) VALUES (:number, :entry)"

STORE_IN_POSTGRESQL = """WITH
next AS (SELECT coalesce(max(number) + 1, 0) AS number FROM consent_entries),
stored AS (
    INSERT INTO consent_records (number, time, seq, context, valid_until, id, subject, salt, answers)
    SELECT next.number, %(time)s, %(seq)s, context.id, %(valid_until)s, %(id)s, %(subject)s, %(salt)s, %(answers)s
    FROM next, consent_contexts AS context WHERE context.hash = %(hash)s
    AND NOT EXISTS (SELECT 1 FROM consent_former_ids WHERE id = %(id)s) AND %(seq)s - 1 = coalesce(
        (SELECT seq FROM consent_records WHERE subject = %(subject)s ORDER BY number DESC LIMIT 1), 0
    ) ON CONFLICT (id) DO NOTHING RETURNING number
)
INSERT INTO consent_entries (number, entry) SELECT number, %(entry)s FROM stored"""

KNOWN = """SELECT 1 FROM consent_records AS record JOIN consent_contexts AS context ON context.id = record.context
WHERE record.subject = :subject AND context.site = :site LIMIT 1"""


def can_pipeline(connection: sa.Connection) -> bool:
    """Can this driver send several statements at once? psycopg can."""
    return hasattr(connection.connection.driver_connection, "pipeline")


def store_in_sqlite(connection: sa.Connection, row: Mapping[str, object]) -> int | None:
    """Store a row, inside a transaction that writes. Its number; None where nothing was stored."""
    driver: Any = connection.connection.driver_connection
    (number,) = driver.execute(NEXT).fetchone()
    numbered = {**row, "number": number}
    if not driver.execute(STORE_IN_SQLITE, numbered).rowcount:
        return None
    driver.execute(LOG_IN_SQLITE, numbered)
    return int(number)


def is_known_in_sqlite(connection: sa.Connection, subject: bytes, site: str) -> bool:
    """Has a subject any choice at this site?"""
    driver: Any = connection.connection.driver_connection
    return driver.execute(KNOWN, {"subject": subject, "site": site}).fetchone() is not None


def store_by_pipeline(connection: sa.Connection, row: Mapping[str, object]) -> bool:
    """Store a row in one round trip. False where nothing was stored.

    The connection must be in autocommit mode. Then what a pipeline sends is one transaction (PostgreSQL's manual,
    34.5.1.1), which is durable once its end was answered. The second statement begins, and so looks, once it has the
    lock of the first.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline(), driver.cursor() as locking, driver.cursor() as storing:
            locking.execute(LOG_LOCK)
            storing.execute(STORE_IN_POSTGRESQL, row)
        return bool(storing.rowcount)
    except BaseException as error:
        connection.invalidate()
        if isinstance(error, IndexError):  # psycopg, when the end of the transaction fails: it belongs to no statement
            raise StoreError("The database did not commit a choice. Its own log says why.") from error
        raise
