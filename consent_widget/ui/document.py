"""A notice, or a receipt, as a document that stands alone, for whoever answers for it: as HTML, or as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

from ..notice.model import Notice
from .node import Node, el, html
from .receipt import Receipt, receipt
from .statement import statement
from .view import View

#: Elements that stand on lines of their own.
BLOCKS = re.compile(r"h[1-6]|p|li|dt|dd|tr|div|section|article|summary")
STYLE = """body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{border:1px solid;padding:.25rem .5rem;text-align:start;vertical-align:top}
article{border-top:2px solid;margin-top:2rem}code{overflow-wrap:anywhere}"""


def document(notice: Notice, locales: tuple[str, ...]) -> str:
    """The whole notice in these languages as one page: it loads nothing, and no link leads to our pages."""
    facts = el("p", f"{notice.id} {notice.version}, {notice.effective}, SHA-256 ", el("code", notice.digest))
    content = el("main", facts, *(el("div", *_parts(notice, locale), lang=locale) for locale in locales))
    return _page(locales[0], notice.title[locales[0]], content)


def receipt_document(view: View, shown: Receipt) -> str:
    """A receipt as such a page, in the language of the view."""
    return _page(view.locale, view.messages["receipt"], el("main", *_standing_alone(receipt(view, shown))))


def _page(locale: str, title: str, content: Node) -> str:
    head = Markup('<!doctype html>\n<html lang="{}">\n<meta charset="utf-8">\n<title>{}</title>\n<style>{}</style>\n')
    return head.format(locale, title, Markup(STYLE)) + html(content) + "\n"  # noqa: S704 ours


def as_text(notice: Notice, locales: tuple[str, ...]) -> str:
    """The same as lines."""
    lines = [f"{notice.id} {notice.version}, {notice.effective}", f"SHA-256 {notice.digest}"]
    for locale in locales:
        lines += ["", f"===== {locale} ====="]
        lines += (line for part in _parts(notice, locale) for line in _lines(part))
    return "\n".join(lines) + "\n"


def _parts(notice: Notice, locale: str) -> list[Node]:
    """What the first layer said, also to a child, and the statement."""
    texts = (notice.first_layer_title, notice.first_layer_body, notice.child_body)
    layer = [el("p", text[locale]) for text in texts if text]
    return [el("section", *layer), *_standing_alone(statement(View(notice, locale)))]


def _standing_alone(node: object) -> list[Node]:
    """The tree without what only a page of ours has: contents, languages, buttons, anchors and links to our pages."""
    if not isinstance(node, list):
        return [str(node)]
    tag, *parts = node
    attributes = parts.pop(0) if parts and isinstance(parts[0], dict) else {}
    if tag in ("nav", "button") or "cw-lang" in str(attributes.get("class", "")):
        return []
    children = [child for part in parts for child in _standing_alone(part)]
    address = str(attributes.get("href", ""))
    kept = {"href": address} if address.startswith(("https:", "http:", "mailto:", "tel:")) else {}
    return [[{"a": "a" if kept else "span", "details": "div", "summary": "p"}.get(str(tag), tag), kept, *children]]


def _lines(node: Node) -> Iterator[str]:
    """Each block as a line, with what stands before a heading or an item of a list."""
    text, blocks = "", False
    for piece in _pieces(node):
        if piece is None or isinstance(piece, tuple):
            if text.strip():
                yield text.rstrip()
            text, blocks = ("" if piece is None else piece[0]), True
        else:
            text += piece
    if text.strip() or not blocks:
        yield text.rstrip()


def _pieces(node: object) -> Iterator[str | tuple[str] | None]:
    """The texts of a tree; None where a line ends, and a tuple where one begins with these characters."""
    if not isinstance(node, list):
        yield str(node)
        return
    tag, *parts = node
    children = [part for part in parts if not isinstance(part, dict)]
    block = BLOCKS.fullmatch(str(tag))
    if block:
        yield ({"li": "- ", "dd": "  "}.get(str(tag), "\n" if str(tag).startswith("h") else ""),)
    for number, child in enumerate(children):
        if tag == "tr" and number:
            yield " | "
        yield from _pieces(child)
    if block:
        yield None
