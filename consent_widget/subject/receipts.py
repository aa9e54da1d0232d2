"""Receipts as files, in every form that they are asked for: for the visitor, and for whoever answers for the site."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..choice.act import Choice
from ..choice.lifecycle import Event, lifecycle
from ..choice.receipt import receipt
from ..choice.receipt_27560 import Issued, receipt_27560
from ..choice.receipt_kantara import receipt_kantara
from ..errors import NoSuchForm
from ..notice.model import Notice
from ..site.site import Site
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
}


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
    """The receipt of a choice in one of FORMS. Raises NoSuchForm where it cannot be written so."""
    notice, events = shown_notice(site, choice.notice), events_of(site, choice, history)
    if form == "json":
        return _json(receipt(choice, notice, issued.withdraw_at) | _details(choice, notice, events, issued))
    if notice is None:
        raise NoSuchForm("The text that this choice answered is not known here. Take the receipt as JSON.")
    if not events:
        raise NoSuchForm("This choice decided about nothing, so there is no consent to write of. Take it as JSON.")
    return _json((receipt_27560 if form == "jsonld" else receipt_kantara)(choice, notice, events, issued))


def _details(
    choice: Choice, notice: Notice | None, events: Mapping[str, tuple[Event, ...]], issued: Issued
) -> dict[str, object]:
    """What the receipt file says beyond the short receipt: what became of each answer, and the record itself."""
    return {
        "receipt": issued.receipt(choice),
        "notice_at": issued.notice(choice) if notice else None,
        "events": {key: [event.plain() for event in each] for key, each in events.items()},
        "record": choice.plain(),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
