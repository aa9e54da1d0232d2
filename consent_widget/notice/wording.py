"""A part of a notice, or one of its fields, as text for a visitor: in every locale, with names for ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text import Text
from .model import Notice
from .parts import Cookie

#: Fields that hold ids, and the list of the notice that these ids are from.
NAMED = {"data": "data", "recipients": "recipient_classes", "recipient_class": "recipient_classes",
         "purposes": "purposes", "recipient": "recipients", "group": "groups"}  # fmt: skip


def title(part: Any) -> Text | None:
    """The name of a part."""
    return getattr(part, "label", None) or getattr(part, "name", None) or getattr(part, "title", None)


def whole(part: Any, locales: tuple[str, ...]) -> Text | None:
    """A whole part as one text: its name and what it says. None where there is no part."""
    if part is None:
        return None
    names = ("label", "name", "title", "text", "description", "company", "country")
    values = [getattr(part, name) for name in names if isinstance(getattr(part, name, None), (Text, str))]
    return Text({locale: " · ".join(_as_text(item, {}, locale) for item in values) for locale in locales})


def value(field: str, value: object, notice: Notice, locales: tuple[str, ...]) -> Text | None:
    """The value of a field as text; None where it is empty."""
    if value is None or value in ((), {}):
        return None
    named = {part.id: title(part) for part in getattr(notice, NAMED[field])} if field in NAMED else {}
    return Text({locale: _as_text(value, named, locale) for locale in locales})


def _as_text(value: Any, named: Mapping[str, Any], locale: str) -> str:
    if isinstance(value, Text):
        return value.get(locale) or next(iter(value.values()))
    if isinstance(value, str) and named.get(value):
        return _as_text(named[value], {}, locale)
    if isinstance(value, Cookie):
        about = [_as_text(value.duration, {}, locale)] if value.duration else []
        about += [value.host] if value.host else []
        return value.name + (f" ({', '.join(about)})" if about else "")
    if isinstance(value, Mapping):
        return "; ".join(f"{key.upper()} {item}" for key, item in value.items())
    if isinstance(value, tuple):
        return ("、" if locale.startswith("zh") else ", ").join(_as_text(item, named, locale) for item in value)
    return str(value)
