"""Days since 1970 (UTC): the unit of every period."""

from __future__ import annotations

import time
from calendar import monthrange
from datetime import UTC, date, datetime
from functools import lru_cache

#: Seconds in a day.
DAY = 86_400
EPOCH = date(1970, 1, 1)


def today() -> int:
    """Today, in days since 1970 (UTC)."""
    return int(time.time()) // DAY


def now_ms() -> int:
    """Now, in milliseconds since 1970 (UTC): the unit of every time in a record."""
    return time.time_ns() // 1_000_000


def day_of(ms: int) -> int:
    """The day since 1970 (UTC) of a time in milliseconds."""
    return ms // 1000 // DAY


@lru_cache(maxsize=1_000)
def iso_date(day: int) -> str:
    """A day since 1970 as an ISO 8601 date, for example `2026-11-28`."""
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()


def iso_moment(ms: int) -> str:
    """A time in milliseconds since 1970 as records have it, for example `2026-11-28T08:05:00.000+00:00`."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def iso_time(ms: int) -> str:
    """A time in milliseconds since 1970 as ISO 8601 in UTC, for example `2026-11-28T08:05:00.000Z`."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def plain_moment(ms: int) -> str:
    """A time in milliseconds since 1970 as people read it, in UTC, for example `2026-11-28 08:05:00`."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S}"


def day_of_date(text: str) -> int:
    """The day since 1970 of an ISO 8601 date."""
    return (date.fromisoformat(text) - EPOCH).days


def months_before(day: int, months: int) -> int:
    """The day that many months before `day`: of the same number in its month, or the last of a shorter month."""
    at = datetime.fromtimestamp(day * DAY, UTC).date()
    year, month = divmod(12 * at.year + at.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return (date(year, month + 1, min(at.day, last)) - EPOCH).days
