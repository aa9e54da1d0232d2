"""Dates and times as people write them in each language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING

from .locales import babel_locale

if TYPE_CHECKING:
    from babel import Locale

#: English without a territory is written as in Britain, like the widget's own messages.
ENGLISH = "en-GB"


def written_date(iso: str, locale: str) -> str:
    """A date (`2026-10-29`) as it is written out: 2026年10月29日, 29 October 2026."""
    from babel.dates import format_date

    return str(format_date(date.fromisoformat(iso), "long", locale=_babel(locale)))


def written_day(seconds: int, locale: str) -> str:
    """The day of a time in seconds since 1970, without its year: 10月29日, 29 October."""
    from babel.dates import format_skeleton

    return str(format_skeleton("MMMMd", datetime.fromtimestamp(seconds, UTC), locale=_babel(locale)))


def written_time(ms: int, locale: str) -> str:
    """A time in milliseconds since 1970, to the minute, as it is written out in UTC: 29 October 2026, 08:05."""
    from babel.dates import format_date, format_time

    moment, data = datetime.fromtimestamp(ms / 1000, UTC), _babel(locale)
    day, time = format_date(moment, "long", locale=data), format_time(moment, "short", locale=data)
    return str(data.datetime_formats["medium"]).format(time, day)


def written_language(locale: str) -> str:
    """The language tag by which the script writes dates in the same way."""
    return ENGLISH if locale == "en" else locale


@cache
def _babel(locale: str) -> Locale:
    return babel_locale(written_language(locale)) or _babel("en")
