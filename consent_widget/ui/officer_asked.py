"""What the officer asks to see, and what the values of it are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from ..choice.figures import OTHERS, Only
from ..choice.period import Period
from ..choice.tally import DIMENSIONS
from ..days import iso_date
from .i18n import language_name, region_name
from .view import View

#: What the chart can have a line for.
BY = ("action", "purpose", *DIMENSIONS[1:])
#: The periods that a link leads to, in days; 0 is all.
PERIODS = (7, 30, 90, 365, 0)


@dataclass(frozen=True)
class Labels:
    """What the values of dimensions, and the keys of options, are called."""

    view: View
    #: Versions of the notice, by digest.
    versions: Mapping[str, str]
    #: Options, by key.
    options: Callable[[str], str]

    def of(self, dimension: str, value: str) -> str:
        """One value, for a reader."""
        messages = self.view.messages
        if value == OTHERS:
            return messages["officer_others"]
        if not value:
            return messages["officer_unknown"]
        if dimension == "purpose":
            return self.options(value)
        if dimension == "locale":
            return language_name(value, self.view.locale)
        if dimension == "version":
            return self.versions.get(value, value[:8])
        if dimension == "region":
            return region_name(value, self.view.locale)
        return messages.get(f"{'act' if dimension == 'action' else dimension}_{value}", value)


@dataclass(frozen=True)
class Asked:
    """What the officer asks to see. `days` is one of PERIODS; None for a period of their own."""

    period: Period
    days: int | None
    by: str
    only: Only | None

    def address(self, view: View, **changed: object) -> str:
        """The address that shows this, with some of it changed."""
        own: dict[str, object] = {"days": self.days}
        if self.days is None:
            own = {"from": iso_date(self.period.first), "to": iso_date(self.period.end - 1)}
        own |= {"by": self.by}
        if self.only:
            own |= {"only": self.only.dimension, "is": self.only.value}
        query = urlencode({name: value for name, value in (own | changed).items() if value is not None})
        return f"{view.url('officer')}&{query}"
