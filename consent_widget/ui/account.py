"""What a visitor who is signed in is told: that their choice holds on all their devices, and, once, where choices came
from (CNIL, délibération 2025-131).
"""

from __future__ import annotations

from .node import Node, el
from .view import View

#: What is told once: that choices came from the account, or that those of this browser went there.
TOLD = {"a": "from_account", "b": "to_account"}


def scope_note(view: View) -> Node:
    """A paragraph that says for which devices a choice counts."""
    return el("p.cw-small", view.messages["account_scope"])


def told_bar(view: View, tell: str, *, ready: bool = True) -> Node:
    """A short message over the page, with the way to change what it tells of. It stands in one page, and not in the
    next. Unless `ready`, it is hidden until its style sheet has loaded.
    """
    messages = view.messages
    return el(
        "section.cw-toast.cw-told",
        el(
            "p",
            el("span", messages[TOLD[tell]], role="status"),
            view.space,
            el("a", messages["change_choices"], href=view.url("preferences"), data_open="centre"),
        ),
        el("button.cw-x", "×", type="button", aria_label=messages["close"], data_close=True, hidden=bool(view.prefix)),
        aria_label=messages["preferences"],
        part="status",
        lang=view.locale,
        hidden=not ready,
    )
