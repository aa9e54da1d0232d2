"""The label of goods that a partner sells: who they are, and what they get when somebody buys."""

from __future__ import annotations

from ..choice.age import MINORS
from ..notice.parts import Recipient
from .i18n import country
from .node import Node, el
from .services import company
from .view import View


def partner_label(view: View, recipient: Recipient, band: str = "") -> Node:
    """A note for a page of the site. What a partner gets anyway, for a purpose that is always on, is told without an
    “if”; all else they get only with the visitor's consent, and the link leads to where that is given and withdrawn.
    About a minor, by the age `band`, they get nothing for a purpose that is off for everybody under 18.
    """
    messages, locale = view.messages, view.locale
    purposes = [purpose for purpose in view.notice.purposes if purpose.id in recipient.purposes]
    labels = {category.id: category.label[locale] for category in view.notice.data}
    data = view.listed([labels[id] for id in recipient.data])
    always = any(purpose.control == "always_on" for purpose in purposes)
    never = band in MINORS and all(purpose.minors == "off" for purpose in purposes)
    seller = {
        "name": recipient.name[locale],
        "company": company(view, recipient),
        "country": country(recipient.country, locale),
    }
    told = messages["partner_gets_none" if never else "partner_gets" if always else "partner_gets_if"].format(data=data)
    return el(
        "p.cw-partner",
        messages["partner_sells"].format(**seller) + view.space + told + view.space,
        el("a", messages["partner_more"], href=view.url("preferences"), data_consent_open=True),
        role="note",
        lang=locale,
    )
