"""Brings a database of an earlier version up to date: of its table `consent_choices` it makes records.

Order, ids and everything that visitors and receipts know stay as they were. All is done in one transaction.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ..choice.act import Choice, id_of_hashed, record_id
from ..days import DAY
from .packed import id_to_bytes
from .rows import NEXT, add_context, context_of, to_row
from .tables import ENTRIES, FORMER, METADATA, RECORDS

#: The table of earlier versions. The index on its subjects was not always there.
CHOICES = sa.Table(
    "consent_choices",
    sa.MetaData(),
    sa.Column("number", sa.BigInteger),
    *(sa.Column(name, sa.String) for name in ("id", "key", "subject", "notice", "locale", "action", "surface")),
    *(sa.Column(name, sa.BigInteger) for name in ("seq", "time", "valid_until")),
    *(sa.Column(name, sa.String) for name in ("purposes", "actor", "signals", "age_band", "site", "region")),
)
#: Rows that are read at once, so that millions need little memory.
BATCH = 1000
#: For how long after an act its browser may send it again (milliseconds).
RETRIES = 30 * DAY * 1000


def is_outdated(connection: sa.Connection) -> bool:
    """Is this a database of an earlier version?"""
    return sa.inspect(connection).has_table(CHOICES.name)


def upgrade(connection: sa.Connection) -> None:
    """Bring the database up to date, inside a transaction during which nobody else writes."""
    if connection.dialect.name == "postgresql":  # processes of the earlier version wait, and then fail
        connection.exec_driver_sql("LOCK TABLE consent_choices IN ACCESS EXCLUSIVE MODE")
    METADATA.create_all(connection)
    latest = connection.execute(sa.select(sa.func.max(CHOICES.c.time))).scalar() or 0
    number, ids = int(connection.execute(NEXT).scalar_one()), dict[bytes, int]()
    for rows in _batches(connection):
        records, entries, former = [], [], []
        for old in rows:
            choice = _choice(old)
            row: dict[str, Any] = {**to_row(choice), "number": number}
            hash = row.pop("hash")
            if hash not in ids:
                ids[hash] = add_context(connection, context_of(choice))
            entries.append({"number": number, "entry": row.pop("entry")})
            records.append({**row, "context": ids[hash]})
            if old.time > latest - RETRIES:
                ids_of_retry = {id_of_hashed(old.site, old.key), record_id(old.site, old.key)}
                former += [{"id": id_to_bytes(each), "number": number} for each in ids_of_retry]
            number += 1
        connection.execute(RECORDS.insert(), records)
        connection.execute(ENTRIES.insert(), entries)
        if former:
            connection.execute(FORMER.insert(), former)
    CHOICES.drop(connection)
    logging.getLogger(__name__).warning("The database was upgraded: it has %s records.", f"{number:,}")


def _batches(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    page, last = sa.select(CHOICES).order_by(CHOICES.c.number).limit(BATCH), -1
    while rows := connection.execute(page.where(CHOICES.c.number > last)).all():
        yield rows
        last = rows[-1].number


def _choice(row: sa.Row[Any]) -> Choice:
    values = dict(row._mapping)
    for name in ("number", "key"):
        del values[name]
    return Choice(**{**values, "purposes": json.loads(row.purposes), "signals": tuple(json.loads(row.signals))})
