"""The page “Do not sell or share”: one sentence, the purposes that it is about, and one button. No visitor has to say
who they are. It claims no more than it does: services outside these purposes run as the visitor chose.
"""

from __future__ import annotations

from .node import Node, el
from .view import View, action_button, gpc_note, head, preferences_link


def opt_out(view: View, hidden: Node | None, *, gpc: bool, already: bool) -> Node:
    """The page. `hidden` holds the form's hidden fields; without them there is no form, because it was just sent.
    `already`: all of these purposes are off for this visitor.
    """
    messages, locale = view.messages, view.locale
    concerned = [purpose.label[locale] for purpose in view.notice.purposes if purpose.gpc_opt_out]
    return el(
        "section.cw-mine",
        head(view, messages["do_not_share"], "do-not-share"),
        el("p", messages["do_not_share_off" if already or not hidden else "do_not_share_body"]),
        el("ul.cw-plain", *(el("li", label) for label in concerned)),
        gpc_note(view, gpc),
        el("form", hidden, action_button("opt_out", messages["do_not_share_button"]), **view.form_to("do-not-share"))
        if hidden
        else None,
        preferences_link(view),
    )
