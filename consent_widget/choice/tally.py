"""What a store counts: records that have a day, a context and all answers in common; and how often was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

#: What is no act of the visitor has a name of its own beside the actions.
BY_SURFACE = {"carried": "carried", "signal": "signal", "account": "account"}
#: What records can be told apart by.
DIMENSIONS = ("action", "locale", "version", "layout", "region")


class Context(NamedTuple):
    """What records that are counted together have in common. `keys` are the options that were answered."""

    notice: str
    locale: str
    action: str
    surface: str
    region: str
    layout: str
    keys: tuple[str, ...]

    @property
    def act(self) -> str:
        """What was done: the action, or what it is instead of one."""
        return BY_SURFACE.get(self.surface, self.action)

    def value(self, dimension: str) -> str:
        """What it says of one of DIMENSIONS. A version is named by its notice."""
        if dimension == "action":
            return self.act
        return str(getattr(self, "notice" if dimension == "version" else dimension))


class Tally(NamedTuple):
    """So many records of one day, or of the days from `day` on, share a context and all their answers: of the
    context's keys, bit i of `answers` (little-endian) says whether key i was granted.
    """

    day: int
    context: int
    answers: bytes
    number: int


Contexts: TypeAlias = Mapping[int, Context]


class Showing(NamedTuple):
    """What is counted together when the first layer is given: a day since 1970, and what is the same for many. `notice`
    is a digest.
    """

    day: int
    site: str
    locale: str
    layout: str
    region: str
    notice: str

    def value(self, dimension: str) -> str | None:
        """What it says of one of DIMENSIONS; None where it says nothing."""
        if dimension == "action":
            return None
        return str(getattr(self, "notice" if dimension == "version" else dimension))
