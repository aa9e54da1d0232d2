"""What does not fit in the database, and how that is said: with numbers and receipts, and nobody's data."""

from __future__ import annotations

from typing import Any, NamedTuple

#: What a row that was altered may raise when it is read.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


class Fault(NamedTuple):
    """Something that was altered, damaged or taken away. `text` names numbers and receipts, and nobody."""

    kind: str
    text: str


def name_of(row: Any) -> str:
    """A record, by its place in the log and the beginning of its receipt's id."""
    receipt = row.id.hex()[:8] if isinstance(row.id, bytes) else "?"
    return f"record {row.number} (receipt {receipt}…)"


def gap(expected: int, found: int) -> str:
    """Which entries are missing before the one that was found."""
    which = f"entry {expected} is" if found == expected + 1 else f"entries {expected} to {found - 1} are"
    return f"{which} gone: nothing that follows can be checked"


def short(value: object) -> str:
    """The beginning of a hash that may have been altered."""
    return shown(value)[:16]


def shown(value: object) -> str:
    """A value that may have been altered, harmless for a terminal."""
    return "".join(char if char.isprintable() else "?" for char in str(value)[:40])
