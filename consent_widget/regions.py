"""The rules of each region, as one table with dates: what a site has to ask, show and allow there.

Rules that were in force before this package have no date. One that is promulgated and not yet in force is a row
of a later day. docs/regions.md is made from this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from .days import day_of_date, today

#: On what basis information goes to another country. `exempt`: a case that the law exempts from the others.
Transfer = Literal["standard_contract", "certification", "security_assessment", "adequacy", "binding_rules", "exempt"]
#: What the law lets a site do before a visitor has answered: `opt_in` nothing; `exempt` own statistics and appearance,
#: with information and a simple way to object; `opt_out` ordinary purposes, until the visitor opts out.
Model = Literal["opt_in", "exempt", "opt_out"]
#: What no guardian can agree to for a child: nothing more than the notice says, advertising, or any tracking.
Closed = Literal["", "advertising", "tracking"]

#: A code of ISO 3166 (`CN`, `US-CA`), or `EU`, or `UK` for `GB`.
CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
#: The code of an unknown region (CLDR, UTS 35): its rules are the strictest of all.
UNKNOWN = "ZZ"


class Authority(NamedTuple):
    """Who a visitor can complain to. `name` is a key of the messages. `days`: within so many the site itself has to
    acknowledge a complaint; 0: no rule. `afterwards`: only once the site itself has answered.
    """

    name: str
    url: str
    days: int = 0
    afterwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Region:
    """The rules of one region."""

    #: From this age on, people consent for themselves: PIPL 31, COPPA, UK GDPR 8, GDPR 8 and the states' own laws.
    consent_age: int = 14
    #: For so many days after a refusal the visitor is not asked again (Cal. Civ. Code 1798.135(c)(4): twelve months).
    refusal_days: int = 0
    model: Model = "opt_in"
    #: Does the law there oblige sites to honour the opt-out signal (GPC)? The widget honours it everywhere.
    signal: bool = False
    #: Is the opt-out link "Your Privacy Choices", with the icon of 11 CCR 7015(b), which covers sensitive uses, too?
    privacy_choices: bool = False
    closed_to_children: Closed = ""
    authority: Authority | None = None
    #: The countries that count as one: what goes to another goes abroad.
    home: frozenset[str] = frozenset()
    #: On what basis it may go there (PIPL 38 and the CAC's provisions of March 2024; GDPR 45 to 49). Empty: no rule.
    transfers: tuple[Transfer, ...] = ()
    #: Do recipients abroad, and those that are no processors, need separate consent by name (PIPL 23, 39)?
    by_name: bool = False

    def is_abroad(self, country: str) -> bool:
        """Does what goes to this country go abroad, under a law that has rules for it?"""
        return bool(self.transfers) and country.split("-")[0] not in self.home


class Row(NamedTuple):
    """Rules, and the date from which they hold."""

    since: str
    rules: Region


ELSEWHERE = Region()
#: The oldest age, the longest refusal, and nothing before an answer: what holds where nobody knows where a visitor is.
STRICTEST = Region(consent_age=18, refusal_days=365, signal=True, closed_to_children="tracking")

_EUROPE = {
    "EU": 16,
    "AT": 14, "BE": 13, "BG": 14, "CY": 14, "CZ": 15, "DE": 16, "DK": 15, "EE": 13, "ES": 14, "FI": 13, "FR": 15,
    "GR": 15, "HR": 16, "HU": 16, "IE": 16, "IS": 13, "IT": 14, "LI": 16, "LT": 14, "LU": 16, "LV": 13, "MT": 13,
    "NL": 16, "NO": 13, "PL": 16, "PT": 13, "RO": 16, "SE": 13, "SI": 15, "SK": 16,
}  # fmt: skip
_UK = frozenset({"UK", "GB"})
_EEA = frozenset(_EUROPE)
_GDPR: tuple[Transfer, ...] = ("adequacy", "standard_contract", "binding_rules", "certification", "exempt")
_PIPL: tuple[Transfer, ...] = ("standard_contract", "certification", "security_assessment", "exempt")
# GDPR 13(2)(d) and 77
_AUTHORITIES = Authority("authority_eu", "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en")
# DUAA 2025 s. 103, in force since 2026-06-19: complaints by electronic means, acknowledged within 30 days. PECR
# Schedule A1, in force since 2026-02-05: statistics and appearance without consent.
_BRITISH = Region(
    consent_age=13, model="exempt", home=_UK, transfers=_GDPR,
    authority=Authority("authority_uk", "https://ico.org.uk/make-a-complaint/", 30),
)  # fmt: skip
_CHINESE = Region(consent_age=14, home=frozenset({"CN"}), transfers=_PIPL, by_name=True)
# Opting out: Cal. Civ. Code 1798.120 and the laws of the other states. Below 13: COPPA.
_AMERICAN = Region(consent_age=13, refusal_days=365, model="opt_out")
# Those that oblige sites to honour the signal; not so Virginia, Indiana, Kentucky, Rhode Island, Utah, Tennessee, Iowa
_SIGNAL_STATES = ("CO", "CT", "TX", "OR", "DE", "NJ", "MN", "MD", "MT", "NE", "NH")
# DPDP Act 2(f), 9(3): below 18, no tracking and no targeted advertising. 6(3), 13: the Board, after the site itself.
_INDIAN = Region(
    consent_age=18,
    closed_to_children="tracking",
    authority=Authority("authority_in", "https://www.meity.gov.in/", afterwards=True),
)
# Lei 15.211/2025 (Digital ECA), since 2026-03-17: below 16 linked to a guardian (24); no profiled advertising (22)
_BRAZILIAN = Region(
    consent_age=16, closed_to_children="advertising", authority=Authority("authority_br", "https://www.gov.br/anpd/")
)
_JAPANESE = Region(authority=Authority("authority_jp", "https://www.ppc.go.jp/en/"))

_ALWAYS_IN_FORCE: Mapping[str, Region] = {
    "CN": _CHINESE,
    "US": _AMERICAN,
    "US-CA": replace(_AMERICAN, signal=True, privacy_choices=True),
    **{f"US-{state}": replace(_AMERICAN, signal=True) for state in _SIGNAL_STATES},
    "IN": _INDIAN,
    "BR": _BRAZILIAN,
    "JP": _JAPANESE,
    **dict.fromkeys(sorted(_UK), _BRITISH),
    **{
        code: Region(consent_age=age, home=_EEA, transfers=_GDPR, authority=_AUTHORITIES)
        for code, age in _EUROPE.items()
    },
    UNKNOWN: STRICTEST,
}
_LATER: Mapping[str, tuple[Row, ...]] = {
    # APPI as amended, promulgated on 2026-07-17 and in force within two years: below 16
    "JP": (Row("2028-07-16", replace(_JAPANESE, consent_age=16)),),
}
#: By code: the rows of a region, oldest first.
REGIONS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    code: (Row("1970-01-01", rules), *_LATER.get(code, ())) for code, rules in _ALWAYS_IN_FORCE.items()
})  # fmt: skip


@lru_cache(maxsize=1_000)
def region_on(code: str, day: int) -> Region:
    """The rules for a code such as `CN` or `US-CA` on a day since 1970. A part of a country has its country's rules,
    unless it has a row of its own.
    """
    rows = REGIONS.get(code) or REGIONS.get(code.split("-")[0], ())
    return next((row.rules for row in reversed(rows) if day_of_date(row.since) <= day), ELSEWHERE)


def region_of(code: str, day: int | None = None) -> Region:
    """The same for today, where no day is given."""
    return region_on(code, today() if day is None else day)
