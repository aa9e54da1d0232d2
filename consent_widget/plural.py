"""How many there are of something, in an English sentence: “1 record”, “2 records”, “3 entries”."""

from __future__ import annotations


def plural(number: int, noun: str) -> str:
    """The number with its noun, which is in the singular for exactly one. What stands before the last word stays."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("ry"):
        return f"{number} {noun[:-1]}ies"
    return f"{number} {noun}{'es' if noun.endswith('s') else 's'}"
