"""How long a choice stands: its record is kept for the notice's term after that."""

from __future__ import annotations

from ..days import day_of
from ..regions import region_of
from .act import Choice


def stands_until(choice: Choice) -> int:
    """The last day (since 1970) on which anything that this choice decided is in force, or could be. A refusal may last
    longer than a grant of the same choice (State.after).
    """
    refuses = "gpc" in choice.signals or not all(choice.purposes.values())
    day = day_of(choice.time)
    return max(choice.valid_until, day + region_of(choice.region, day).refusal_days if refuses else 0)
