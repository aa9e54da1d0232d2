"""Contact details as links: an address of email, a page or a telephone in a text can be pressed."""

from __future__ import annotations

import re

from .node import Node, el

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
PAGE = r"https://[^\s，。；、（）();]*[^\s，。；、（）();.,]"
TELEPHONE = r"\+\d[\d -]{6,}\d"
CONTACT = re.compile(f"({EMAIL})|({PAGE})|({TELEPHONE})", re.ASCII)


def linked(text: str) -> list[Node]:
    """`text` with a link around each contact in it: the children of an element."""
    nodes: list[Node] = []
    end = 0
    for found in CONTACT.finditer(text):
        rel = "noreferrer" if found[2] else None
        nodes += [text[end : found.start()], el("a", found[0], href=_address(*found.groups()), rel=rel)]
        end = found.end()
    return [node for node in (*nodes, text[end:]) if node]


def _address(email: str | None, page: str | None, telephone: str | None) -> str:
    return page or (f"mailto:{email}" if email else "tel:" + re.sub(r"[^+\d]", "", telephone or ""))
