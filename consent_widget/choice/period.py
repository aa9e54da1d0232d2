"""A period that is counted by days or by weeks, as suits the number of its records."""

from __future__ import annotations

from typing import NamedTuple

#: Days in a period of which each is shown by itself; longer ones are shown by weeks. So are those of four weeks or more
#: where a day has fewer records than this on average: most days would be under ten.
MOST_DAYS, FOUR_WEEKS, FEWEST_A_DAY = 92, 28, 30


class Period(NamedTuple):
    """Days since 1970 (UTC): from `first` to before `end`. By weeks, it begins on a Monday."""

    first: int
    end: int
    #: How many days are shown as one: 1 or 7.
    step: int = 1

    @property
    def days(self) -> int:
        """How many days there are."""
        return self.end - self.first

    def stepped(self, records: int) -> Period:
        """The same period by days or by weeks, as suits so many records."""
        is_quiet = self.days >= FOUR_WEEKS and records < FEWEST_A_DAY * self.days
        return self._replace(step=7 if self.days > MOST_DAYS or is_quiet else 1)

    def begin(self, day: int) -> int:
        """The first of the days that this day is shown with. 1970 began on a Thursday."""
        return day if self.step == 1 else (day + 3) // 7 * 7 - 3

    @property
    def steps(self) -> range:
        """The first day of each step. Of a week that began before the period, or is not over at its end, nobody is told
        a part: it would look as if visitors had stayed away.
        """
        first = self.begin(self.first + self.step - 1)
        end = self.end - (self.end - first) % self.step
        return range(first, end, self.step) if first < end else range(self.first, self.end, self.step)
