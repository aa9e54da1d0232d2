"""The notice before a link leads to another site. The script fills in which site."""

from __future__ import annotations

from .node import Node, el
from .view import View, close_button


def leaving(view: View) -> Node:
    """The notice as a dialog's content: the host in full, its policy if known, and buttons to go on or to stay."""
    messages = view.messages
    return el(
        "div.cw-ask",
        el("div.cw-head", el("h2", messages["leave_title"]), close_button(view)),
        el(
            "div.cw-body",
            el("p", messages["leave_to"]),
            el("p.cw-host", el("b", el("bdi")), el("span.cw-small", el("bdi")), id="cw-host"),
            el("p", messages["leave_body"]),
            el("p", el("a", messages["leave_policy"], rel="noopener", target="_blank")),
        ),
        el(
            "div.cw-actions.cw-foot",
            el("a.cw-button", messages["leave_go"], rel="noopener"),
            el("button", messages["leave_stay"], type="button", data_close=True, part="button"),
        ),
    )
