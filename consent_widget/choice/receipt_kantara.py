"""A receipt as Kantara's Consent Receipt Specification 1.1 has it. That knows consent only: it names what was agreed
to, and a choice that grants nothing has no purposes in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..days import iso_date
from ..notice.model import Notice
from ..notice.options import Option
from .act import Choice
from .issued import Issued
from .lifecycle import Event


def receipt_kantara(
    choice: Choice, notice: Notice, events: Mapping[str, tuple[Event, ...]], issued: Issued
) -> dict[str, object]:
    """The receipt, JSON-ready. `events` are those of each option that the choice decided (lifecycle.py)."""
    locale = choice.locale if choice.locale in notice.locales else notice.locales[0]
    granted = [notice.options[key] for key, found in events.items() if found[0].stage in ("given", "renewed")]
    controller = notice.controller
    labels = {each.id: each.label[locale] for each in notice.data}
    sensitive = [
        each.label[locale]
        for each in notice.data
        if each.sensitive and any(each.id in option.data for option in granted)
    ]
    purposes = [
        {
            "purpose": option.purpose.description[locale],
            "purposeCategory": [option.purpose.label[locale]],
            "consentType": "EXPLICIT",
            "piiCategory": [labels[id] for id in option.data],
            "primaryPurpose": False,
            "termination": f"{iso_date(choice.valid_until)}, {issued.withdraw_at}",
            **_third_party(notice, option, locale),
        }
        for option in granted
    ]
    return {
        "version": "KI-CR-v1.1.0",
        "jurisdiction": choice.region or notice.country or "unknown",
        "consentTimestamp": choice.time // 1000,
        "collectionMethod": f"{choice.action}, {choice.surface}",
        "consentReceiptID": choice.id,
        "language": locale.split("-")[0],
        "piiPrincipalId": choice.subject,
        "piiControllers": [
            {
                "piiController": controller.name[locale],
                "onBehalf": False,
                "contact": (controller.officer or controller.name)[locale],
                "address": {"streetAddress": controller.address[locale]},
                "email": controller.email[locale],
                "phone": controller.phone[locale],
                "piiControllerUrl": f"{issued.home}/notice",
            }
        ],
        "policyUrl": issued.notice(choice),
        "services": [{"service": controller.name[locale], "purposes": purposes}] if purposes else [],
        "sensitive": bool(sensitive),
        "spiCat": sensitive,
    }


def _third_party(notice: Notice, option: Option, locale: str) -> dict[str, object]:
    """Who gets the information for purposes of their own. A processor is no third party."""
    if option.recipient:
        return {"thirdPartyDisclosure": True, "thirdPartyName": option.recipient.name[locale]}
    names = [
        each.label[locale]
        for each in notice.recipient_classes
        if each.id in option.purpose.recipients and each.role != "processor"
    ]
    if not names or option.service:
        return {"thirdPartyDisclosure": False}
    return {"thirdPartyDisclosure": True, "thirdPartyName": ", ".join(names)}
