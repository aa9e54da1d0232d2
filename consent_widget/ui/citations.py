"""The law that a purpose rests on, as lawyers of each language cite it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .view import View

#: An article with its paragraph and point: `13`, `44-49`, `6(1)(b)`, `13(1)(2)`.
ARTICLE = re.compile(r"(\d+(?:-\d+)?)(?:\((\d+)\))?(?:\((\w+)\))?")


def citations(view: View, basis: Mapping[str, str]) -> list[str]:
    """One citation for each law of `basis`, a purpose's `legal_basis`. A law that has no name here is left out."""
    cited = ((view.messages[law], articles.split("; ")) for law, articles in basis.items() if law in view.messages)
    if not view.locale.startswith("zh"):
        return [name.format(article="; ".join(articles)) for name, articles in cited]
    return [name.format(article="、".join(map(_in_chinese, articles))) for name, articles in cited]


def read_basis(text: str) -> dict[str, str]:
    """The basis that was written as `GDPR 6(1)(b); 6(1)(c); PIPL 13(1)(2)` (notice/wording.py)."""
    basis: dict[str, str] = {}
    for citation in text.split("; "):
        law, _, article = citation.rpartition(" ")
        law = law.lower() or list(basis)[-1]
        basis[law] = f"{basis[law]}; {article}" if law in basis else article
    return basis


def _in_chinese(article: str) -> str:
    found = ARTICLE.fullmatch(article)
    if not found:
        return article
    number, paragraph, point = found.groups()
    parts = [f"第 {number.replace('-', '–')} 条"]
    parts += [f"第 {paragraph} 款"] if paragraph else []
    parts += [f"第 {point if point.isdigit() else f'({point})'} 项"] if point else []
    return "".join(parts)
