"""Addresses within the shop."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from .goods import read_basket
from .words import locale


def to(endpoint: str, basket: dict[str, int] | None = None, **values: Any) -> str:
    """The address of a page of the shop, with the language and the basket."""
    if "lang" in request.args:
        values.setdefault("lang", locale())
    carried = read_basket(request.args) if basket is None else basket
    return url_for(endpoint, **values, item=list(carried), qty=list(carried.values()))
