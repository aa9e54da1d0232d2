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
    indices = [] if number else _without_indices(connection)
    for rows in _batches(connection):
        records, entries, former = [], [], []
        for old in _unknown(connection, rows) if not indices else rows:
            choice = _choice(old)
            row: dict[str, Any] = {**to_row(choice), "number": number}
            hash = row.pop("hash")
            if hash not in ids:
                ids[hash] = add_context(connection, context_of(choice))
            entries.append({"number": number, "entry": row.pop("entry")})
            records.append({**row, "context": ids[hash]})
            if old.time > latest - RETRIES:
                former += [{"id": each, "number": number} for each in _ids_of_retry(old)]
            number += 1
        for table, added in ((RECORDS, records), (ENTRIES, entries), (FORMER, former)):
            if added:
                connection.execute(table.insert(), added)
    for index in indices:
        index.create(connection)
    CHOICES.drop(connection)
    logging.getLogger(__name__).warning("The database was upgraded: it has %s records.", f"{number:,}")


def _without_indices(connection: sa.Connection) -> list[sa.Index]:
    """Where nothing is stored yet: drops the indices of records, to be made at the end. As ids and subjects are random,
    SQLite would read and write a page again and again for each (16 GB for a million). Nothing where a transaction
    could not bring them back.
    """
    if connection.dialect.name not in ("sqlite", "postgresql"):
        return []
    there = {each["name"] for each in sa.inspect(connection).get_indexes(RECORDS.name)}
    indices = [index for index in RECORDS.indexes if index.name in there]
    for index in indices:
        index.drop(connection)
    return indices


def _batches(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    page, last = sa.select(CHOICES).order_by(CHOICES.c.number).limit(BATCH), -1
    while rows := connection.execute(page.where(CHOICES.c.number > last)).all():
        yield rows
        last = rows[-1].number


def _unknown(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """Those that are not there already. Where a process of the earlier version was started after the upgrade, it made
    its table anew, and a browser may have sent it again what stands in the log.
    """
    ids = {row.number: {id_to_bytes(row.id), *_ids_of_retry(row)} for row in rows}
    wanted = set().union(*ids.values())
    known = {id for each in (RECORDS, FORMER) for id in connection.execute(
        sa.select(each.c.id).where(each.c.id.in_(wanted))).scalars()}  # fmt: skip
    return [row for row in rows if ids[row.number].isdisjoint(known)]


def _ids_of_retry(row: sa.Row[Any]) -> set[bytes]:
    """The ids that the same choice has when a browser sends it again."""
    return {id_to_bytes(id_of_hashed(row.site, row.key)), id_to_bytes(record_id(row.site, row.key))}


def _choice(row: sa.Row[Any]) -> Choice:
    values = dict(row._mapping)
    for name in ("number", "key"):
        del values[name]
    return Choice(**{**values, "purposes": json.loads(row.purposes), "signals": tuple(json.loads(row.signals))})
