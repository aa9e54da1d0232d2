"""Rules that depend on where a site's visitors live (CONSENT_REGION), one row for each region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Region:
    """The rules of one region."""

    #: From this age on, people consent for themselves: PIPL 31, COPPA, UK GDPR 8, GDPR 8 and the states' own laws.
    consent_age: int = 14
    #: For so many days after a refusal the visitor is not asked again (Cal. Civ. Code 1798.135(c)(4): twelve months).
    refusal_days: int = 0
    #: Must the notice say how visitors exercise their rights with a recipient in another country (PIPL 39)?
    rights_abroad: bool = False


ELSEWHERE = Region()
_EUROPE = {
    "EU": 16, "UK": 13, "GB": 13,
    "AT": 14, "BE": 13, "BG": 14, "CY": 14, "CZ": 15, "DE": 16, "DK": 15, "EE": 13, "ES": 14, "FI": 13, "FR": 15,
    "GR": 15, "HR": 16, "HU": 16, "IE": 16, "IS": 13, "IT": 14, "LI": 16, "LT": 14, "LU": 16, "LV": 13, "MT": 13,
    "NL": 16, "NO": 13, "PL": 16, "PT": 13, "RO": 16, "SE": 13, "SI": 15, "SK": 16,
}  # fmt: skip
REGIONS: Mapping[str, Region] = MappingProxyType({
    "CN": Region(consent_age=14, rights_abroad=True),
    "US": Region(consent_age=13, refusal_days=365),
    **{code: Region(consent_age=age) for code, age in _EUROPE.items()},
})  # fmt: skip


def region_of(code: str) -> Region:
    """The rules for a code such as `CN` or `US-CA`. A part of a country has its country's rules."""
    return REGIONS.get(code.split("-")[0], ELSEWHERE)
