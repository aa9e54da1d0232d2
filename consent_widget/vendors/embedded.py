"""The addresses of embedded content: what an address of the vendor says, and the address that a frame gets instead.

static/src/embeds/vendorAddress.js does the same in the page; tests/vendors/embed_cases.json holds for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .model import Vendor

PLACE = re.compile(r"\{(\w+)\}")
#: A moment in a film as the vendors' own links write it: 1h2m3s, 90s.
MOMENT = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,5})s)?")


def each_parameters(vendor: Vendor) -> list[str]:
    """The names of the parameters that differ from one element of a page to the next. The first one tells most."""
    return [name for name, parameter in vendor.parameters.items() if parameter.each]


def built(template: str, values: Mapping[str, str]) -> str:
    """The address with the values in it, percent-encoded. What its query says nothing about is left out of it."""
    filled = PLACE.sub(lambda place: quote(values.get(place[1], ""), safe="=/,!~*'()"), template)
    path, _, query = filled.partition("?")
    said = [part for part in query.split("&") if part.partition("=")[2]]
    return path + ("?" + "&".join(said) if said else "")


def read_address(vendor: Vendor, address: str) -> dict[str, str] | None:
    """The parameters that an address of this vendor names: a player's, or that of a page which a visitor has copied.
    None where it is no such address. What does not fit a parameter's pattern is left out.
    """
    if not vendor.embed:
        return None
    try:
        url = urlsplit(address.strip())
        host = (url.hostname or "").lower()
    except ValueError:
        return None
    if url.scheme not in ("", "http", "https"):
        return None
    for pattern in vendor.embed.addresses:
        if found := re.fullmatch(pattern, host + unquote(url.path), re.ASCII):
            values = {name: value for name, value in found.groupdict().items() if value}
            for query, value in parse_qsl(url.query):
                name = vendor.embed.queries.get(query, query)
                if name in each_parameters(vendor) and name not in values:
                    fits = re.compile(vendor.parameters[name].pattern, re.ASCII).fullmatch
                    if fitting := next(filter(fits, (value, _seconds(value))), ""):
                        values[name] = fitting
            return values
    return None


def _seconds(moment: str) -> str:
    found = MOMENT.fullmatch(moment)
    if not moment or not found:
        return ""
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(hours * 3600 + minutes * 60 + seconds)
