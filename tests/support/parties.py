"""Named recipients, as a notice has them."""

from __future__ import annotations

from consent_widget import Recipient
from consent_widget.text import Text

#: In another country, so PIPL 38 and 39 apply.
ACME_ABROAD = Recipient(
    id="acme",
    name=Text({"zh-CN": "艾克米", "en": "Acme"}),
    recipient_class="partners",
    company="Acme Inc.",
    contact="privacy@acme.example",
    country="US",
    means=Text({"zh-CN": "加密接口", "en": "Encrypted interface"}),
    data=("contact_info",),
    purposes=("partner_sharing",),
    transfer="standard_contract",
    rights=Text({"zh-CN": "致函 privacy@acme.example", "en": "Write to privacy@acme.example"}),
)


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
