"""Whom information goes to, and where: what the law of the notice's country asks to tell, and to ask by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NoticeError
from ..regions import Region, region_of

if TYPE_CHECKING:
    from .model import Notice
    from .parts import Purpose, Recipient, Service


def check_parties(notice: Notice, country: str) -> None:
    """NoticeError where the notice contradicts the law of this country (or region). Wherever one rules transfers, each
    recipient and service abroad states its basis. In China separate consent by name is needed, beside that, for
    whatever rests on consent and goes abroad (PIPL 39) or to others than processors (PIPL 23): so "Accept all" never
    covers it; nor does it cover sensitive information (PIPL 29). What rests on no consent is only told.
    """
    region = region_of(country)
    purposes = {purpose.id: purpose for purpose in notice.purposes}
    for recipient in notice.recipients:
        if region.is_abroad(recipient.country):
            _check_recipient_abroad(recipient, region)
    for service in notice.services:
        if region.is_abroad(service.country):
            _check_service_abroad(notice, service, [purposes[id] for id in service.purposes], region)
    if region.by_name:
        for purpose in notice.purposes:
            _check_kinds(notice, purpose)
            _check_sensitive(notice, purpose)


def _check_recipient_abroad(recipient: Recipient, region: Region) -> None:
    where = f"recipients.{recipient.id}"
    _check_basis(where, recipient, region)
    if region.by_name and recipient.rights is None:
        raise NoticeError(
            f"{where}.rights: is missing. It is abroad ({recipient.country}), so visitors must be told how to exercise "
            "their rights there (PIPL 39)."
        )


def _check_service_abroad(notice: Notice, service: Service, purposes: list[Purpose], region: Region) -> None:
    where = f"services.{service.id}"
    recipient = next((each for each in notice.recipients if each.id == service.recipient), None)
    if recipient is None:
        if region.by_name and any(purpose.consent != "none" for purpose in purposes):
            from .recipient_lines import recipient_lines  # only where something is wrong

            raise NoticeError(
                f"{where}: is abroad ({service.country}), so it needs separate consent by name, and may not run on "
                '"Accept all" (PIPL 39). Use a service in your own country; or name who runs it under [[recipients]]. '
                "For that write what follows. contact is where visitors reach it, transfer the basis that you have: "
                f"{', '.join(region.transfers)}.\n\n{recipient_lines(notice, service, region)}"
            )
        _check_basis(where, service, region)
    elif not region.is_abroad(recipient.country):
        raise NoticeError(
            f"{where}: is abroad ({service.country}), and its recipient is said to be in {recipient.country}. Say "
            "there where the information goes, and on what basis (transfer)."
        )


def _check_basis(where: str, party: Recipient | Service, region: Region) -> None:
    bases = ", ".join(region.transfers)
    if party.transfer is None:
        raise NoticeError(
            f"{where}.transfer: is missing. It is abroad (country {party.country!r}, a code of ISO 3166), so "
            f"visitors must be told the basis of the transfer (PIPL 38, GDPR 13(1)(f)). Say one of: {bases}."
        )
    if party.transfer not in region.transfers:
        raise NoticeError(
            f"{where}.transfer: {party.transfer!r} is no basis for a transfer from your country. Say one of: {bases}."
        )


def _check_kinds(notice: Notice, purpose: Purpose) -> None:
    processors = {kind.id for kind in notice.recipient_classes if kind.role == "processor"}
    for kind in purpose.recipients if purpose.consent in ("ordinary", "single_use") else ():
        if kind not in processors:
            raise NoticeError(
                f"purposes.{purpose.id}.recipients: {kind!r} is not said to be a processor, and all others need "
                "separate consent by name (PIPL 23). Drop it here, and name each of them under [[recipients]] with "
                "this purpose; or, if they act for you only and on your instructions, set "
                f'role = "processor" in recipient_classes.{kind}.'
            )


def _check_sensitive(notice: Notice, purpose: Purpose) -> None:
    sensitive = {category.id for category in notice.data if category.sensitive}
    for used in purpose.data if purpose.in_accept_all else ():
        if used in sensitive:
            raise NoticeError(
                f'purposes.{purpose.id}.data: {used!r} is sensitive, which needs separate consent, and "Accept all" '
                "grants it with others (PIPL 29). Drop it here, or set in_accept_all = false."
            )
