"""The common case, in one statement each: a choice that directly follows its subject's latest, or is the first; and
whether a subject is known. In SQLite, whose answers take no time, SQLAlchemy would be most of the cost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from .tables import CHOICES

#: Locks the first row of the subject, so that nobody else adds to it meanwhile.
LOCK = "SELECT number FROM consent_choices WHERE subject = %(subject)s ORDER BY number LIMIT 1 FOR UPDATE"
_COLUMNS = [column.name for column in CHOICES.columns if column is not CHOICES.c.number]
#: Nothing is stored where another choice is the latest, nor where the key is known.
STORE = f"""INSERT INTO consent_choices ({", ".join(_COLUMNS)}) SELECT {", ".join(f":{name}" for name in _COLUMNS)}
WHERE :seq - 1 = coalesce(
    (SELECT seq FROM consent_choices WHERE subject = CAST(:subject AS varchar) ORDER BY number DESC LIMIT 1), 0
) ON CONFLICT (site, key) DO NOTHING"""  # noqa: S608  names of our own columns
STORE_IN_POSTGRESQL = re.sub(r":(\w+)", r"%(\1)s", STORE)

KNOWN = "SELECT 1 FROM consent_choices WHERE subject = :subject AND site = :site LIMIT 1"


def can_pipeline(connection: sa.Connection) -> bool:
    """Can this driver send several statements at once? psycopg can."""
    return hasattr(connection.connection.driver_connection, "pipeline")


def store_in_sqlite(connection: sa.Connection, row: Mapping[str, object]) -> bool:
    """Store a row, inside a transaction that writes. False where nothing was stored."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.execute(STORE, row).rowcount)


def is_known_in_sqlite(connection: sa.Connection, subject: str, site: str) -> bool:
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
            locking.execute(LOCK, row)
            storing.execute(STORE_IN_POSTGRESQL, row)
        return bool(storing.rowcount)
    except BaseException as error:
        connection.invalidate()
        if isinstance(error, IndexError):  # psycopg, when the end of the transaction fails: it belongs to no statement
            raise StoreError("The database did not commit a choice. Its own log says why.") from error
        raise
