"""One receipt to read and to print: what was chosen, when, and under which notice."""

from __future__ import annotations

from ..days import iso_date
from .choices import HistoryEntry, entry_in_words, moment, option_name, version
from .i18n import language_name
from .node import Node, el
from .view import View, head


def receipt(view: View, entry: HistoryEntry) -> Node:
    """The receipt of one choice."""
    messages, choice, path = view.messages, entry.choice, f"records/{entry.choice.id}"
    rows: list[tuple[str, Node | None]] = [
        (messages["action"], entry_in_words(view, entry)),
        (messages["time"], moment(view, choice.time)),
        (messages["valid_until"], iso_date(choice.valid_until)),
        (messages["language"], language_name(choice.locale, view.locale)),
        (messages["notice"], version(view, entry)),
        (messages["fingerprint"], el("code", choice.notice)),
        (messages["controller"], (entry.notice or view.notice).controller.name.get(view.locale)),
        (messages["receipt_number"], el("code", choice.id)),
    ]
    return el(
        "section.cw-mine",
        head(view, messages["receipt"], path),
        el("dl", *(part for name, value in rows if value for part in (el("dt", name), el("dd", value)))),
        *_answers(view, entry, True),
        *_answers(view, entry, False),
        el("p", messages["gpc"]) if "gpc" in choice.signals else None,
        el("p.cw-small", messages["from_then_on"]),
        el("p", el("a", messages["as_json"], href=f"{view.path(path)}?format=json", download=True)),
        el("p", el("a", messages["choices"], href=view.url("choices"))),
    )


def no_receipt(view: View) -> Node:
    """The page without a receipt. It is the same whether there is none or it is another visitor's."""
    messages = view.messages
    return el(
        "section.cw-mine",
        head(view, messages["no_receipt"], "choices"),
        el("p", messages["no_receipt_body"]),
        el("p", el("a", messages["choices"], href=view.url("choices"))),
    )


def _answers(view: View, entry: HistoryEntry, granted: bool) -> tuple[Node, ...]:
    options = entry.notice.options if entry.notice else {}
    locale = view.locale if entry.notice and view.locale in entry.notice.locales else entry.choice.locale
    keys = [key for key, yes in entry.choice.purposes.items() if yes == granted]
    if not keys:
        return ()
    items = (el("li", option_name(options[key], locale) if key in options else key) for key in keys)
    return el("h3", view.messages["granted" if granted else "denied"]), el("ul.cw-plain", *items)
