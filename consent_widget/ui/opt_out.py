"""The page “Do not sell or share”: one sentence, the purposes that it is about, and one button. No visitor has to say
who they are. It claims no more than it does: services outside these purposes run as the visitor chose. In California it
is “Your Privacy Choices”, and limits the use of sensitive information, too (11 CCR 7015, 7027).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..notice.options import Option
from .node import Node, el
from .rights import limits_sensitive_use, statutory
from .switch import allow_anyway_link
from .view import View, action_button, gpc_note, has_opt_outs, head, preferences_link


def opt_out(
    view: View, hidden: Callable[[], Node], *, gpc: bool, off: Mapping[str, bool], sent: str = "",
    allowable: Sequence[Option] = (),
) -> Node:  # fmt: skip
    """The page. `hidden` makes the hidden fields of a form; `sent` is the action that was just sent, which has no form
    any more. `off` says of each action whether all that it is about is off for this visitor; `allowable` is
    what they can allow in spite of the signal.
    """
    messages = view.messages
    parts: list[Node | None] = []
    states = {action: "sent" if action == sent else "off" if each else "" for action, each in off.items()}
    if has_opt_outs(view.notice):
        labels = [purpose.label[view.locale] for purpose in view.notice.purposes if purpose.gpc_opt_out]
        button = action_button("opt_out", messages["do_not_share_button"])
        parts += [
            el("h3", *statutory(view, "do_not_share")) if view.rules.privacy_choices else None,
            *_right(view, messages["do_not_share_body"], labels, states["opt_out"]),
            gpc_note(view, gpc),
            _form(view, button, hidden, states["opt_out"]),
            *(el("p.cw-small", allow_anyway_link(view, option, named=True)) for option in allowable),
        ]
    if limits_sensitive_use(view):
        labels = [purpose.label[view.locale] for purpose in view.notice.purposes if purpose.sensitive_use]
        button = action_button("refuse", messages["limit_button"])
        parts += [
            el("h3", *statutory(view, "limit_sensitive")),
            *_right(view, messages["limit_body"], labels, states["refuse"]),
            _form(view, button, hidden, states["refuse"]),
        ]
    heading = el("span", *statutory(view, "privacy_choices")) if view.rules.privacy_choices else title(view)
    return el("section.cw-mine", head(view, heading, "do-not-share"), *parts, preferences_link(view))


def _right(view: View, body: str, labels: list[str], state: str) -> tuple[Node, Node]:
    """What a press does, or what is off already, and the purposes that it is about."""
    text = el("p", view.messages["do_not_share_off"] if state else body)
    return text, el("ul.cw-plain", *(el("li", label) for label in labels))


def _form(view: View, button: Node, hidden: Callable[[], Node], state: str) -> Node | None:
    return None if state == "sent" else el("form", hidden(), button, **view.form_to("do-not-share"))


def title(view: View) -> str:
    """What the page is called."""
    if not view.rules.privacy_choices:
        return view.messages["do_not_share"]
    english, translated = "Your Privacy Choices", view.messages["privacy_choices"]
    return english if english == translated else view.with_brackets(english, translated)
