"""One receipt to read and to print: what was chosen, when, and under which notice."""

from __future__ import annotations

from ..days import iso_date
from .choices import Act, act_in_words, moment, option_name, version
from .i18n import language_name
from .node import Node, el
from .view import View, head


def receipt(view: View, act: Act) -> Node:
    """The receipt of one act."""
    messages, choice, path = view.messages, act.choice, f"records/{act.choice.id}"
    rows: list[tuple[str, Node | None]] = [
        (messages["action"], act_in_words(view, act)),
        (messages["time"], moment(view, choice.time)),
        (messages["valid_until"], iso_date(choice.valid_until)),
        (messages["language"], language_name(choice.locale, view.locale)),
        (messages["notice"], version(view, act)),
        (messages["fingerprint"], el("code", choice.notice)),
        (messages["controller"], (act.notice or view.notice).controller.name.get(view.locale)),
        (messages["receipt_number"], el("code", choice.id)),
    ]
    return el(
        "section.cw-mine",
        head(view, messages["receipt"], path),
        el("dl", *(part for name, value in rows if value for part in (el("dt", name), el("dd", value)))),
        *_answers(view, act, True),
        *_answers(view, act, False),
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


def _answers(view: View, act: Act, granted: bool) -> tuple[Node, ...]:
    options = act.notice.options if act.notice else {}
    locale = view.locale if act.notice and view.locale in act.notice.locales else act.choice.locale
    keys = [key for key, yes in act.choice.purposes.items() if yes == granted]
    if not keys:
        return ()
    items = (el("li", option_name(options[key], locale) if key in options else key) for key in keys)
    return el("h3", view.messages["granted" if granted else "denied"]), el("ul.cw-plain", *items)
