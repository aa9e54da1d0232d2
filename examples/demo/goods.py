"""What is for sale, and the basket. It travels in the address, so that no cookie is needed for it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import request
from werkzeug.datastructures import MultiDict

from .words import locale, said

MOST = 9


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


@cache
def goods(locale: str) -> Mapping[str, Good]:
    """The whole shelf, by slug, in shelf order."""
    raw = tomllib.loads(Path(__file__).with_name("goods.toml").read_text("utf-8"))
    return {slug: _good(slug, said(each, locale)) for slug, each in raw.items()}


def _good(slug: str, told: dict[str, object]) -> Good:
    facts = told.pop("facts")
    assert isinstance(facts, list)
    return Good(slug=slug, facts=tuple((label, text) for label, text in facts), **told)  # type: ignore[arg-type]


def read_basket(query: MultiDict[str, str]) -> dict[str, int]:
    """The basket in `?item=…&qty=…&item=…&qty=…`. What is not on the shelf is not in the basket."""
    basket: dict[str, int] = {}
    for slug, quantity in zip(query.getlist("item"), query.getlist("qty"), strict=False):
        if slug in goods("en") and quantity.isascii() and quantity.isdigit():
            basket[slug] = min(basket.get(slug, 0) + int(quantity[:3]), MOST)
    return {slug: quantity for slug, quantity in basket.items() if quantity}


def lines() -> list[tuple[Good, int]]:
    """The basket of this request: what, and how many."""
    return [(goods(locale())[slug], quantity) for slug, quantity in read_basket(request.args).items()]


def total() -> int:
    """What the basket of this request costs."""
    return sum(good.price * quantity for good, quantity in lines())
