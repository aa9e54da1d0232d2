"""The receipt that a visitor gets for a choice: what was recorded, and where to withdraw it."""

from __future__ import annotations

from ..days import iso_date, iso_moment
from ..notice.model import Notice
from .act import Choice
from .earlier import source_of


def receipt(choice: Choice, notice: Notice | None, withdraw_at: str) -> dict[str, object]:
    """A choice as JSON-ready values, with the notice that it answered. `withdraw_at` is the address
    for withdrawing. Withdrawal has no effect on what was lawfully done before it (PIPL 15, GDPR 7(3)). Of a choice
    that was carried over it says from which tool, and the day of it there, as its cookie said.
    """
    tool, chosen = source_of(choice.signals)
    return {
        "id": choice.id,
        "time": iso_moment(choice.time),
        "locale": choice.locale,
        "action": choice.action,
        "purposes": dict(choice.purposes),
        "valid_until": iso_date(choice.valid_until),
        "notice": {
            "id": notice.id if notice else None,
            "version": notice.version if notice else None,
            "digest": choice.notice,
        },
        "controller": notice.controller.name.get(choice.locale) if notice else None,
        "withdraw_at": withdraw_at,
        **({"carried_over_from": {"tool": tool, "chosen": chosen or None}} if tool else {}),
    }
