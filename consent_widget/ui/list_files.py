"""The visitor's two lists as files: JSON for programs, CSV for spreadsheets. What is not known is null there, and told
as not known in a spreadsheet.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from ..choice.closing import Closing
from ..choice.collected import Collected, Shared, in_locale, iso
from ..choice.lists import CollectedRow, Lists, SharedRow, Use
from ..choice.written import FORMULA
from ..days import iso_date, iso_time, now_ms
from ..notice.parts import Recipient, RecipientClass, Service
from .i18n import country
from .lists import COLUMNS, RECORDS, Kind, collected_rows, other_rows, shared_rows
from .node import Node
from .view import View


def as_plain(
    view: View, kind: Kind, lists: Lists, subject: str | None, closing: Closing | None
) -> dict[str, object]:  # fmt: skip
    """One list as JSON-ready values, with times in ISO 8601."""
    rows = [_collected(view, row) for row in other_rows(lists)] if kind == "collected" else []
    if kind == "collected":
        choices = lists.choices
        ends = (iso_time(choices[0].time), iso_time(choices[-1].time)) if choices else (None, None)
        records = {"first": ends[0], "last": ends[1], "times": None if choices is None else len(choices)}
        rows.insert(0, {"what": RECORDS, "name": view.messages["list_records"], **records})
    return {
        "controller": view.notice.controller.name.get(view.locale),
        "notice": f"{view.notice.id} {view.notice.version}",
        "subject": subject,
        "made": iso_time(now_ms()),
        "records_read": lists.choices is not None,
        "site_records": {"yes": "complete", "cut": "incomplete", "failed": "unavailable"}[lists.complete],
        kind: rows or [_shared(view, row) for row in lists.shared],
        "close_account": closing and closing._asdict(),
    }


def as_csv(view: View, kind: Kind, lists: Lists) -> str:
    """One list as the page has it. It begins with a byte order mark, so that spreadsheets read it as UTF-8."""
    out = StringIO("\ufeff")
    out.seek(1)
    writer = csv.writer(out)
    writer.writerow(view.messages[f"list_{name}"] for name in COLUMNS[kind])
    for row in collected_rows(view, lists) if kind == "collected" else shared_rows(view, lists):
        writer.writerow(_cell(cell) for cell in row)
    return out.getvalue()


def _collected(view: View, row: CollectedRow) -> dict[str, object]:
    category = row.category
    name = category.label[view.locale] if category else in_locale(row.lines[0].what, view.locale)
    return {
        "what": category.id if category else None,
        "name": name,
        "sensitive": category.sensitive if category else None,
        "purposes": [_use(view, use) for use in row.uses],
        "collected": [_line(view, line) | {"how": in_locale(line.how, view.locale) or None} for line in row.lines]
        or None,
    }


def _shared(view: View, row: SharedRow) -> dict[str, object]:
    party, locale = row.party, view.locale
    labels = {each.id: each.label[locale] for each in view.notice.data}
    names = [each.label[locale] for each in row.data]
    names += [labels.get(id, id) for line in row.lines for id in line.data]
    own: dict[str, object] = {
        "recipient": party.id if party else None,
        "name": in_locale(row.lines[0].recipient, locale) if party is None else _name(party, locale),
        "company": party.company if isinstance(party, (Recipient, Service)) else None,
        "country": country(party.country, locale) if isinstance(party, (Recipient, Service)) else None,
        "contact": party.contact if isinstance(party, Recipient) else next(filter(None, _contacts(row)), None),
        "data": list(dict.fromkeys(names)) or None,
        "purposes": [_use(view, use) for use in row.uses],
        "means": party.means[locale] if isinstance(party, Recipient) else None,
    }
    lines = [_line(view, each) | {"means": in_locale(each.means, locale) or None} for each in row.lines]
    return own | {"shared": lines or None}


def _name(party: Recipient | Service | RecipientClass, locale: str) -> str:
    return party.label[locale] if isinstance(party, RecipientClass) else party.name[locale]


def _contacts(row: SharedRow) -> Sequence[str]:
    return [line.contact for line in row.lines]


def _use(view: View, use: Use) -> dict[str, object]:
    return {
        "id": use.purpose.id,
        "name": use.purpose.label[view.locale],
        "stand": use.stand,
        "since": iso_time(use.time) if use.time else None,
        "until": iso_date(use.until) if use.until else None,
        "receipt": use.choice or None,
    }


def _line(view: View, line: Collected | Shared) -> dict[str, object]:
    return {
        "purpose": line.purpose or None,
        "detail": in_locale(line.detail, view.locale) or None,
        "first": iso(line.first),
        "last": iso(line.last),
        "times": line.times,
    }


def _cell(nodes: Sequence[Node]) -> str:
    """The text of a cell. No spreadsheet takes it for a formula (OWASP)."""
    text = "; ".join(filter(None, (" ".join(_texts(node)).strip() for node in nodes)))
    return f"'{text}" if text.startswith(FORMULA) else text


def _texts(node: object) -> Iterator[str]:
    if not isinstance(node, list):
        yield str(node)
        return
    for part in node[1:]:
        if not isinstance(part, dict):
            yield from _texts(part)
