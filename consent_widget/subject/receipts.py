"""Receipts as files, in every form that they are asked for: for the visitor, and for whoever answers for the site."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..choice.act import Choice
from ..choice.issued import Issued
from ..choice.lifecycle import Event, lifecycle
from ..choice.receipt import receipt
from ..choice.receipt_27560 import receipt_27560
from ..choice.receipt_kantara import receipt_kantara
from ..errors import LogError, NoSuchForm, NotAsSigned, NotInLogYet, ReceiptGone
from ..notice.model import Notice
from ..site.site import Site
from ..store import is_sql_store
from .records import replay_subject, shown_notice


class Form(NamedTuple):
    """One form of a receipt: its media type, and the name of its file."""

    mimetype: str
    file: str


#: The forms, by what follows the number of the receipt in its address.
FORMS: Mapping[str, Form] = {
    "json": Form("application/json", "receipt.json"),
    "jsonld": Form("application/ld+json", "receipt.jsonld"),
    "kantara.json": Form("application/json", "receipt.kantara.json"),
    "tlog-proof": Form("text/plain", "receipt.tlog-proof"),
}
#: The forms of an act that decided about nothing.
ALWAYS = ("json", "tlog-proof")
#: Within so many minutes the log is signed, where a command does that and nobody knows when.
OFTEN = 60


def events_of(site: Site, choice: Choice, history: Sequence[Choice]) -> Mapping[str, tuple[Event, ...]]:
    """What the choice came to, for each option that it decided. Empty where it decided none, or the text that it
    answered is lost. `history` has all choices of its subject at this site, oldest first.
    """
    notice = shown_notice(site, choice.notice)
    if notice is None:
        return {}
    single = hasattr(site.store, "uses") and any(each.action == "allow" for each in history)
    used = site.store.uses(choice.subject) if single else {}  # type: ignore[attr-defined]
    now = replay_subject(site, choice.subject, list(history))
    return lifecycle(choice, history, notice, lambda digest: shown_notice(site, digest), used, now, site.notice)


def receipt_as(form: str, site: Site, choice: Choice, history: Sequence[Choice], issued: Issued) -> str:
    """The receipt of a choice in one of FORMS. Raises NoSuchForm where it cannot be written so, and NotInLogYet."""
    if form == "tlog-proof":
        return _proof(site, choice)
    notice, events = shown_notice(site, choice.notice), events_of(site, choice, history)
    if form == "json":
        return _json(receipt(choice, notice, issued.withdraw_at) | _details(choice, notice, events, issued))
    if notice is None:
        raise NoSuchForm("The text that this choice answered is not known here. Take the receipt as JSON.")
    if not events:
        raise NoSuchForm("This choice decided about nothing, so there is no consent to write of. Take it as JSON.")
    return _json((receipt_27560 if form == "jsonld" else receipt_kantara)(choice, notice, events, issued))


def is_proved(site: Site) -> bool:
    """Has the site a signed log, by which others can check its records?"""
    return site.settings.log_key is not None and is_sql_store(site.store)


def is_signed(site: Site, choice: Choice) -> bool:
    """Has a checkpoint of the log this choice already?"""
    record = site.store.record(choice.id) if is_sql_store(site.store) else None
    return record is not None and is_sql_store(site.store) and site.store.checkpoint_for(record.number) is not None


def _proof(site: Site, choice: Choice) -> str:
    """The proof that the record is in the log (c2sp.org/tlog-proof@v1)."""
    if site.settings.log_key is None or not is_sql_store(site.store):
        raise NoSuchForm("This site signs no log of its records, so it cannot prove one (CONSENT_LOG_KEY).")
    record = site.store.record(choice.id)
    if record is None:
        raise ReceiptGone
    try:
        proof = site.store.prove(record)
    except LogError as error:
        logging.getLogger(__name__).error("The proof of a record could not be made. %s", error)
        raise NotAsSigned from None
    if proof is None:
        raise NotInLogYet(60 * (site.settings.log_minutes or OFTEN))
    return proof.text


def _details(
    choice: Choice, notice: Notice | None, events: Mapping[str, tuple[Event, ...]], issued: Issued
) -> dict[str, object]:
    """What the receipt file says beyond the short receipt: what became of each answer, and the record itself."""
    return {
        "receipt": issued.address(choice),
        "notice_at": issued.notice(choice) if notice else None,
        "events": {key: [event.plain() for event in each] for key, each in events.items()},
        "record": choice.plain(),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
