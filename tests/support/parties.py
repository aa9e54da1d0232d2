"""A named recipient, as a notice would have it."""

from __future__ import annotations

from consent_widget import Recipient
from consent_widget.text import Text

ACME = Recipient(
    id="acme",
    name=Text({"zh-CN": "艾克米", "en": "Acme"}),
    recipient_class="partners",
    company="Acme Inc.",
    contact="privacy@acme.example",
    country="US",
    means=Text({"zh-CN": "加密接口", "en": "Encrypted interface"}),
    data=("contact_info",),
    purposes=("partner_sharing",),
)
