"""Days since 1970 (UTC), in which everything that lasts is counted."""

from __future__ import annotations

import time
from datetime import UTC, datetime

#: The seconds of one day.
DAY = 86_400


def today() -> int:
    """The current day since 1970, UTC."""
    return int(time.time()) // DAY


def iso_date(day: int) -> str:
    """A day since 1970 as ISO 8601 writes it, for example `2026-11-28`."""
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
