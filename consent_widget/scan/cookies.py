"""What a `Set-Cookie` header does."""

from __future__ import annotations

import re
from contextlib import suppress
from email.utils import parsedate_to_datetime
from time import time


def cookie_name(header: str) -> str:
    """The name of the cookie that a `Set-Cookie` sets; empty where it deletes one (RFC 6265, 5.2.1 and 5.2.2)."""
    pair, *attributes = header.split(";")
    name, equals, _ = pair.partition("=")
    for attribute in attributes:
        key, _, value = (part.strip() for part in attribute.partition("="))
        if key.lower() == "max-age" and re.fullmatch(r"-\d+|0+", value):
            return ""
        if key.lower() == "expires":
            with suppress(ValueError, OverflowError):
                expires = parsedate_to_datetime(value.replace("-", " "))
                if expires.timestamp() < time() and "max-age" not in header.lower():
                    return ""
    return name.strip() if equals else ""
