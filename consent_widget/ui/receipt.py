"""One receipt to read and to print: what was chosen, when, and what the visitor had been told."""

from __future__ import annotations

from ..days import iso_date
from .choices import Act, done, moment, named, version
from .i18n import language_name
from .node import Node, el
from .view import View, head


def receipt(view: View, act: Act) -> Node:
    """The receipt of one act."""
    w, choice, path = view.messages, act.choice, f"records/{act.choice.id}"
    told: list[tuple[str, Node | None]] = [
        (w["action"], done(view, act)),
        (w["time"], moment(view, choice.time)),
        (w["valid_until"], iso_date(choice.valid_until)),
        (w["language"], language_name(choice.locale, view.locale)),
        (w["notice"], version(view, act)),
        (w["fingerprint"], el("code", choice.notice)),
        (w["controller"], (act.notice or view.notice).controller.name.get(view.locale)),
        (w["receipt_number"], el("code", choice.id)),
    ]
    return el(
        "section.cw-mine",
        head(view, w["receipt"], path),
        el("dl", *(part for name, value in told if value for part in (el("dt", name), el("dd", value)))),
        *_answers(view, act, True),
        *_answers(view, act, False),
        el("p", w["gpc"]) if "gpc" in choice.signals else None,
        el("p.cw-small", w["from_then_on"]),
        el("p", el("a", w["as_json"], href=f"{view.path(path)}?format=json", download=True)),
        el("p", el("a", w["choices"], href=view.url("choices"))),
    )


def no_receipt(view: View) -> Node:
    """Says the same whether there is none, or it is somebody else's."""
    w = view.messages
    return el(
        "section.cw-mine",
        head(view, w["no_receipt"], "choices"),
        el("p", w["no_receipt_body"]),
        el("p", el("a", w["choices"], href=view.url("choices"))),
    )


def _answers(view: View, act: Act, granted: bool) -> tuple[Node, ...]:
    options = act.notice.options if act.notice else {}
    locale = view.locale if act.notice and view.locale in act.notice.locales else act.choice.locale
    keys = [key for key, yes in act.choice.purposes.items() if yes == granted]
    if not keys:
        return ()
    items = (el("li", named(options[key], locale) if key in options else key) for key in keys)
    return el("h3", view.messages["granted" if granted else "denied"]), el("ul.cw-plain", *items)
