"""“Do not sell or share”: one sentence, what it is about, and one button. Nobody has to say who he is."""

from __future__ import annotations

from .node import Node, el
from .view import View, answer, gpc_note, head


def opt_out(view: View, hidden: Node | None, *, gpc: bool, already: bool) -> Node:
    """`hidden` are the fields that the form sends; without them there is nothing left to press. `already` says that
    all of it is off for this visitor.
    """
    w, locale = view.messages, view.locale
    concerned = [purpose.label[locale] for purpose in view.notice.purposes if purpose.gpc_opt_out]
    return el(
        "section.cw-mine",
        head(view, w["do_not_share"], "do-not-share"),
        el("p", w["do_not_share_body"]),
        el("ul.cw-plain", *(el("li", label) for label in concerned)),
        gpc_note(view, gpc),
        el("p", w["do_not_share_already"]) if already else None,
        el("form", hidden, answer("opt_out", w["do_not_share_button"]), **view.form_to("do-not-share"))
        if hidden
        else None,
        el("p", el("a", w["preferences"], href=view.url("preferences"))),
    )
