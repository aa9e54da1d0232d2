"""A notice as TOML, which reads back as the same notice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .plain import plain

if TYPE_CHECKING:
    from .model import Notice

BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(notice: Notice) -> str:
    """The notice as a file to read and to edit."""
    return "\n".join(_table(plain(notice), "")) + "\n"


def part_as_toml(name: str, part: object) -> str:
    """A part of a notice, such as a recipient, as one more of the list `name`."""
    return "\n".join((f"[[{name}]]", *_table(plain(part), name)))


def _table(table: Any, path: str) -> Iterator[str]:
    """Values first: in TOML a table takes every field that follows."""
    inside = {}
    for name, value in table.items():
        if _is_list_of_tables(value) or (isinstance(value, Mapping) and not _is_text(value)):
            inside[name] = value
        else:
            yield f"{_key(name)} = {_value(value)}"
    for name, value in inside.items():
        where = f"{path}.{_key(name)}".lstrip(".")
        for item in value if isinstance(value, list) else [value]:
            yield from ("", f"[[{where}]]" if isinstance(value, list) else f"[{where}]")
            yield from _table(item, where)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, Mapping) and not _is_text(each) for each in value)


def _is_text(table: Mapping[str, object]) -> bool:
    return all(isinstance(each, str) for each in table.values())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON writes texts, numbers and true as TOML does, but for one character that TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
