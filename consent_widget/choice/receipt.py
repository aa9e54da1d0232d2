"""What the visitor gets back for a choice: enough to know what was kept, and how to undo it."""

from __future__ import annotations

from ..notice.model import Notice
from .act import Choice


def receipt(choice: Choice, notice: Notice | None, withdraw_at: str) -> dict[str, object]:
    """A choice as JSON-ready values, with the notice it answers. Withdrawing works from now on
    and does not undo what was lawfully done before (PIPL 15, GDPR 7(3)).
    """
    told = choice.plain()
    return {
        **{name: told[name] for name in ("id", "time", "locale", "action", "purposes", "valid_until")},
        "notice": {
            "id": notice.id if notice else None,
            "version": notice.version if notice else None,
            "digest": choice.notice,
        },
        "controller": notice.controller.name.get(choice.locale) if notice else None,
        "withdraw_at": withdraw_at,
    }
