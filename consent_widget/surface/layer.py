"""The first layer: two sentences and three equal buttons. Works as a form where no script runs."""

from __future__ import annotations

from . import View, answer, gpc_note, head
from .node import Node, el


def layer(
    view: View, hidden: Node | None = None, *, gpc: bool = False, ready: bool = True, changes: Node | None = None
) -> Node:
    """The layer as a tree. `hidden` carries the fields that a form without script needs, `changes` the link to
    what changed for who has chosen before; without `ready` it stays unseen until its style sheet is there.
    """
    w, notice = view.words, view.notice
    title = notice.first_layer_title[view.locale]
    close = el("button.cw-x", "✕", name="action", value="close", aria_label=w["close_refusing"])
    return el(
        "section.cw-layer",
        el(
            "form",
            head(view, title, "preferences", close),
            el(
                "p",
                notice.first_layer_body[view.locale] + " ",
                el("a", w["notice"], href=view.url("notice"), data_open="notice"),
                *((" · ", changes) if changes else ()),
            ),
            gpc_note(view, gpc),
            el(
                "div.cw-actions",
                answer("accept_all", w["accept_all"], id="cw-accept-all"),
                answer("reject_all", w["reject_all"], id="cw-reject-all"),
                el(
                    "button.cw-quiet",
                    w["choose"],
                    data_open="centre",
                    part="button",
                    **({"formmethod": "get", "formaction": view.path("preferences")} if view.prefix else {}),
                ),
            ),
            hidden,
            **view.form,
        ),
        aria_label=title,
        part="layer",
        lang=view.locale,
        hidden=not ready,
    )
