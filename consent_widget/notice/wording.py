"""What a part of a notice, or one field of it, says to a visitor: in every locale, with ids by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text import Text
from .model import Notice
from .parts import Cookie

#: Fields that hold ids, and the part of the notice that each names.
NAMED = {"data": "data", "recipients": "recipient_classes", "recipient_class": "recipient_classes",
         "purposes": "purposes", "recipient": "recipients", "group": "groups"}  # fmt: skip


def title(part: Any) -> Text | None:
    """What a part is called."""
    return getattr(part, "label", None) or getattr(part, "name", None) or getattr(part, "title", None)


def whole(part: Any, notice: Notice, locales: tuple[str, ...]) -> Text | None:
    """A part in one text: what it is called and what it says."""
    if part is None:
        return None
    names = ("label", "name", "title", "text", "description", "company", "country")
    said = [getattr(part, name) for name in names if isinstance(getattr(part, name, None), (Text, str))]
    return Text({locale: " · ".join(_said(each, {}, locale) for each in said) for locale in locales})


def value(field: str, value: object, notice: Notice, locales: tuple[str, ...]) -> Text | None:
    """The value of a field; None where it is empty."""
    if value is None or value in ((), {}):
        return None
    named = {part.id: title(part) for part in getattr(notice, NAMED[field])} if field in NAMED else {}
    return Text({locale: _said(value, named, locale) for locale in locales})


def _said(value: Any, named: Mapping[str, Any], locale: str) -> str:
    if isinstance(value, Text):
        return value.get(locale) or next(iter(value.values()))
    if isinstance(value, str) and named.get(value):
        return _said(named[value], {}, locale)
    if isinstance(value, Cookie):
        return value.name + (f" ({_said(value.duration, {}, locale)})" if value.duration else "")
    if isinstance(value, Mapping):
        return "; ".join(f"{key.upper()} {item}" for key, item in value.items())
    if isinstance(value, tuple):
        return ("、" if locale.startswith("zh") else ", ").join(_said(each, named, locale) for each in value)
    return str(value)
