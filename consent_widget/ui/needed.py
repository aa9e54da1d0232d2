"""The question about one purpose when it matters: in a dialog, or on a page that needs the consent."""

from __future__ import annotations

from ..notice.options import Option
from ..notice.parts import Purpose
from .age import note
from .centre import about, facts
from .node import Node, el
from .view import View, answer, closing, head


def consent_question(view: View, option: Option) -> Node:
    """One option as a dialog's content: what and why, who receives it, what it may mean, and two equal answers."""
    messages = view.messages
    return el(
        "form.cw-ask",
        el("div.cw-head", el("h2", messages["needed_title"]), closing(view)),
        el("div.cw-body", *_description(view, option.purpose, option), tabindex="0"),  # so that keys scroll it
        el("div.cw-actions.cw-foot", answer("allow", messages["allow"]), answer("refuse", messages["refuse"])),
    )


def needed(view: View, purpose: Purpose, option: Option | None, hidden: Node | None = None, band: str = "") -> Node:
    """A page's content. `option` is what can be granted there; without one it links to the preference centre. With an
    age `band`, the visitor cannot decide about it at their age, and the page says who can.
    """
    messages, label = view.messages, purpose.label[view.locale]
    if band:
        ask = note(view, band)
    elif option:
        ask = el(
            "form",
            el("input", type="hidden", name="grant", value=option.key),
            el("div.cw-actions", answer("allow", messages["allow"]), answer("refuse", messages["refuse"])),
            hidden,
            **view.form,
        )
    else:
        ask = el("p", el("a", messages["preferences"], href=view.url("preferences")))
    return el(
        "section.cw-needed",
        head(view, messages["needed_title"], "preferences"),
        el("p", messages["needed_body"].format(purpose=label)),
        el("div.cw-card", *_description(view, purpose, option)),
        ask,
    )


def _description(view: View, purpose: Purpose, option: Option | None) -> list[Node]:
    recipient = option.recipient if option else None
    return [
        el("h3", purpose.label[view.locale]),
        el("p", purpose.description[view.locale]),
        el("div.cw-party", el("b", recipient.name[view.locale]), about(view, recipient)) if recipient else "",
        facts(view, purpose, beside_recipient=recipient is not None),
    ]
