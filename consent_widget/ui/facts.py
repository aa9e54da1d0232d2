"""What a visitor is told before they decide about a purpose, or about a named recipient."""

from __future__ import annotations

from collections.abc import Iterable

from ..notice.parts import Purpose, Recipient
from .contact import linked
from .i18n import country
from .node import Node, el
from .services import company, service_list, services_on
from .view import Answers, View


def details(
    view: View, purpose: Purpose, answers: Answers | None = None, *more: Node, beside_recipient: bool = False,
    asked: bool = False,
) -> Node:  # fmt: skip
    """The facts of a purpose, and what the surface adds to them, to unfold. The fold is spoken with the purpose, since
    there is one for each.
    """
    shown = view.messages["details"]
    return el(
        "details",
        el(
            "summary",
            el("span", shown, aria_hidden="true"),
            el("span.cw-unseen", f"{shown}{view.colon}{purpose.label[view.locale]}"),
            services_on(view, purpose, answers) if answers else None,
        ),
        facts(view, purpose, answers, beside_recipient=beside_recipient, asked=asked),
        *more,
    )


def about(view: View, recipient: Recipient) -> Node:
    """Who a named recipient is and what they get: all that a separate consent must be told (PIPL 23, 39)."""
    messages, locale = view.messages, view.locale
    labels = {category.id: category.label[locale] for category in view.notice.data}
    rows: list[tuple[Node, ...]] = [
        (messages["company"], company(view, recipient)),
        (messages["contact"], *linked(recipient.contact)),
        (messages["country"], country(recipient.country, locale)),
        *([(messages["transfer_basis"], messages[recipient.transfer])] if recipient.transfer else []),
        (messages["data"], view.listed([labels[id] for id in recipient.data])),
        (messages["means"], recipient.means[locale]),
        *([(messages["rights"], recipient.rights[locale])] if recipient.rights else []),
    ]
    return fact_list(rows)


def meaning(view: View, purpose: Purpose) -> list[tuple[str, str]]:
    """Why sensitive information is needed and what it may mean for the visitor (PIPL 30), as rows of facts."""
    texts = (("necessity", purpose.necessity), ("impact", purpose.impact))
    return [(view.messages[name], text[view.locale]) for name, text in texts if text]


def facts(
    view: View, purpose: Purpose, answers: Answers | None = None, *,
    beside_recipient: bool = False, beside_meaning: bool = False, asked: bool = False,
) -> Node:  # fmt: skip
    """What is used, who receives it, how long, what happens on refusal, and the services. With `answers` each service
    that can be decided alone has a switch. With `beside_recipient` a named recipient is described next to it, so data
    and recipients are left out; so is the `meaning` with `beside_meaning`. `asked`: the
    reader can refuse it, though it is always on for others.
    """
    messages, locale, notice = view.messages, view.locale, view.notice
    data = [category.label[locale] for category in notice.data if category.id in purpose.data]
    kinds = [kind.label[locale] for kind in notice.recipient_classes if kind.id in purpose.recipients]
    named = [recipient.name[locale] for recipient in notice.recipients_of(purpose.id)]
    nobody = messages["nobody_yet" if purpose.consent == "separate" else "nobody"]
    refused = "why_on" if purpose.control == "always_on" and not asked else "if_refused"
    rows = [
        *([] if beside_meaning else meaning(view, purpose)),
        *([(messages["data"], view.listed(data))] if data and not beside_recipient else []),
        *([] if beside_recipient else [(messages["recipients"], view.listed(kinds + named) or nobody)]),
        (messages["retention"], purpose.retention[locale]),
        (messages[refused], purpose.if_refused[locale]),
    ]
    return el("div", fact_list(rows), *service_list(view, purpose, answers))


def fact_list(rows: Iterable[tuple[Node, ...]]) -> Node:
    """Rows of a name and a text, which may have links in it."""
    return el("dl.cw-facts", *(part for name, *text in rows for part in (el("dt", name), el("dd", *text))))
