"""The table of regions: what the law asks of a site in each of them, on a given day."""

from __future__ import annotations

from typing import get_args

import pytest

from consent_widget.choice.age import Band, read_age
from consent_widget.days import day_of_date
from consent_widget.regions import ELSEWHERE, REGIONS, STRICTEST, Region, region_of
from docs import regions as page

NOW = day_of_date("2026-11-29")


@pytest.mark.parametrize(
    ("code", "date", "age", "refusal", "model", "signal"),
    [
        ("CN", "2026-11-29", 14, 0, "opt_in", False),
        ("EU", "2026-11-29", 16, 0, "opt_in", False),
        ("FR", "2026-11-29", 15, 0, "opt_in", False),
        ("DE-BY", "2026-11-29", 16, 0, "opt_in", False),
        ("UK", "2026-11-29", 13, 0, "exempt", False),
        ("GB-SCT", "2026-11-29", 13, 0, "exempt", False),
        ("US", "2026-11-29", 13, 365, "opt_out", False),
        ("US-CA", "2026-11-29", 13, 365, "opt_out", True),
        ("US-OR", "2026-11-29", 13, 365, "opt_out", True),
        ("US-VA", "2026-11-29", 13, 365, "opt_out", False),
        ("IN", "2026-11-29", 18, 0, "opt_in", False),
        ("IN-KA", "2027-05-13", 18, 0, "opt_in", False),
        ("JP", "2026-11-29", 14, 0, "opt_in", False),
        ("JP", "2028-07-15", 14, 0, "opt_in", False),
        ("JP", "2028-07-16", 16, 0, "opt_in", False),
        ("JP-13", "2031-01-01", 16, 0, "opt_in", False),
        ("BR", "2026-11-29", 16, 0, "opt_in", False),
        ("KR", "2026-11-29", 14, 0, "opt_in", False),
        ("", "2026-11-29", 14, 0, "opt_in", False),
        ("ZZ", "2026-11-29", 18, 365, "opt_in", True),
    ],
)
def test_a_region_has_the_rules_of_the_day(
    code: str, date: str, age: int, refusal: int, model: str, signal: bool
) -> None:
    found = region_of(code, day_of_date(date))

    assert (found.consent_age, found.refusal_days, found.model, found.signal) == (age, refusal, model, signal)


def all_rules() -> list[Region]:
    return [row.rules for rows in REGIONS.values() for row in rows]


def test_nobody_is_treated_less_strictly_than_the_unknown_visitor_by_mistake() -> None:
    for rules in (*all_rules(), ELSEWHERE):
        assert STRICTEST.consent_age >= rules.consent_age >= 13
        assert STRICTEST.refusal_days >= rules.refusal_days
    assert STRICTEST.model == "opt_in"
    assert STRICTEST.closed_to_children == "tracking"


def test_the_rows_of_a_region_follow_one_another() -> None:
    for rows in REGIONS.values():
        assert list(rows) == sorted(rows, key=lambda row: row.since)
        assert rows[0].since == "1970-01-01"


def test_only_the_states_of_the_us_oblige_sites_to_honour_the_signal() -> None:
    states = sorted(code for code in REGIONS if code.startswith("US-") and region_of(code, NOW).signal)

    assert states == sorted(
        f"US-{state}" for state in ("CA", "CO", "CT", "TX", "OR", "DE", "NJ", "MN", "MD", "MT", "NE", "NH")
    )


@pytest.mark.parametrize("code", ["", *REGIONS])
def test_each_region_has_the_bands_of_its_age(code: str) -> None:
    age = read_age({}).under(region_of(code))
    below = region_of(code).consent_age

    assert age.written("child") == f"under_{below}"
    assert age.written("adult") == "18_or_over"
    if below == 18:
        assert age.bands == ("child", "adult")
        assert age.written("teen") == "under_18"
    else:
        assert age.bands == get_args(Band)
        assert age.written("teen") == f"{below}_to_17"


def test_the_page_of_regions_is_current() -> None:
    text = page.PAGE.read_text("utf-8")

    assert text == page.page(text), "Write it again: python -m docs.regions"
