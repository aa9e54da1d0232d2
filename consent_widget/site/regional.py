"""The bytes for visitors of other regions than the site's own: made when the first of them comes, and shared by all
regions that have the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from ..regions import region_of
from ..settings.model import Settings
from .assets import Assets


class RegionalAssets:
    """`make` makes the bytes for these settings and the code of a region."""

    def __init__(self, make: Callable[[Settings, str], Assets]) -> None:
        self._make = make
        self._made: dict[Hashable, Assets] = {}

    def of(self, settings: Settings, code: str) -> Assets:
        """The bytes for a region. What is not shown, and is the same for all of a site, does not tell two apart."""
        rules = replace(region_of(code), home=frozenset(), transfers=(), by_name=False, signal=False)
        if not settings.age or not settings.age.by_region:
            rules = replace(rules, consent_age=0)
        if rules not in self._made:
            self._made[rules] = self._make(settings, code)
        return self._made[rules]

    @property
    def made(self) -> tuple[Assets, ...]:
        """All that were made so far."""
        return tuple(self._made.values())
