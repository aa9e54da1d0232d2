"""Builds frozen dataclasses from the plain tables and lists that TOML and JSON give."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache

from .errors import NoticeError
from .text import Text


def build(kind: object, value: object, where: str, locales: Sequence[str]) -> object:
    """The `value` as the type `kind`: dataclasses from tables, by the names of their fields, tuples from lists, and a
    `Text` from a table with one text for each locale, or from one text for all `locales`. NoticeError says `where`.
    """
    if kind is Text:
        return _text(value, where, locales)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, value, where, locales)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return build(arguments[0], value, where, locales)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise NoticeError(f"{where}: must be a list.")
        named = [(item.get("id", n) if isinstance(item, Mapping) else n, item) for n, item in enumerate(value)]
        return tuple(build(arguments[0], item, f"{where}.{name}", locales) for name, item in named)
    if origin is typing.Literal:
        if value not in arguments:
            raise NoticeError(f"{where}: must be one of {', '.join(map(str, arguments))}.")
        return value
    if origin is Mapping:
        if not isinstance(value, Mapping) or (
            arguments[1] is str and not all(isinstance(t, str) for t in value.values())
        ):
            raise NoticeError(f"{where}: must be a table{' of texts' if arguments[1] is str else ''}.")
        return {name: build(arguments[1], item, _at(where, name), locales) for name, item in value.items()}
    if kind is object:
        return value
    if not isinstance(kind, type) or type(value) is not kind:
        names = {str: "a text", bool: "true or false", int: "a whole number"}
        raise NoticeError(f"{where}: must be {names.get(typing.cast(type, kind), str(kind))}.")
    return value


def _text(value: object, where: str, locales: Sequence[str]) -> Text:
    if isinstance(value, str):
        return Text(dict.fromkeys(locales, value))
    if callable(value):  # one that is translated
        return Text({locale: value(locale) for locale in locales})
    if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return Text(value)
    raise NoticeError(f"{where}: must be a text, or one text for each locale.")


def _record(kind: type, value: object, where: str, locales: Sequence[str]) -> object:
    if not isinstance(value, Mapping):
        raise NoticeError(f"{where}: must be a table of fields.")
    hints = _type_hints(kind)
    for name in value:
        if name not in hints:
            raise NoticeError(f"{_at(where, name)}: is not a field of {kind.__name__}. Check its spelling.")
    built: dict[str, object] = {}
    for field in fields(kind):
        if field.name not in value and field.default is MISSING and field.default_factory is MISSING:
            if hints[field.name] is not Text:
                raise NoticeError(f"{_at(where, field.name)}: is missing. Every {kind.__name__.lower()} needs it.")
            built[field.name] = Text({})  # check.py names all missing texts at once
    built |= {name: build(hints[name], item, _at(where, name), locales) for name, item in value.items()}
    return kind(**built)


#: Read once for each class: this takes most of the time that a notice takes to read.
_type_hints = cache(typing.get_type_hints)


def _at(where: str, name: object) -> str:
    return f"{where}.{name}".lstrip(".")
