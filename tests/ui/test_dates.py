from __future__ import annotations

import pytest

from consent_widget.ui.dates import written_date, written_day, written_time

OCTOBER = 1_791_533_100_000  # 2026-10-09T08:05Z


@pytest.mark.parametrize(
    ("locale", "day", "time"),
    [
        ("zh-CN", "2026年10月9日", "2026年10月9日 08:05"),
        ("zh_Hans", "2026年10月9日", "2026年10月9日 08:05"),
        ("en", "9 October 2026", "9 October 2026, 08:05"),
        ("en-US", "October 9, 2026", "October 9, 2026, 8:05 AM"),
        ("fr", "9 octobre 2026", "9 octobre 2026, 08:05"),
        ("xx-unknown", "9 October 2026", "9 October 2026, 08:05"),
    ],
)
def test_dates_and_times_are_written_as_people_write_them(locale: str, day: str, time: str) -> None:
    assert written_date("2026-10-09", locale) == day
    assert written_time(OCTOBER, locale).replace("\u202f", " ") == time


@pytest.mark.parametrize(("locale", "day"), [("zh-CN", "10月9日"), ("en", "9 October"), ("en-US", "October 9")])
def test_a_day_of_these_weeks_needs_no_year(locale: str, day: str) -> None:
    assert written_day(OCTOBER // 1000, locale) == day
