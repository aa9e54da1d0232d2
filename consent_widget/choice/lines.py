"""Records as lines of an export. Most of a record is the same in many others, so that part is written once and kept.

A line begins with what is the record's own: its id, time, subject and number. What follows is common to all records
with the same context and answers, but for the day in it until which the choice is valid.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from io import StringIO
from json.encoder import encode_basestring as _quoted
from typing import Literal, NamedTuple

from ..days import iso_date
from .act import Choice
from .written import FIELDS, as_cell

Form = Literal["jsonl", "csv"]
OWN = ("id", "time", "subject", "seq")
#: Milliseconds in an hour.
HOUR = 3_600_000
_BEFORE = tuple(name for name in FIELDS if name not in OWN)
_AT = _BEFORE.index("valid_until")
#: What an auditor needs besides to make the entry of the log from the record (proof/entry.py).
PROOFS = {
    "number": "The place of the record in the log, from 0.",
    "salt": "16 random bytes, hexadecimal. SHA-256 of them and the record (canonical JSON) is its entry in the log.",
}


class Common(NamedTuple):
    """What is common, as text: before and after the day."""

    before: str
    after: str


class Lines:
    """Writes records in one form; with `proofs` also their numbers in the log, and the salts of their entries."""

    def __init__(self, form: Form, *, proofs: bool = False) -> None:
        self.form, self.proofs = form, proofs
        self._csv = form == "csv"
        #: Writes one line, of its common part and of what is its own: id, time, subject, seq, the day, and of the log.
        self.line: Callable[..., str] = self._csv_line if self._csv else self._json_line
        names = (*(PROOFS if proofs else ()), *FIELDS)
        #: The first line of the file.
        self.header = ",".join(names) + "\r\n" if self._csv else ""

    def common(self, values: Mapping[str, object]) -> Common:
        """The common part, of the values of its fields as `Choice.plain` has them."""
        if self._csv:
            before, after = (_cells([values[name] for name in names]) for names in (_BEFORE[:_AT], _BEFORE[_AT + 1 :]))
            return Common(f",{before},", f",{after}\r\n")
        before, after = (
            ", ".join(f'"{name}": {_json(values[name])}' for name in names)
            for names in (_BEFORE[:_AT], _BEFORE[_AT + 1 :])
        )
        return Common(f', {before}, "valid_until": "', f'", {after}}}\n')

    def text(self, value: str) -> str:
        """A text of one's own, such as the id of a record that another store made, as it stands in a line."""
        return _cells([value]) if self._csv else _quoted(value)[1:-1]

    def of(self, choice: Choice) -> str:
        """The line of one choice, without proof."""
        id, subject = self.text(choice.id), self.text(choice.subject)
        return self.line(self.common(choice.plain()), id, choice.time, subject, choice.seq, choice.valid_until)

    def _json_line(
        self, common: Common, id: str, time: int, subject: str, seq: int, day: int, number: int = 0, salt: bytes = b""
    ) -> str:
        hour, rest = divmod(time, HOUR)
        proof = f'"number": {number}, "salt": "{salt.hex()}", ' if self.proofs else ""
        return (
            f'{{{proof}"id": "{id}", "time": "{_iso_hour(hour)}{_MINUTES[rest // 1000]}{_THOUSANDTHS[rest % 1000]}", '
            f'"subject": "{subject}", "seq": {seq}{common[0]}{_iso_day(day)}{common[1]}'
        )

    def _csv_line(
        self, common: Common, id: str, time: int, subject: str, seq: int, day: int, number: int = 0, salt: bytes = b""
    ) -> str:
        hour, rest = divmod(time, HOUR)
        proof = f"{number},{salt.hex()}," if self.proofs else ""
        if subject[:1] == "-":  # of a random name; spreadsheets would take it for a formula
            subject = f"'{subject}"
        return (
            f"{proof}{id},{_iso_hour(hour)}{_MINUTES[rest // 1000]}{_THOUSANDTHS[rest % 1000]},"
            f"{subject},{seq}{common[0]}{_iso_day(day)}{common[1]}"
        )


#: The parts of a time as `Choice.plain` writes it: `2027-03-05T08` `:15:12` `.123+00:00`.
_iso_hour = lru_cache(4096)(lambda hour: f"{datetime.fromtimestamp(3600 * hour, UTC):%Y-%m-%dT%H}")
_MINUTES = [f":{second // 60:02}:{second % 60:02}" for second in range(3600)]
_THOUSANDTHS = [f".{ms:03}+00:00" for ms in range(1000)]
_iso_day = lru_cache(4096)(iso_date)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cells(values: list[object]) -> str:
    """Cells of CSV, without the end of a line."""
    row = StringIO()
    csv.writer(row, lineterminator="").writerow(map(as_cell, values))
    return row.getvalue()
