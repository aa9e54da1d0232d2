"""What is said before a link leads to another site. The script fills in which."""

from __future__ import annotations

from .node import Node, el
from .view import View, closing


def leaving(view: View) -> Node:
    """The notice as a dialog's content: the host in full, its policy where it is known, and both ways on."""
    w = view.messages
    return el(
        "div.cw-ask",
        el("div.cw-head", el("h2", w["leave_title"]), closing(view)),
        el(
            "div.cw-body",
            el("p", w["leave_to"]),
            el("p.cw-host", el("b", el("bdi")), el("span.cw-small", el("bdi"))),
            el("p", w["leave_body"]),
            el("p", el("a", w["leave_policy"], rel="noopener", target="_blank")),
        ),
        el(
            "div.cw-actions.cw-foot",
            el("a.cw-button", w["leave_go"], rel="noopener"),
            el("button", w["leave_stay"], type="button", data_close=True, part="button"),
        ),
    )
