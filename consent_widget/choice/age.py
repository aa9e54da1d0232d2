"""How old a visitor is, as far as a site has to know: one of three age bands, never a birth date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeGuard, get_args

from ..errors import ConfigurationError
from ..regions import ELSEWHERE, Region

#: child: below `child_below`; teen: from there to 17, if any; adult: 18 or older.
Band = Literal["child", "teen", "adult"]
BANDS = get_args(Band)
MINORS = ("child", "teen")
LAST_YEAR_OF_MINORS = 17


@dataclass(frozen=True, kw_only=True)
class Age:
    """How a site finds out how old its visitors are (`CONSENT_AGE`)."""

    #: Visitors younger than this are children: by default the age of consent in the site's region.
    child_below: int = ELSEWHERE.consent_age
    #: Does the widget ask? If not, only the account says it.
    ask: bool = True
    #: Returns the age band of the account that is signed in, or None. It wins over what the browser says.
    account: Callable[[], str | None] | None = None
    #: Sends a guardian their link: `send(address, link, locale)`. This package does not store the address.
    send: Callable[[str, str, str], object] | None = None
    #: Where the site is, for that link, as `https://www.shop.example`. Not taken from a request, because its sender
    #: chooses the Host header.
    url: str = ""
    #: Is `child_below` that of the region, and not the site's own?
    by_region: bool = True

    def under(self, region: Region) -> Age:
        """The same in a region: its age of consent counts unless the site has set one."""
        return replace(self, child_below=region.consent_age) if self.by_region else self

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands that visitors can be in: nobody is a teen where children are all who are under 18."""
        return tuple(band for band in BANDS if self.placed(band) == band)

    def placed(self, band: str) -> str:
        """The band here of somebody who is in `band` by an account, a cookie or a press made elsewhere."""
        return "child" if band == "teen" and self.child_below > LAST_YEAR_OF_MINORS else band

    def of_account(self) -> Band | None:
        """The age band of the account that is signed in, or None."""
        band = self.account() if self.account else None
        if band is None:
            return None
        if is_band(placed := self.placed(band)):
            return placed
        raise ConfigurationError(f"CONSENT_AGE: account must return one of {', '.join(BANDS)}, or None.")

    def written(self, band: str) -> str | None:
        """An age band as records say it, for example `under_14`. None for an unknown one."""
        names = {"child": f"under_{self.child_below}", "teen": f"{self.child_below}_to_17", "adult": "18_or_over"}
        return names.get(self.placed(band))


def read_band(written: str | None) -> Band | None:
    """The age band that a record says, whatever `child_below` was at that time."""
    if not written:
        return None
    if written.startswith("under_"):
        return "child"
    return "adult" if written == "18_or_over" else "teen"


def older(band: str, other: str) -> bool:
    """Is `band` older than `other`? False where either is unknown."""
    return band in BANDS and other in BANDS and BANDS.index(band) > BANDS.index(other)


def is_band(value: object) -> TypeGuard[Band]:
    """Is this untrusted value an age band?"""
    return value in BANDS


def read_age(table: object) -> Age:
    """`CONSENT_AGE` as an Age. ConfigurationError where a value is not usable."""
    names = [field.name for field in fields(Age) if field.name != "by_region"]
    if not isinstance(table, Mapping) or not table.keys() <= set(names):
        raise ConfigurationError(f"CONSENT_AGE: must be a table with some of: {', '.join(names)}.")
    given: dict[str, Any] = {"child_below": ELSEWHERE.consent_age, **table}
    if type(given["child_below"]) is not int or not 13 <= given["child_below"] <= 18:
        raise ConfigurationError(
            "CONSENT_AGE: child_below must be a whole number from 13 to 18. Leave it out to have the region's."
        )
    if type(given.get("ask", True)) is not bool:
        raise ConfigurationError("CONSENT_AGE: ask must be True or False.")
    for name in ("account", "send"):
        if given.get(name) is not None and not callable(given[name]):
            raise ConfigurationError(f"CONSENT_AGE: {name} must be a function.")
    if not given.get("ask", True) and not given.get("account"):
        raise ConfigurationError("CONSENT_AGE: with ask = False nobody says the age. Add account, or ask.")
    url = given.get("url", "")
    if not isinstance(url, str) or (url and not url.startswith(("https://", "http://"))):
        raise ConfigurationError("CONSENT_AGE: url must say where the site is, like https://www.shop.example.")
    if given.get("send") and not url:
        raise ConfigurationError(
            "CONSENT_AGE: send needs url, where the site is, like https://www.shop.example. The links that guardians "
            "get lead there, whatever host a request names."
        )
    return Age(**given | {"url": url.rstrip("/"), "by_region": "child_below" not in table})
