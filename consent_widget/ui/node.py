"""A tree of elements, as plain lists. `html` prints it for a page; the script gets it as JSON and builds the same
elements. So both show the same, and no text can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from markupsafe import Markup, escape

Node: TypeAlias = "str | list[object]"
HEADING = re.compile(r"(?<![\w#.-])h([2-6])(?![\w-])")
VOID = {"input", "br", "link", "meta", "hr", "img", "wbr"}


def el(tag: str, *parts: object, **attributes: str | bool | None) -> Node:
    """An element: `[tag, {attributes}, child, …]`. `tag` may have classes (`"p.cw-lead"`). In the names of attributes
    `_` becomes `-`; True makes an empty attribute. Attributes that are False or None, and children that are None, are
    left out.
    """
    name, *classes = tag.split(".")
    given = {
        key.replace("_", "-"): "" if value is True else value
        for key, value in ({"class": " ".join(classes) or None} | attributes).items()
        if value is not None and value is not False
    }
    children = [part for part in parts if part is not None]
    return [name, given, *children] if given else [name, *children]


def filled(pattern: str, **parts: Node) -> list[Node]:
    """`pattern` with each `{name}` replaced by the element or text of that name: the children of an element."""
    return [parts[text] if place else text for place, text in _split(pattern) if text]


def _split(pattern: str) -> Iterator[tuple[bool, str]]:
    for number, text in enumerate(re.split(r"\{(\w+)\}", pattern)):
        yield number % 2 == 1, text


def raised(node: object) -> object:
    """The same tree with each heading one level higher. A surface's title is an `h2`, as it stands in somebody's page;
    on a page of our own it is the `h1`.
    """
    if isinstance(node, Mapping) and "aria-level" in node:
        return {**node, "aria-level": str(int(node["aria-level"]) - 1)}
    if not isinstance(node, list):
        return node
    tag, *parts = node
    return [raised_headings(str(tag)), *map(raised, parts)]


def raised_headings(text: str) -> str:
    """`text`, the name of an element or a style sheet, with `h1` in place of `h2`, and so on."""
    return HEADING.sub(lambda found: f"h{int(found[1]) - 1}", text)


def html(node: object) -> Markup:
    """The tree as HTML, every text escaped."""
    return Markup("".join(_printed(node)))  # noqa: S704  every text and value below is escaped


def _printed(node: object) -> Iterator[str]:
    if not isinstance(node, list):
        yield escape(node)  # Markup is not escaped again
        return
    tag, *parts = node
    attributes = parts.pop(0) if parts and isinstance(parts[0], Mapping) else {}
    written = "".join(f' {key}="{escape(value)}"' if value else f" {key}" for key, value in attributes.items())
    yield f"<{tag}{written}>"
    for part in parts:
        yield from _printed(part)
    if tag not in VOID:
        yield f"</{tag}>"
