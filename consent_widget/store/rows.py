"""Records as rows: what is a record's own, and its context, which it has in common with many others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..choice.act import Choice
from ..errors import StoreError
from ..proof.entry import canonical_record, commitment, new_salt
from .packed import (
    answers_from_bytes,
    answers_to_bytes,
    id_from_bytes,
    id_to_bytes,
    subject_from_bytes,
    subject_to_bytes,
)
from .tables import CONTEXTS, ENTRIES, RECORDS

#: The values of a context, in the order of its columns: all but its id and its hash.
SHARED = tuple(column.name for column in CONTEXTS.columns if column.name not in ("id", "hash"))
#: Those of them that a choice has as they are written.
_plainly_shared = attrgetter(*(name for name in SHARED if name not in ("signals", "keys")))
#: The number of the next record.
NEXT = sa.select(sa.func.coalesce(sa.func.max(ENTRIES.c.number) + 1, 0))
JOINED = RECORDS.join(CONTEXTS, CONTEXTS.c.id == RECORDS.c.context)


class Record(NamedTuple):
    """A record as the database has it: its place in the log, what its commitment is salted with, and what it says."""

    number: int
    salt: bytes
    choice: Choice


def context_of(choice: Choice) -> tuple[str | None, ...]:
    """What a record has in common with many others. Keys are sorted, so that one set of them is one context."""
    return _context(_plainly_shared(choice), choice.signals, sorted(choice.purposes))


def _context(shared: tuple[str | None, ...], signals: Sequence[str], keys: Sequence[str]) -> tuple[str | None, ...]:
    lists = {"signals": json.dumps(signals), "keys": json.dumps(keys)}
    others = iter(shared)
    return tuple(lists[name] if name in lists else next(others) for name in SHARED)


@lru_cache(4096)
def _hash_of(shared: tuple[str | None, ...], signals: tuple[str, ...], keys: tuple[str, ...]) -> bytes:
    """The same of many choices: their context is written as text only once."""
    return hash_of(_context(shared, signals, keys))


def hash_of(context: tuple[str | None, ...]) -> bytes:
    """Names a context: 16 bytes of SHA-256."""
    return hashlib.sha256(json.dumps(context).encode()).digest()[:16]


def own_values(choice: Choice) -> dict[str, Any]:
    """What is a record's own, by column: one spelling of each, since records are looked up by these bytes."""
    return {
        "id": id_to_bytes(choice.id),
        "subject": subject_to_bytes(choice.subject),
        "seq": choice.seq,
        "time": choice.time,
        "answers": answers_to_bytes(sorted(choice.purposes), choice.purposes),
        "valid_until": choice.valid_until,
    }


def to_row(choice: Choice) -> dict[str, Any]:
    """A record with the hash of its context, a new salt, and its entry in the log; without a number."""
    salt = new_salt()
    return {
        **own_values(choice),
        "hash": _hash_of(_plainly_shared(choice), choice.signals, tuple(sorted(choice.purposes))),
        "salt": salt,
        "entry": commitment(salt, canonical_record(choice)),
    }


def shared_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of CONTEXTS says of each choice in it; `purposes` are the keys."""
    values = {name: row[name] for name in SHARED}
    values["purposes"] = json.loads(values.pop("keys"))
    values["signals"] = tuple(json.loads(values["signals"]))
    return values


def to_choice(row: Any, shared: Mapping[str, Any]) -> Choice:
    """A choice from a row with the columns of RECORDS, and from what its context says."""
    return Choice(
        **{
            **shared,
            "id": id_from_bytes(row.id),
            "subject": subject_from_bytes(row.subject),
            "seq": row.seq,
            "time": row.time,
            "purposes": answers_from_bytes(shared["purposes"], row.answers),
            "valid_until": row.valid_until,
        }
    )


def to_choices(connection: sa.Connection, rows: Sequence[Any]) -> list[Choice]:
    """The choices of these rows of RECORDS, in their order."""
    shared = contexts(connection, {row.context for row in rows})
    try:
        return [to_choice(row, shared[row.context]) for row in rows]
    except KeyError:
        raise StoreError("A row of consent_contexts is gone: restore it from a backup.") from None


def contexts(connection: sa.Connection, ids: set[int]) -> dict[int, dict[str, Any]]:
    """What these contexts say, by id."""
    if not ids:
        return {}
    rows = connection.execute(sa.select(CONTEXTS).where(CONTEXTS.c.id.in_(ids))).mappings()
    return {row["id"]: shared_values(dict(row)) for row in rows}


def add_context(connection: sa.Connection, context: tuple[str | None, ...]) -> int:
    """The id of a context, which is stored with the first record that has it. Nobody else may add one meanwhile."""
    hash = hash_of(context)
    known = connection.execute(sa.select(CONTEXTS.c.id).where(CONTEXTS.c.hash == hash)).scalar()
    if known is not None:
        return int(known)
    id = int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(CONTEXTS.c.id) + 1, 0))).scalar_one())
    connection.execute(CONTEXTS.insert(), {**dict(zip(SHARED, context, strict=True)), "id": id, "hash": hash})
    return id
