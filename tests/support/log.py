"""A log with entries in it, and its keys."""

from __future__ import annotations

from collections.abc import Sequence

from consent_widget import SQLStore
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.site.cosigning import Asked
from consent_widget.store.tables import ENTRIES

ORIGIN = "shop.example/consent/log"
PRIVATE = PrivateKey(ORIGIN, 1, bytes(range(32)))
KEYS = LogKeys((PRIVATE,))


def entry(number: int) -> bytes:
    return b"%032d" % number


def troubles(asked: Sequence[Asked]) -> list[str]:
    """What went wrong with witnesses, a line for each."""
    return [f"{each.witness.key.name}: {each.trouble}" for each in asked if each.trouble]


def add_entries(store: SQLStore, first: int, end: int) -> None:
    """Fill the log by hand: a thousand choices take longer than a tree over millions."""
    if rows := [{"number": number, "entry": entry(number)} for number in range(first, end)]:
        with store._writing() as connection:
            connection.execute(ENTRIES.insert(), rows)


def entries_in(bundle: bytes) -> list[bytes]:
    """The entries of a bundle: each comes after its length in two bytes."""
    entries, rest = [], bundle
    while rest:
        length, rest = int.from_bytes(rest[:2], "big"), rest[2:]
        entries.append(rest[:length])
        rest = rest[length:]
    return entries
