"""Where visitors close their account, and within which term it is done (`CONSENT_CLOSE_ACCOUNT`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import ConfigurationError

#: 15 working days: MIIT and CAC, 《App违法违规收集使用个人信息行为认定方法》 (2019), art. 6.
MOST_DAYS = 15
ADDRESS = re.compile(r"(https?://[^\s\"'<>]+|mailto:[^\s\"'<>]+|/(?!/)[^\s\"'<>\\]*)")


class Closing(NamedTuple):
    """The address, and the most working days from the request until it is done."""

    url: str
    working_days: int = MOST_DAYS


def read_closing(table: object) -> Closing:
    """`CONSENT_CLOSE_ACCOUNT` as a Closing. ConfigurationError where a value is not usable."""
    name = "CONSENT_CLOSE_ACCOUNT"
    if not isinstance(table, Mapping) or not {"url"} <= table.keys() <= {"url", "working_days"}:
        raise ConfigurationError(f"{name}: must be a table with url, and if needed working_days.")
    url, days = table["url"], table.get("working_days", MOST_DAYS)
    if not isinstance(url, str) or not ADDRESS.fullmatch(url):
        raise ConfigurationError(f"{name}: url must be a path of your site such as /account/close, or an address.")
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        raise ConfigurationError(f"{name}: working_days must be a whole number from 1 to {MOST_DAYS}.")
    return Closing(url, days)
