"""The officer's figures: what they count, and that no number tells of one person."""

from __future__ import annotations

import pytest

from consent_widget.choice.figures import OTHERS, Figures, Only, figures
from consent_widget.choice.period import Period
from consent_widget.choice.rounded import Rounded, rounded, share
from consent_widget.choice.tally import Context, Showing, Tally

CHINESE = Context("a" * 64, "zh-CN", "accept_all", "layer", "CN", "box", ("ads", "stats"))
ENGLISH = CHINESE._replace(locale="en", action="save", region="")
REFUSED = CHINESE._replace(action="reject_all")
CONTEXTS = {1: CHINESE, 2: ENGLISH, 3: REFUSED}
DAYS = Period(20_000, 20_010)


def count(*tallies: tuple[int, int, int, int], period: Period = DAYS, **more: object) -> Figures:
    made = [Tally(day, context, answers.to_bytes(1, "little"), number) for day, context, answers, number in tallies]
    return figures(made, CONTEXTS, more.pop("shown", ()), period, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "shown"), [(0, (0, False)), (1, (0, True)), (9, (0, True)), (10, (10, False)), (129, (120, False))]
)
def test_a_number_is_rounded_down_to_tens_and_a_few_are_only_a_few(number: int, shown: tuple[int, bool]) -> None:
    assert rounded(number) == shown


def possible(shown: Rounded) -> range:
    return range(1, 10) if shown.few else range(shown.tens, shown.tens + (10 if shown.tens else 1))


@pytest.mark.parametrize("hidden", range(1, 10))
def test_the_difference_of_two_numbers_never_says_how_many_a_hidden_group_has(hidden: int) -> None:
    for rest in range(10, 60):
        whole, part = rounded(rest + hidden), rounded(rest)
        differences = {one - other for one in possible(whole) for other in possible(part)}
        assert differences >= set(range(1, 10))


def test_a_proportion_comes_from_the_rounded_numbers_alone() -> None:
    assert {share(rounded(few), rounded(200)) for few in range(1, 10)} == {2}
    assert {share(rounded(200 + more), rounded(100)) for more in range(10)} == {66}
    assert share(rounded(3), rounded(0)) is None


def test_answers_are_read_from_their_bits() -> None:
    found = count((20_001, 2, 0b01, 300), (20_002, 2, 0b10, 100))

    assert [(each.key, each.granted.tens, each.denied.tens, each.rate) for each in found.options] == [
        ("ads", 300, 100, 74),
        ("stats", 100, 300, 26),
    ]


def test_each_thing_that_choices_have_in_common_is_counted() -> None:
    found = count((20_001, 1, 3, 300), (20_001, 2, 1, 100), (20_003, 3, 0, 4))

    assert [(each.value, each.number) for each in found.shares["action"]] == [
        ("accept_all", Rounded(300)),
        ("save", Rounded(100)),
        ("reject_all", Rounded(0, few=True)),
    ]
    assert [(each.value, each.percent) for each in found.shares["locale"]] == [("zh-CN", 74), ("en", 26)]
    assert [each.value for each in found.shares["region"]] == ["CN", ""]
    assert found.number == Rounded(400)
    assert (found.accepted, found.refused) == (74, 1)


@pytest.mark.parametrize("by", ["locale", "purpose"])
def test_the_order_of_groups_under_ten_does_not_tell_which_is_larger(by: str) -> None:
    asked = {1: CHINESE._replace(keys=("a",)), 2: CHINESE._replace(locale="en", keys=("b",))}
    one, other = (
        figures([Tally(20_000, 1, b"\1", few), Tally(20_000, 2, b"\1", 10 - few)], asked, (), DAYS, by)
        for few in (1, 9)
    )

    assert one == other


def test_the_chart_has_a_line_for_each_value_and_a_gap_where_there_are_few() -> None:
    found = count((20_000, 1, 3, 309), (20_001, 1, 3, 9), (20_000, 3, 0, 20))

    assert {line.name: line.values[:3] for line in found.lines} == {
        "accept_all": (300, None, 0),
        "reject_all": (20, 0, 0),
    }


def test_rates_have_lines_too() -> None:
    found = count((20_000, 1, 3, 300), (20_000, 3, 0, 100), (20_001, 3, 0, 100), by="purpose")

    assert {line.name: line.values[:3] for line in found.lines} == {"ads": (74, 0, None), "stats": (74, 0, None)}


def test_the_seventh_line_stands_for_all_others() -> None:
    contexts = {at: CHINESE._replace(region=f"R{at}") for at in range(9)}
    tallies = [Tally(20_000, at, b"", 900 - 10 * at) for at in contexts]
    lines = figures(tallies, contexts, (), DAYS, "region").lines

    assert [line.name for line in lines] == ["R0", "R1", "R2", "R3", "R4", OTHERS]
    assert lines[-1].values[0] == 850 + 840 + 830 + 820


def test_one_value_alone_can_be_counted() -> None:
    found = count((20_001, 1, 3, 300), (20_001, 2, 1, 100), only=Only("locale", "en"))

    assert found.number == Rounded(100)
    assert [each.value for each in found.shares["action"]] == ["save"]


def test_long_periods_and_quiet_sites_are_shown_by_weeks_that_begin_on_monday() -> None:
    long = Period(20_000, 20_200)
    assert count((20_001, 1, 3, 99_999), period=long).period.steps[0] == 20_003  # 8 October 2024, the first whole week
    month = Period(20_000, 20_028)
    quiet = count((20_001, 1, 3, 90), period=month)
    assert (quiet.period.step, list(quiet.period.steps)) == (7, [20_003, 20_010, 20_017])
    assert quiet.number == Rounded(90)
    assert count((20_001, 1, 3, 900), period=month).period.step == 1
    assert count((20_001, 1, 3, 90)).period.step == 1


def test_answers_are_set_against_how_often_was_asked_since_that_is_counted() -> None:
    shown = [
        (Showing(20_002, "", "zh-CN", "box", "CN", "a" * 64), 1000),
        (Showing(20_003, "", "en", "box", "", "a" * 64), 500),
    ]
    found = count((20_001, 1, 3, 700), (20_002, 1, 3, 300), shown=shown)

    assert (found.shown, found.shown_since, found.answers_to_shown) == (Rounded(1500), 20_002, 20)
    assert count((20_002, 1, 3, 300), shown=shown, only=Only("locale", "en")).shown == Rounded(500)
    assert count((20_002, 1, 3, 300)).shown is None
