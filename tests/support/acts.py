"""Acts of a visitor, put straight into a store: whenever they were."""

from __future__ import annotations

from typing import Any

from consent_widget import Choice, Recipient, SQLStore
from consent_widget.choice.act import new_key
from consent_widget.choice.submission import answers_from_form
from consent_widget.days import DAY, today
from consent_widget.notice.model import Notice
from consent_widget.text import Text

ACME, BOLT = (
    Recipient(
        id=id,
        name=Text({"zh-CN": name, "en": name}),
        recipient_class="partners",
        company=f"{name} Ltd",
        contact=f"privacy@{id}.example",
        country="CN",
        means=Text({"zh-CN": "逐笔传送", "en": "One by one"}),
        data=("contact_info",),
        purposes=("partner_sharing",),
    )
    for id, name in (("acme", "Acme"), ("bolt", "Bolt"))
)


def act(store: SQLStore, under: Notice, subject: str, action: str, *keys: str, ago: int = 0, **more: Any) -> Choice:
    """What a visitor did that many days `ago`, kept as it would have been then."""
    day = today() - ago
    told: dict[str, Any] = {
        "subject": subject, "seq": len(store.history(subject)) + 1, "time": day * DAY * 1000, "notice": under.digest,
        "locale": "en", "action": action, "surface": "page", "purposes": answers_from_form(under, action, keys, ()),
        "valid_until": day + under.lifetime_days, "key": new_key(),
    }  # fmt: skip
    return store.add(Choice(**told | more))
