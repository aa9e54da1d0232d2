"""What is for sale, and the basket. The basket is part of each page's address, so that it needs no cookie."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import request
from werkzeug.datastructures import MultiDict

from .words import in_locale, locale

MAX_QUANTITY = 9


@dataclass(frozen=True)
class Good:
    """One thing on the shelf, described in one language."""

    slug: str
    price: int
    name: str
    line: str
    text: str
    alt: str
    facts: tuple[tuple[str, str], ...]
    #: The recipient in the notice that sells it, where it is not the shop itself.
    partner: str = ""


@cache
def goods(locale: str) -> Mapping[str, Good]:
    """All goods by slug, in the order of the shelf."""
    raw = tomllib.loads(Path(__file__).with_name("goods.toml").read_text("utf-8"))
    return {slug: _good(slug, in_locale(values, locale)) for slug, values in raw.items()}


def _good(slug: str, values: dict[str, object]) -> Good:
    facts = values.pop("facts")
    assert isinstance(facts, list)
    return Good(slug=slug, facts=tuple((label, text) for label, text in facts), **values)  # type: ignore[arg-type]


def read_basket(query: MultiDict[str, str]) -> dict[str, int]:
    """The basket in `?item=…&qty=…&item=…&qty=…`, without items that are not for sale."""
    basket: dict[str, int] = {}
    for slug, quantity in zip(query.getlist("item"), query.getlist("qty"), strict=False):
        if slug in goods("en") and quantity.isascii() and quantity.isdigit():
            basket[slug] = min(basket.get(slug, 0) + int(quantity[:3]), MAX_QUANTITY)
    return {slug: quantity for slug, quantity in basket.items() if quantity}


def lines() -> list[tuple[Good, int]]:
    """The basket of this request: each item and its quantity."""
    return [(goods(locale())[slug], quantity) for slug, quantity in read_basket(request.args).items()]


def total() -> int:
    """The price of the basket of this request."""
    return sum(good.price * quantity for good, quantity in lines())
