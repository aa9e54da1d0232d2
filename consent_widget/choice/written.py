"""A record as text: what each field of an export means, and a record read back from such fields.

What is read may come from anywhere: a field that is not as it must be is named, and its value is never repeated.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from ..days import day_of_date, now_ms
from ..errors import RecordError
from .act import Actor, Choice, ServerSurface, Surface, record_id
from .actions import Action

#: The fields of a record, in their order, each with what it means.
FIELDS = {
    "id": "The number of the receipt.",
    "time": "When it was made, by the server's clock (ISO 8601, UTC).",
    "subject": "The visitor: a random name at this site, which no other site knows.",
    "seq": "Counts the acts of this visitor.",
    "action": "What was pressed, such as accept_all, reject_all, save, withdraw_all, allow or refuse.",
    "surface": "Where it was pressed, such as layer, centre or page; signal: by the browser; carried: earlier.",
    "locale": "The language in which the notice was shown.",
    "notice": "The SHA-256 of the notice that was shown: its text is notices/<this>.json.",
    "purposes": "Each purpose, recipient (purpose:recipient) or service (purpose@service) answered: true is yes.",
    "signals": "What the browser sent with it: gpc is the opt-out signal (Global Privacy Control), "
    "gpc_conflict_confirmed that the visitor confirmed a grant in spite of it; carried:klaro "
    "and chosen:2026-05-03 say from which earlier tool a choice was carried over, and when it was made there.",
    "actor": "Who decided: subject (the visitor) or guardian.",
    "age_band": "How old the visitor is, as far as the site asks: under_14, 14_to_17, 18_or_over or the like.",
    "valid_until": "The last day on which it is valid (UTC).",
    "site": "The id of the site, where several share a database.",
    "region": "Where the site says that its visitors are (ISO 3166).",
    "script": "The release that showed the notice: the first 16 digits of the SHA-256 of its script. Empty: not known.",
    "layout": "How the first layer looked: box, bar or modal. Empty: not known.",
}
#: A cell that begins so, also in wide characters, is a formula to spreadsheets; with an apostrophe before it, it is a
#: text.
FORMULA = tuple("=+-@＝＋－＠\t\r\n'")
#: One like this is a number, of which they keep fifteen digits (1.2E+20).
NUMBER = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
#: What a record from elsewhere cannot leave out; and what it says where it leaves out the rest.
NEEDED = ("time", "subject", "locale", "notice", "purposes", "valid_until")
DEFAULTS: Mapping[str, object] = {
    "seq": 0, "action": "save", "surface": "carried", "signals": [], "actor": "subject", "age_band": None, "site": "",
    "region": "", "script": "", "layout": "",
}  # fmt: skip
#: A random name of 128 bits: in 22 characters the last one holds two bits.
SUBJECT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)
#: A day, also as spreadsheets save it where the year is first.
DAY = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
#: Databases count to 2^31: so there is room for what a visitor does after an import, such as withdrawing.
LAST_SEQ = 2**30
#: How far the clock of who wrote a record may be ahead of ours, in milliseconds.
AHEAD = 600_000


def read_record(row: Mapping[str, object], site: str) -> Choice:
    """The record that the fields of a line say, for this `site`; RecordError names a field that is wrong. Its `seq` is
    0 where the line does not say it. Its id is then made of what it says, so that the same line is the same record.
    """
    for name in NEEDED:
        if row.get(name) in (None, ""):
            raise RecordError(f"{name} is missing. Every record says it: {FIELDS[name]}")
    values: dict[str, Any] = {
        name: _READ[name](name, row.get(name, DEFAULTS.get(name))) for name in FIELDS if name != "id"
    }
    values["id"] = _text(UUID)("id", row["id"]) if row.get("id") else _id_of(values, site)
    return Choice(**{**values, "site": site})


def as_cell(value: object) -> object:
    """A value as a cell of CSV: no spreadsheet takes a text for a formula or a number."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and _is_no_text(value) else value


def from_cell(cell: str) -> str:
    """The text that `as_cell` has written so."""
    return cell[1:] if cell[:1] == "'" and _is_no_text(cell[1:]) else cell


def _is_no_text(cell: str) -> bool:
    return cell.startswith(FORMULA) or NUMBER.fullmatch(cell) is not None


