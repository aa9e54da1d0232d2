"""Rules that depend on where a site and its visitors are (the notice's country, CONSENT_REGION): one row for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: On what basis information goes to another country. `exempt`: a case that the law exempts from the others.
Transfer = Literal["standard_contract", "certification", "security_assessment", "adequacy", "binding_rules", "exempt"]


@dataclass(frozen=True, kw_only=True)
class Region:
    """The rules of one region."""

    #: From this age on, people consent for themselves: PIPL 31, COPPA, UK GDPR 8, GDPR 8 and the states' own laws.
    consent_age: int = 14
    #: For so many days after a refusal the visitor is not asked again (Cal. Civ. Code 1798.135(c)(4): twelve months).
    refusal_days: int = 0
    #: The countries that count as one: what goes to another goes abroad.
    home: frozenset[str] = frozenset()
    #: On what basis it may go there (PIPL 38 and the CAC's provisions of March 2024; GDPR 45 to 49). Empty: no rule.
    transfers: tuple[Transfer, ...] = ()
    #: Do recipients abroad, and those that are no processors, need separate consent by name (PIPL 23, 39)?
    by_name: bool = False

    def is_abroad(self, country: str) -> bool:
        """Does what goes to this country go abroad, under a law that has rules for it?"""
        return bool(self.transfers) and country.split("-")[0] not in self.home


ELSEWHERE = Region()
_EUROPE = {
    "EU": 16, "UK": 13, "GB": 13,
    "AT": 14, "BE": 13, "BG": 14, "CY": 14, "CZ": 15, "DE": 16, "DK": 15, "EE": 13, "ES": 14, "FI": 13, "FR": 15,
    "GR": 15, "HR": 16, "HU": 16, "IE": 16, "IS": 13, "IT": 14, "LI": 16, "LT": 14, "LU": 16, "LV": 13, "MT": 13,
    "NL": 16, "NO": 13, "PL": 16, "PT": 13, "RO": 16, "SE": 13, "SI": 15, "SK": 16,
}  # fmt: skip
_UK = frozenset({"UK", "GB"})
_EEA = frozenset(_EUROPE) - _UK
_GDPR: tuple[Transfer, ...] = ("adequacy", "standard_contract", "binding_rules", "certification", "exempt")
_PIPL: tuple[Transfer, ...] = ("standard_contract", "certification", "security_assessment", "exempt")
REGIONS: Mapping[str, Region] = MappingProxyType({
    "CN": Region(consent_age=14, home=frozenset({"CN"}), transfers=_PIPL, by_name=True),
    "US": Region(consent_age=13, refusal_days=365),
    **{
        code: Region(consent_age=age, home=_UK if code in _UK else _EEA, transfers=_GDPR)
        for code, age in _EUROPE.items()
    },
})  # fmt: skip


def region_of(code: str) -> Region:
    """The rules for a code such as `CN` or `US-CA`. A part of a country has its country's rules."""
    return REGIONS.get(code.split("-")[0], ELSEWHERE)
