"""What records come to when they are counted: by day or week, and by each thing that they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .period import Period
from .rounded import LEAST, Rounded, rounded, share
from .tally import DIMENSIONS, Contexts, Showing, Tally

#: So many lines a chart has at most: one more holds all others.
MOST_LINES = 6
#: The name of the line of all others.
OTHERS = "…"
#: Surfaces where the first layer, or the question about what has changed, is answered.
OF_LAYER = ("layer", "again")


class Only(NamedTuple):
    """Counts only what has this value of one of DIMENSIONS."""

    dimension: str
    value: str


class Answered(NamedTuple):
    """How often one option was granted and denied."""

    key: str
    granted: Rounded
    denied: Rounded

    @property
    def rate(self) -> int | None:
        """How much was granted, in percent."""
        return share(self.granted, self.denied)


class Share(NamedTuple):
    """One value of a dimension: how often it was, and how much that is of all."""

    value: str
    number: Rounded
    percent: int | None


class Line(NamedTuple):
    """One line of a chart: a value for each step; None where it is not known or must not be shown."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class Figures:
    """All that the officer's page shows of a period."""

    period: Period
    number: Rounded
    #: Of all answers to the first layer, how much agreed to everything, and refused everything.
    accepted: int | None
    refused: int | None
    #: How often the first layer was given; None where it is not counted. Since which day.
    shown: Rounded | None
    shown_since: int | None
    #: Answers to a hundred of them.
    answers_to_shown: int | None
    options: tuple[Answered, ...]
    shares: Mapping[str, tuple[Share, ...]]
    #: The chart's lines are in percent for `by="purpose"`, else numbers.
    by: str
    lines: tuple[Line, ...]


@dataclass
class _Counted:
    """Exact numbers, which nobody is shown."""

    acts: Counter[str]
    #: Answers to the first layer.
    of_layer: Counter[str]
    #: Answers to the first layer since it is counted how often that is given.
    since_shown: int
    contexts: Counter[int]
    #: By the value that has a line, and the first day of the step.
    lines: Counter[tuple[str, int]]
    granted: Counter[tuple[str, int]]
    denied: Counter[tuple[str, int]]


def figures(
    tallies: Sequence[Tally], contexts: Contexts, shown: Iterable[tuple[Showing, int]], period: Period,
    by: str = "action", only: Only | None = None,
) -> Figures:  # fmt: skip
    """Count. `by` is what the chart has a line for: one of DIMENSIONS, or `purpose`."""
    period = period.stepped(sum(tally.number for tally in tallies))
    used = {id: each for id, each in contexts.items() if only is None or each.value(only.dimension) == only.value}
    given = [each for each in shown if only is None or each[0].value(only.dimension) == only.value]
    since = min((showing.day for showing, _ in given), default=None)
    counted = _count(tallies, used, period, by, period.end if since is None else since)
    made = _numbers(counted.lines, period) if by in DIMENSIONS else _rates(counted, period)
    times = None if since is None else rounded(sum(number for _, number in given))
    return Figures(
        period=period,
        number=rounded(sum(counted.acts.values())),
        accepted=_part(counted.of_layer, "accept_all"),
        refused=_part(counted.of_layer, "reject_all", "close"),
        shown=times,
        shown_since=since,
        answers_to_shown=times and _per_hundred(rounded(counted.since_shown), times),
        options=tuple(_options(used, counted)),
        shares={name: _shares(used, counted.contexts, name) for name in DIMENSIONS},
        by=by,
        lines=tuple(filter(_says_something, made)),
    )


def _count(tallies: Iterable[Tally], used: Contexts, period: Period, by: str, since: int) -> _Counted:
    counted = _Counted(Counter(), Counter(), 0, Counter(), Counter(), Counter(), Counter())
    lines = {id: each.value(by) for id, each in used.items()} if by in DIMENSIONS else {}
    known: dict[tuple[int, bytes], tuple[list[str], list[str]]] = {}
    for day, id, answers, number in tallies:
        if id not in used:
            continue
        step, context = period.begin(day), used[id]
        counted.contexts[id] += number
        counted.acts[context.act] += number
        if context.surface in OF_LAYER:
            counted.of_layer[context.act] += number
            counted.since_shown += number if day >= since else 0
        if lines:
            counted.lines[lines[id], step] += number
        if (id, answers) not in known:
            known[id, answers] = _answered(context.keys, answers)
        yes, no = known[id, answers]
        for key in yes:
            counted.granted[key, step] += number
        for key in no:
            counted.denied[key, step] += number
    return counted


def _answered(keys: Sequence[str], answers: bytes) -> tuple[list[str], list[str]]:
    bits = int.from_bytes(answers, "little")
    return [key for at, key in enumerate(keys) if bits >> at & 1], [
        key for at, key in enumerate(keys) if not bits >> at & 1
    ]


def _part(counted: Counter[str], *names: str) -> int | None:
    part = sum(counted[name] for name in names)
    return share(rounded(part), rounded(sum(counted.values()) - part))


def _per_hundred(part: Rounded, whole: Rounded) -> int | None:
    return round(100 * part.estimate / whole.estimate) if whole.estimate >= LEAST else None


def _options(used: Contexts, counted: _Counted) -> Iterator[Answered]:
    """In the order of the notice that was answered most."""
    granted, denied = _totals(counted.granted), _totals(counted.denied)
    longest = sorted(used.values(), key=lambda each: -len(each.keys))
    for key in dict.fromkeys(key for each in longest for key in each.keys):
        if granted[key] or denied[key]:
            yield Answered(key, rounded(granted[key]), rounded(denied[key]))


def _totals(counted: Counter[tuple[str, int]]) -> Counter[str]:
    totals = Counter[str]()
    for (name, _), number in counted.items():
        totals[name] += number
    return totals


def _most_first(totals: Counter[str]) -> list[str]:
    """The most frequent first, as far as the rounded numbers say; else by name. An order by the exact numbers would
    tell which of two groups under ten is larger, and so how large it is to who adds to the other.
    """
    return sorted(totals, key=lambda name: (-rounded(totals[name]).estimate, name))


def _shares(used: Contexts, counted: Counter[int], dimension: str) -> tuple[Share, ...]:
    totals = Counter[str]()
    for id, number in counted.items():
        totals[used[id].value(dimension)] += number
    whole = sum(totals.values())
    return tuple(
        Share(value, rounded(totals[value]), share(rounded(totals[value]), rounded(whole - totals[value])))
        for value in _most_first(totals)
    )


def _numbers(counted: Counter[tuple[str, int]], period: Period) -> tuple[Line, ...]:
    names = _most_first(_totals(counted))
    if len(names) > MOST_LINES:
        others = set(names[MOST_LINES - 1 :])
        names = [*names[: MOST_LINES - 1], OTHERS]
        for (name, step), number in list(counted.items()):
            if name in others:
                counted[OTHERS, step] += number
    return tuple(Line(name, tuple(_visible(counted[name, step]) for step in period.steps)) for name in names)


def _says_something(line: Line) -> bool:
    return any(value is not None for value in line.values)


def _visible(number: int) -> int | None:
    return None if rounded(number).few else rounded(number).tens


def _rates(counted: _Counted, period: Period) -> tuple[Line, ...]:
    """Of the options that were answered most, how much was granted, in percent."""
    answered = _totals(counted.granted) + _totals(counted.denied)
    return tuple(
        Line(
            key,
            tuple(
                share(rounded(counted.granted[key, step]), rounded(counted.denied[key, step])) for step in period.steps
            ),
        )
        for key in _most_first(answered)[:MOST_LINES]
    )
