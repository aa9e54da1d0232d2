"""The first layer: two sentences and three equal buttons. It works as a form without a script."""

from __future__ import annotations

from .age import age_answers, ask_guardian_link, sends_links
from .node import Node, el
from .view import View, action_button, gpc_note, head, starts_note


def layer(
    view: View, hidden: Node | None = None, *, gpc: bool = False, ready: bool = True, changes: Node | None = None,
    stage: str = "", scope: Node | None = None,
) -> Node:  # fmt: skip
    """The layer as a tree. `hidden` holds the hidden fields of a form without a script; `changes` is the link to what
    changed, for a visitor who has chosen before. Unless `ready`, it is hidden until its style sheet has loaded.
    `scope` says for which devices the choice counts.
    At the `stage` `"age"` it asks how old the visitor is, before they can grant anything; at `"child"` they cannot.
    """
    messages, notice = view.messages, view.notice
    title, text = notice.first_layer_title[view.locale], notice.first_layer_body[view.locale]
    if stage == "age":
        title, text = messages["age"], messages["age_why"]
    elif stage == "child":
        title, text = messages["child_title"], (notice.child_body or notice.first_layer_body)[view.locale]
    close = el("button.cw-x", "×", name="action", value="close", aria_label=messages["close_refusing"])
    return el(
        "section.cw-layer",
        el(
            "form" if view.prefix else "div",  # faster on a slow phone, and the script needs no form
            head(view, title, "preferences", close),
            el(
                "p",
                text + view.space,
                el("a", messages["notice"], href=view.url("notice"), data_open="notice"),
                *((" · ", changes) if changes else ()),
            ),
            None if stage else starts_note(view),
            gpc_note(view, gpc),
            None if stage else scope,
            *_actions(view, stage),
            hidden,
            **(view.form if view.prefix else {}),
        ),
        aria_label=messages["layer"],
        part="layer",
        data_nosnippet="" if view.prefix else None,  # search engines quote the page, and not the question
        lang=view.locale,
        data_stage=stage or None,
        hidden=not ready,
    )


def _actions(view: View, stage: str) -> tuple[Node, ...]:
    messages = view.messages
    reject = action_button("reject_all", messages["reject_all"], id="cw-reject-all")
    choose = el(
        "button.cw-quiet",
        messages["choose"],
        data_open="centre",
        part="button",
        **({"formmethod": "get", "formaction": view.path("preferences")} if view.prefix else {}),
    )
    if stage == "age":
        return age_answers(view), el("div.cw-actions", reject)
    if stage == "child":
        off = action_button("reject_all", messages["keep_off"], id="cw-reject-all")
        return (el("p.cw-turn", ask_guardian_link(view)) if sends_links(view) else ""), el("div.cw-actions", off)
    return (
        el("div.cw-actions", action_button("accept_all", messages["accept_all"], id="cw-accept-all"), reject, choose),
    )
