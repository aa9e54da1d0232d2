"""Asking for one thing, at the moment it matters: in a dialog, or on a page where something rests on it."""

from __future__ import annotations

from ..notice.options import Option
from ..notice.parts import Purpose
from .age import note
from .centre import about, facts
from .node import Node, el
from .view import View, answer, closing, head


def question(view: View, option: Option) -> Node:
    """One option as a dialog's content: what and why, who receives it, what it may mean, and two equal answers."""
    w = view.messages
    return el(
        "form.cw-ask",
        el("div.cw-head", el("h2", w["needed_title"]), closing(view)),
        el("div.cw-body", *_told(view, option.purpose, option), tabindex="0"),  # it may scroll: so also by keys
        el("div.cw-actions.cw-foot", answer("allow", w["allow"]), answer("refuse", w["refuse"])),
    )


def needed(view: View, purpose: Purpose, option: Option | None, hidden: Node | None = None, band: str = "") -> Node:
    """A page's content. `option` is what can be granted there; without one the preference centre is offered. To a
    child, and for what is off at his age to a teen, it says who can decide.
    """
    w, label = view.messages, purpose.label[view.locale]
    if band:
        ask = note(view, band)
    elif option:
        ask = el(
            "form",
            el("input", type="hidden", name="grant", value=option.key),
            el("div.cw-actions", answer("allow", w["allow"]), answer("refuse", w["refuse"])),
            hidden,
            **view.form,
        )
    else:
        ask = el("p", el("a", w["preferences"], href=view.url("preferences")))
    return el(
        "section.cw-needed",
        head(view, w["needed_title"], "preferences"),
        el("p", w["needed_body"].format(purpose=label)),
        el("div.cw-card", *_told(view, purpose, option)),
        ask,
    )


def _told(view: View, purpose: Purpose, option: Option | None) -> list[Node]:
    recipient = option.recipient if option else None
    return [
        el("h3", purpose.label[view.locale]),
        el("p", purpose.description[view.locale]),
        el("div.cw-party", el("b", recipient.name[view.locale]), about(view, recipient)) if recipient else "",
        facts(view, purpose, party=recipient is not None),
    ]
