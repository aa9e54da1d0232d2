"""The question about one purpose when it matters: in a dialog, or on a page that needs the consent."""

from __future__ import annotations

from ..notice.options import Option
from ..notice.parts import Purpose
from .facts import about, facts
from .node import Node, el
from .view import View, action_button, close_button, head, preferences_link


def consent_question(view: View, option: Option) -> Node:
    """One option as a dialog's content: what and why, who receives it, what it may mean, and two equal answers."""
    messages = view.messages
    return el(
        "form.cw-ask",
        el("div.cw-head", el("h2", messages["needed_title"]), close_button(view)),
        el("div.cw-body", *_description(view, option.purpose, option), tabindex="0"),  # so that keys scroll it
        el(
            "div.cw-actions.cw-foot",
            action_button("allow", messages["allow"]),
            action_button("refuse", messages["refuse"]),
        ),
    )


def needed(view: View, purpose: Purpose, option: Option | None, hidden: Node | None = None) -> Node:
    """A page's content. `option` is what can be granted there; without one it links to the preference centre."""
    messages, label = view.messages, purpose.label[view.locale]
    if option:
        ask = el(
            "form",
            el("input", type="hidden", name="grant", value=option.key),
            el(
                "div.cw-actions", action_button("allow", messages["allow"]), action_button("refuse", messages["refuse"])
            ),
            hidden,
            **view.form,
        )
    else:
        ask = preferences_link(view)
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
