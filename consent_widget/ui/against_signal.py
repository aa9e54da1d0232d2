"""The question whether something is allowed in spite of the browser's opt-out signal (11 CCR 7025(c)): only who looks
for it meets it, on a page of its own.
"""

from __future__ import annotations

from ..notice.options import Option
from .choices import option_name
from .facts import facts
from .node import Node, el
from .view import View, action_button, head, preferences_link


def against_signal(view: View, option: Option, hidden: Node) -> Node:
    """The page: what the browser asks, what would be allowed, and two equal answers."""
    messages = view.messages
    purpose = option.purpose
    return el(
        "section.cw-needed",
        head(view, title(view, option), "allow-anyway"),
        el("p", messages["signal_asks"]),
        el(
            "form",
            el(
                "div.cw-card",
                el("p", el("b", purpose.label[view.locale] + view.colon), purpose.description[view.locale]),
                facts(view, purpose, beside_recipient=option.recipient is not None, asked=True),
            ),
            el(
                "div.cw-actions.cw-foot",
                action_button("refuse", messages["keep_it_off"]),
                action_button("allow", messages["allow_anyway"]),
            ),
            el("input", type="hidden", name="grant", value=option.key),
            hidden,
            **view.form,
        ),
        preferences_link(view),
    )


def title(view: View, option: Option) -> str:
    """The question itself."""
    return view.messages["ask_anyway"].format(name=option_name(option, view.locale))
