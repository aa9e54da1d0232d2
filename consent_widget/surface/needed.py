"""The page shown where something rests on a consent that is not there: it explains, and offers the choice."""

from __future__ import annotations

from ..notice import Option
from ..parts import Purpose
from . import View, answer, head
from .centre import facts
from .node import Node, el


def needed(view: View, purpose: Purpose, option: Option | None, hidden: Node | None = None) -> Node:
    """`option` is what can be granted on this page; without one the preference centre is offered."""
    w, label = view.words, purpose.label[view.locale]
    if option:
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
        el("div.cw-card", el("h3", label), el("p", purpose.description[view.locale]), facts(view, purpose)),
        ask,
    )
