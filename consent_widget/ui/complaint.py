"""The page for complaints: whom to write to, by when that is acknowledged, and which authority there is besides."""

from __future__ import annotations

from .contact import ways_to_write
from .counted import Counted
from .node import Node, el, filled
from .view import View, head


def complaint(view: View) -> Node:
    """The whole page (DUAA 2025 s. 103, GDPR 13(2)(d), DPDP Act 13). Nothing is sent from here: nobody has to fill in a
    form, and the widget stores no complaint.
    """
    messages = view.messages
    authority = view.rules.authority
    term = authority.days if authority else 0
    days = messages["complain_days"].format(days=Counted(term, view.locale)) if term else ""
    return el(
        "section.cw-mine",
        head(view, messages["complain"], "complaint"),
        el("p", messages["complain_body"]),
        ways_to_write(view, messages["complain"]),
        el("p", days + view.space * bool(days) + messages["complain_answer"]),
        el("p", *_besides(view)) if authority else None,
        el("p", el("a", messages["choices"], href=view.url("choices"))),
        el("p", el("a", messages["whole_notice"], href=view.url("notice"))),
    )


def _besides(view: View) -> list[Node]:
    authority = view.rules.authority
    if authority is None:
        return []
    name = el("a", view.messages[authority.name], href=authority.url)
    return filled(view.messages["complain_afterwards" if authority.afterwards else "complain_besides"], authority=name)
