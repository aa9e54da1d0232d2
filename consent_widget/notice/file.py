"""Reads a notice from a TOML or JSON file. It passes the same checks as one that is built in Python."""

from __future__ import annotations

import json
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from ..errors import NoticeError
from ..text import Text
from ..text_file import read_text_file
from .canonical import digest as sha256
from .model import Notice

SHIPPED = ("shop", "minimal")


def read_notice(source: str | Path, controller: Mapping[str, object] | None = None) -> Notice:
    """The notice in a file, or a shipped one by name (`"shop"`, `"minimal"`). `controller` says who is responsible
    where the file does not. NoticeError names the file and the place in it.
    """
    shipped = source in SHIPPED
    path = Path(str(files(__package__) / f"{source}.toml")) if shipped else Path(source)
    try:
        text = read_text_file(path)
    except OSError as error:
        raise NoticeError(f"{path}: cannot be read ({error.strerror}). Check CONSENT_NOTICE.") from None
    except ValueError as error:
        raise NoticeError(f"{path}: {error}") from None
    try:
        raw = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise NoticeError(f"{path}: is not well formed: {error}") from None
    try:
        return notice_from(raw, controller)
    except NoticeError as error:
        raise NoticeError(f"{path.name}: {error}") from None


def find_notice(source: str | Path, folders: Iterable[Path]) -> str | Path:
    """Where the file of a notice is: in the first of the `folders` that has it. A shipped notice is its name, and an
    absolute path is itself. NoticeError says where it was looked for.
    """
    places = list(dict.fromkeys(folder / source for folder in folders))
    if source in SHIPPED or not places or Path(source).is_absolute():
        return source
    if found := next((path for path in places if path.exists()), None):
        return found
    raise NoticeError(
        f"{source}: cannot be read: it is not there. Looked for {', '.join(map(str, places))}. Check CONSENT_NOTICE."
    )


def notice_from(raw: Mapping[str, object], controller: Mapping[str, object] | None = None) -> Notice:
    """The notice that plain tables and lists describe, as TOML and JSON give them."""
    if not isinstance(raw, Mapping):
        raise NoticeError("a notice is a table of fields.")
    raw = dict(raw)
    identity = raw.get("controller") or controller
    if not identity:
        raise NoticeError("controller: nobody is named. Set CONSENT_CONTROLLER (name, address, email, phone).")
    raw["controller"] = identity
    locales = raw.get("locales")
    built = _build(Notice, raw, "", locales if isinstance(locales, list) else [])
    return typing.cast(Notice, built)


def stored_notice(text: str | None, digest: str) -> Notice | None:
    """The notice whose `text` a store holds under `digest`. None where the text is lost or does not fit the digest."""
    if text is None or sha256(text) != digest:
        return None
    return notice_from(json.loads(text))


def _build(kind: object, value: object, where: str, locales: list[str]) -> object:
    if kind is Text:
        return _text(value, where, locales)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, value, where, locales)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _build(arguments[0], value, where, locales)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise NoticeError(f"{where}: must be a list.")
        named = [(item.get("id", n) if isinstance(item, Mapping) else n, item) for n, item in enumerate(value)]
        return tuple(_build(arguments[0], item, f"{where}.{name}", locales) for name, item in named)
    if origin is typing.Literal:
        if value not in arguments:
            raise NoticeError(f"{where}: must be one of {', '.join(map(str, arguments))}.")
        return value
    if origin is Mapping:
        if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
            raise NoticeError(f"{where}: must be a table of texts.")
        return dict(value)
    if not isinstance(kind, type) or type(value) is not kind:
        names = {str: "a text", bool: "true or false", int: "a whole number"}
        raise NoticeError(f"{where}: must be {names.get(typing.cast(type, kind), str(kind))}.")
    return value


def _text(value: object, where: str, locales: list[str]) -> Text:
    if isinstance(value, str):
        return Text(dict.fromkeys(locales, value))
    if callable(value):  # one that is translated
        return Text({locale: value(locale) for locale in locales})
    if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return Text(value)
    raise NoticeError(f"{where}: must be a text, or one text for each locale.")


def _record(kind: type, value: object, where: str, locales: list[str]) -> object:
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
    built |= {name: _build(hints[name], item, _at(where, name), locales) for name, item in value.items()}
    return kind(**built)


#: Read once for each class: this takes most of the time that a notice takes to read.
_type_hints = cache(typing.get_type_hints)


def _at(where: str, name: object) -> str:
    return f"{where}.{name}".lstrip(".")
