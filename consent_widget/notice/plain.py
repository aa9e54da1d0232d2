"""A notice, or a part of it, as plain tables and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass


def plain(value: object) -> object:
    """`value` as JSON-ready dicts and lists. Fields at their default are left out, so that a field that is added to the
    model later changes no digest.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return _own(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _own(record: object) -> dict[str, object]:
    return {
        f.name: plain(getattr(record, f.name))
        for f in fields(record)  # type: ignore[arg-type]
        if f.metadata.get("shown", True) and (f.default is MISSING or getattr(record, f.name) != f.default)
    }
