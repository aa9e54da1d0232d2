"""The page for complaints: whom to write to, by when that is acknowledged, and which authority there is besides."""

from __future__ import annotations

from urllib.parse import quote

from .contact import linked
from .node import Node, el, filled
from .view import View, head


def complaint(view: View) -> Node:
    """The whole page (DUAA 2025 s. 103, GDPR 13(2)(d), DPDP Act 13). Nothing is sent from here: nobody has to fill in a
    form, and the widget stores no complaint.
    """
    messages, controller, locale = view.messages, view.notice.controller, view.locale
    write = f"mailto:{controller.email[locale]}?subject={quote(messages['complain'])}"
    authority = view.rules.authority
    days = messages["complain_days"].format(days=authority.days) if authority and authority.days else ""
    return el(
        "section.cw-mine",
        head(view, messages["complain"], "complaint"),
        el("p", messages["complain_body"]),
        el(
            "ul.cw-plain",
            el("li", el("a", controller.email[locale], href=write)),
            *(
                el("li", *linked(text[locale], controller.phone[locale]))
                for text in (controller.phone, controller.officer, controller.address)
                if text
            ),
        ),
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
