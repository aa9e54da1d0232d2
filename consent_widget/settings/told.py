"""What of the settings others may read, such as an auditor. A setting that does not say it itself tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

HIDDEN = "(set, and not told here)"


def as_it_is(value: object) -> object:
    """A value of plain texts, numbers and tables, JSON-ready. Of a function only that there is one."""
    if value is None or isinstance(value, (str, int)):
        return value
    if callable(value):
        return "(a function)"
    if isinstance(value, Mapping):
        return {str(name): as_it_is(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_it_is(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_it_is(getattr(value, field.name)) for field in fields(value)}
    return HIDDEN


def kind_of(value: object) -> object:
    """Only what kind of object it is."""
    return f"({type(value).__name__})"


def scheme_of(url: str) -> object:
    """Of the URL of a database only its first word: its password may be anywhere else, in the query as well."""
    scheme, separator, _ = url.partition("://")
    return f"{scheme}://…" if separator and scheme.replace("+", "").isalnum() else HIDDEN
