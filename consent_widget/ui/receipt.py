"""One receipt to read and to print: what was agreed to and refused, when, and under which notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from ..choice.state import CONFIRMS
from ..days import iso_date
from .choices import HistoryEntry, entry_in_words, local_moment, notice_path, option_name, own_section, version
from .dates import written_date
from .i18n import language_name
from .node import Node, el
from .view import View

Row: TypeAlias = "tuple[str, Node | None]"


def receipt(view: View, entry: HistoryEntry) -> Node:
    """The receipt of one choice: first what was agreed to and refused, and what only a check needs folded."""
    messages, choice, path = view.messages, entry.choice, entry.path
    done = "done_by_guardian" if choice.actor == "guardian" else "action"
    facts: list[Row] = [
        (messages[done], entry_in_words(view, entry)),
        (messages["time"], local_moment(view, choice.time)),
        (messages["valid_until"], written_date(iso_date(choice.valid_until), view.locale)),
        (messages["notice"], version(view, entry)),
        (messages["language"], language_name(choice.locale, view.locale)),
        (messages["controller"], (entry.notice or view.notice).controller.name.get(view.locale)),
    ]
    technical: list[Row] = [
        (messages["receipt_number"], _code(choice.id)),
        (messages["time_utc"], _code(f"{datetime.fromtimestamp(choice.time / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}")),
        (messages["fingerprint"], _fingerprint(view, entry)),
    ]
    said = messages["gpc"] if "gpc" in choice.signals else None
    if CONFIRMS in choice.signals:
        said = messages["gpc_conflict_confirmed"]
    return own_section(
        view,
        messages["receipt"],
        path,
        *_answers(view, entry, True),
        *_answers(view, entry, False),
        el("p", said) if said else None,
        _list(facts),
        el("p.cw-small", messages["from_then_on"]),
        el("details", el("summary", messages["technical"]), _list(technical)),
        el(
            "p",
            el("a", messages["as_json"], href=f"{view.path(path)}?format=json", download=True),
            " · ",
            el("a", messages["choices"], href=view.url("choices")),
        ),
        kind="cw-mine.cw-receipt",
    )


def _fingerprint(view: View, entry: HistoryEntry) -> Node:
    code = _code(entry.choice.notice)
    return el("a", code, href=notice_path(view, entry, entry.choice.notice)) if entry.address else code


def no_receipt(view: View) -> Node:
    """The page without a receipt. It is the same whether there is none or it is another visitor's."""
    messages = view.messages
    return own_section(
        view,
        messages["no_receipt"],
        "choices",
        el("p", messages["no_receipt_body"]),
        el("p", el("a", messages["choices"], href=view.url("choices"))),
    )


def gone(view: View) -> Node:
    """The page of a receipt whose record is gone."""
    messages = view.messages
    return own_section(
        view,
        messages["gone"],
        "choices",
        el("p", messages["gone_body"]),
        el("p", el("a", messages["choices"], href=view.url("choices"))),
    )


def _code(text: str) -> Node:
    return el("span.cw-code", text)


def _list(rows: list[Row]) -> Node:
    return el("dl.cw-pairs", *(el("div", el("dt", name), el("dd", value)) for name, value in rows if value))


def _answers(view: View, entry: HistoryEntry, granted: bool) -> tuple[Node, ...]:
    options = entry.notice.options if entry.notice else {}
    locale = view.locale if entry.notice and view.locale in entry.notice.locales else entry.choice.locale
    keys = [key for key, yes in entry.choice.purposes.items() if yes == granted]
    if not keys:
        return ()
    items = (el("li", option_name(options[key], locale) if key in options else key) for key in keys)
    return el("h3", view.messages["granted" if granted else "denied"]), el("ul.cw-plain", *items)
