"""Acts of a visitor at any time, put directly into a store."""

from __future__ import annotations

from typing import Any

from consent_widget import Choice, SQLStore
from consent_widget.days import DAY, today
from consent_widget.notice.model import Notice

from .choice_body import choice_body


def act(store: SQLStore, under: Notice, subject: str, action: str, *keys: str, ago: int = 0, **more: Any) -> Choice:
    """An act of a visitor so many days `ago`, stored as it would have been then."""
    day = today() - ago
    if "seq" not in more:
        more["seq"] = len(store.history(subject)) + 1
    values: dict[str, Any] = {
        "subject": subject, "time": day * DAY * 1000, "notice": under.digest,
        "locale": "en", "action": action, "surface": "page", "purposes": choice_body(under, action, *keys)["purposes"],
        "valid_until": day + under.lifetime_days,
    }  # fmt: skip
    return store.add(Choice(**values | more))