def read_answers(text: str) -> object:
    """The answers in a cell of a table: JSON as we write it, or `analytics=yes marketing=no`."""
    if text.startswith("{"):
        return json.loads(text)
    pairs = [part.rpartition("=") for part in text.split()]
    words = {"yes": True, "no": False}
    return {key: words.get(answer, answer) for key, _, answer in pairs}


def _wrong(name: str, what: str) -> RecordError:
    return RecordError(f"{name} is not {what}.")


def _text(pattern: re.Pattern[str], what: str = "written as it must be") -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _wrong(name, what)
        return value

    return read


def _one_of(*kinds: Any) -> Callable[[str, object], str]:
    allowed = [value for kind in kinds for value in get_args(kind)]

    def read(name: str, value: object) -> str:
        if value not in allowed:
            raise _wrong(name, f"one of {', '.join(allowed)}")
        return str(value)

    return read


def _subject(name: str, value: object) -> str:
    if isinstance(value, str) and UUID.fullmatch(value.lower()):  # RFC 9562: read in either case
        return urlsafe_b64encode(bytes.fromhex(value.replace("-", "")))[:22].decode()
    return _text(SUBJECT, "a random name of 128 bits: 22 characters as we write them, or a UUID. Names of people, "
                 "addresses and numbers of customers are not kept in records")(name, value)  # fmt: skip


def _seq(name: str, value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 11:
        value = int(value)
    if type(value) is not int or not 0 <= value <= LAST_SEQ:
        raise _wrong(name, "a whole number, 1 or more")
    return value


def _time(name: str, value: object) -> int:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise _wrong(name, "a time with its zone, like 2027-03-05T08:15:12.000+00:00")
    ms = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    if not 0 <= ms <= now_ms() + AHEAD:
        raise _wrong(name, "between 1970 and now")
    return ms


def _day(name: str, value: object) -> int:
    try:
        parts = DAY.fullmatch(value) if isinstance(value, str) else None
        day = day_of_date("{}-{:0>2}-{:0>2}".format(*parts.groups())) if parts else -1
    except ValueError:
        day = -1
    if day < 0:
        raise _wrong(name, "a day, like 2027-09-01. If a spreadsheet has changed it, import the file from before that")
    return day


def _answers(name: str, value: object) -> dict[str, bool]:
    keys = _text(re.compile(r"[!-~]{1,81}"))
    if not isinstance(value, dict) or len(value) > 200 or not all(type(each) is bool for each in value.values()):
        raise _wrong(name, "a table of answers, each true or false")
    return {keys(name, key): granted for key, granted in value.items()}


def _signals(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 20:
        raise _wrong(name, "a list of words")
    return tuple(map(_partial(_text(re.compile(r"[a-z0-9_]{1,40}(:[A-Za-z0-9_.-]{1,40})?", re.ASCII)), name), value))


def _partial(read: Callable[[str, object], str], name: str) -> Callable[[object], str]:
    return lambda value: read(name, value)


def _age_band(name: str, value: object) -> str | None:
    band = re.compile(r"under_\d\d|\d\d_to_17|18_or_over", re.ASCII)
    return None if value in (None, "") else _text(band)(name, value)


_READ: Mapping[str, Callable[[str, object], object]] = {
    "time": _time,
    "subject": _subject,
    "seq": _seq,
    "action": _one_of(Action),
    "surface": _one_of(Surface, ServerSurface),
    "locale": _text(re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII), "a language, like zh-CN or en"),
    "notice": _text(re.compile(r"[0-9a-f]{64}", re.ASCII), "a digest of 64 hexadecimal digits"),
    "purposes": _answers,
    "signals": _signals,
    "actor": _one_of(Actor),
    "age_band": _age_band,
    "valid_until": _day,
    "site": _text(re.compile(r"[a-z0-9-]{0,32}", re.ASCII)),
    "script": _text(re.compile(r"([0-9a-f]{16})?", re.ASCII)),
    "layout": _text(re.compile(r"(box|bar|modal)?", re.ASCII), "box, bar or modal"),
    "region": _text(re.compile(r"([A-Z]{2}(-[A-Z0-9]{1,3})?)?", re.ASCII), "a code of ISO 3166, like CN or US-CA"),
}


def _id_of(values: Mapping[str, Any], site: str) -> str:
    """The id of a record that has none, made of what it says. No key of a visitor's act is a text like that."""
    return record_id(site, json.dumps({**values, "seq": 0, "site": site}, sort_keys=True))
