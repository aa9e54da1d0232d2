"""What a visitor who is signed in is told: that their choice holds on all their devices, and, once, where choices came
from (CNIL, délibération 2025-131).
"""

from __future__ import annotations

from .node import Node, el
from .view import View

#: What is told once: that choices came from the account, or that those of this browser went there.
TOLD = {"a": "from_account", "b": "to_account"}


def scope_note(view: View, *, hidden: bool = False) -> Node:
    """A paragraph that says for which devices a choice counts. It is `hidden` where nobody knows yet whether somebody
    is signed in: the script shows it to those who are (static/src/linked/scope.js).
    """
    return el("p.cw-small.cw-devices", view.messages["account_scope"], hidden=hidden)


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
