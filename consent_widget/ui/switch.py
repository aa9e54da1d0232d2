"""The switch of an option: in the preference centre, and on the guardian's page."""

from __future__ import annotations

from urllib.parse import quote

from ..notice.options import Option
from .choices import option_name
from .node import Node, el
from .view import Answers, View


def switch(view: View, option: Option, answers: Answers, *, heading: int = 0, alone: bool = False) -> Node:
    """The switch of an option, on if it is granted. A recipient or a service is shown by its own name, and spoken with
    its purpose; if it stands `alone`, both are shown. One that stays off because of the browser's opt-out signal
    or of the visitor's age says so. With `heading` its name is one, of this level.
    """
    purpose, party = option.purpose, option.recipient or option.service
    name = party.name[view.locale] if party else purpose.label[view.locale]
    context = el("span" if alone else "span.cw-unseen", f"{purpose.label[view.locale]} · ") if party else None
    why = gpc_reason(view, option, answers.gpc_off(option)) if purpose.gpc_opt_out else None
    too_young = el("span.cw-small.cw-why", view.messages["for_adults"]) if answers.for_adults(purpose) else None
    title = el("b", context, name, **({"role": "heading", "aria_level": str(heading)} if heading else {}))
    return el("label.cw-label", el("span", title, why, too_young), _input(view, option, answers))


def _input(view: View, option: Option, answers: Answers) -> Node:
    """A checkbox; or, where this visitor cannot move it, something that looks and sounds the same, is reached by the
    keyboard, and does nothing.
    """
    on, off = answers.on(option), answers.off(option)
    if not (off or answers.child):
        return el("input", type="checkbox", role="switch", name="grant", value=option.key, checked=on)
    name = option_name(option, view.locale)
    why = "gpc_off" if answers.gpc_off(option) else "for_adults" if answers.for_adults(option.purpose) else ""
    return el(
        "span",
        role="switch",
        aria_checked="true" if on else "false",
        aria_disabled="true",
        aria_label=name + view.colon + view.messages[why] if why else name,
        tabindex="0",
    )


def gpc_reason(view: View, option: Option, on: bool) -> Node:
    """Says beside a switch that the browser's opt-out signal keeps it off, and on a page of ours where it can be
    allowed in spite of that. Hidden unless the signal is `on`.
    """
    link = (view.space, allow_anyway_link(view, option)) if on and view.prefix and option.in_bulk else ()
    return el("span.cw-small.cw-gpc", view.messages["gpc_off"], *link, hidden=not on)


def allow_anyway_link(view: View, option: Option, *, named: bool = False) -> Node:
    """The link to the page that asks (against_signal.py); `named` where what it is about does not stand beside it."""
    name = option_name(option, view.locale)
    words = view.messages["allow_anyway_named" if named else "allow_anyway_link"].format(name=name)
    return el("a", words, href=f"{view.url('allow-anyway')}&option={quote(option.key)}")
