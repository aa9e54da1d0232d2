"""A tree of elements. `html` prints it for a page; as plain lists it goes to the script, which
builds the same elements. So both show the same thing, and text is only ever text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from markupsafe import Markup, escape

Attributes: TypeAlias = Mapping[str, str]
Node: TypeAlias = "str | list[object]"
VOID = {"input", "br", "link", "meta", "hr"}


def el(tag: str, *parts: object, **attributes: str | bool | None) -> Node:
    """`[tag, {attributes}, child, …]`. `tag` may carry classes (`"p.cw-lead"`); attributes that are
    False or None are left out, True ones stand empty; `_` in a name becomes `-`. Children that
    are None are left out.
    """
    name, *classes = tag.split(".")
    told = {
        key.strip("_").replace("_", "-"): "" if value is True else value
        for key, value in ({"class": " ".join(classes) or None} | attributes).items()
        if value is not None and value is not False
    }
    children = [part for part in parts if part is not None]
    return [name, told, *children] if told else [name, *children]


def html(node: object) -> Markup:
    """The tree as HTML, every text escaped."""
    return Markup("".join(_printed(node)))  # noqa: S704  every text and value below is escaped


def _printed(node: object) -> Iterator[str]:
    if not isinstance(node, list):
        yield escape(node)  # Markup stays as it is
        return
    tag, *parts = node
    attributes = parts.pop(0) if parts and isinstance(parts[0], Mapping) else {}
    written = "".join(f' {key}="{escape(value)}"' if value else f" {key}" for key, value in attributes.items())
    yield f"<{tag}{written}>"
    for part in parts:
        yield from _printed(part)
    if tag not in VOID:
        yield f"</{tag}>"
