"""Numbers that tell of no single person: rounded down to tens, and under ten only that they are under ten.

Two such numbers, subtracted from each other, say no more of a group of one to nine than that it is under twenty.
Nothing that is shown is made of the exact numbers (docs/decisions/0047-charts.md).
"""

from __future__ import annotations

from typing import NamedTuple

#: The smallest group that is shown.
LEAST = 10


class Rounded(NamedTuple):
    """A number as it may be shown. `tens` is its whole tens; `few`: it is one to nine."""

    tens: int
    few: bool = False

    @property
    def estimate(self) -> float:
        """The middle of what the number may be, for proportions."""
        return 5.0 if self.few else self.tens + 4.5 if self.tens else 0.0


def rounded(number: int) -> Rounded:
    """A number as it may be shown."""
    return Rounded(number - number % LEAST, 0 < number < LEAST)


def share(part: Rounded, *rest: Rounded) -> int | None:
    """How much `part` is of it and the `rest` together, in whole percent, by the rounded numbers. None where all of
    them together are too few to say it.
    """
    whole = part.estimate + sum(each.estimate for each in rest)
    return round(100 * part.estimate / whole) if whole >= LEAST else None
