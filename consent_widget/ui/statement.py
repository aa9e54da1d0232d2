"""The whole notice, to read, keep and print: the same tree on a page and in the dialog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..notice.parts import ListName, Paragraph, Recipient, RecipientClass, Section
from .facts import facts
from .i18n import language_name
from .node import Node, el
from .services import run_by, whereabouts
from .view import View, close_button, head, transfer_text


def statement(view: View, *, in_dialog: bool = False) -> Node:
    """The notice as an article, with contents and an anchor for each section."""
    messages, notice = view.messages, view.notice
    version = messages["version"].format(version=notice.version, date=notice.effective)
    if notice.prevailing_locale and len(notice.locales) > 1:
        name = language_name(notice.prevailing_locale, view.locale)
        version += view.space + messages["prevails"].format(language=name)
    return el(
        "article.cw-statement",
        head(view, notice.title[view.locale], "notice", *((close_button(view),) if in_dialog else ())),
        el(
            "div.cw-body",
            el(
                "nav",
                el("b", messages["contents"]),
                el("ul", *(_entry(section, view.locale) for section in notice.sections)),
                aria_label=messages["contents"],
            ),
            el(
                "div.cw-text",
                el("p.cw-small", version),
                el("p.cw-small", el("a", messages["as_page"], href=view.url("notice"))) if in_dialog else None,
                *(_section(view, section) for section in notice.sections),
            ),
        ),
    )


def _entry(section: Section, locale: str) -> Node:
    return el("li", el("a", section.title[locale], href=f"#cw-{section.id}"))


def _section(view: View, section: Section) -> Node:
    return el(
        "section",
        el("h3", section.title[view.locale]),
        *(part for paragraph in section.paragraphs for part in _paragraph(view, paragraph)),
        id=f"cw-{section.id}",
    )


def _paragraph(view: View, paragraph: Paragraph) -> list[Node]:
    text = el("p", paragraph.text[view.locale], id=f"cw-{paragraph.id}")
    return [text, *(_list(view, paragraph.list) if paragraph.list else [])]


def _list(view: View, name: ListName) -> list[Node]:
    lists = {
        "data": _data,
        "circumstances": lambda view: _items(view, "circumstances"),
        "disclosures": lambda view: _items(view, "disclosures"),
        "purposes": _purposes,
        "recipients": _recipients,
        "services": _services,
        "changes": _changes,
    }
    return lists[name](view)


def _cards(cards: Iterable[Node]) -> Node:
    return el("dl.cw-cards", *cards)


def _card(title: object, *details: Node | None, id: str | None = None) -> Node:
    heading = title if isinstance(title, list) else el("dt", title)
    return el("div", heading, *details, id=id)


def _data(view: View) -> list[Node]:
    locale = view.locale
    sensitive = el("span.cw-small", view.messages["sensitive"])
    cards = (
        _card(
            el("dt", category.label[locale], sensitive if category.sensitive else None),
            el("dd", category.description[locale]),
            el("dd.cw-small", view.listed([example[locale] for example in category.examples])),
            id=f"cw-data-{category.id}",
        )
        for category in view.notice.data
    )
    return [_cards(cards)]


def _items(view: View, name: str) -> list[Node]:
    cards = (
        _card(item.label[view.locale], el("dd", item.description[view.locale]), id=f"cw-{name}-{item.id}")
        for item in getattr(view.notice, name)
    )
    return [_cards(cards)]


def _purposes(view: View) -> list[Node]:
    locale, nodes = view.locale, []
    for group in view.notice.groups:
        cards = [
            _card(
                purpose.label[locale],
                el("dd", purpose.description[locale], facts(view, purpose)),
                el("dd.cw-small", _legal_basis(view, purpose.legal_basis)) if purpose.legal_basis else None,
                id=f"cw-purpose-{purpose.id}",
            )
            for purpose in view.notice.in_group(group.id)
        ]
        if cards:
            nodes += [el("h4", group.label[locale]), el("p", group.description[locale]), _cards(cards)]
    return nodes


def _legal_basis(view: View, basis: Mapping[str, str]) -> str:
    cited = [view.messages[law].format(article=article) for law, article in basis.items() if law in view.messages]
    return view.messages["legal_basis"] + view.colon + " · ".join(cited)


def _recipients(view: View) -> list[Node]:
    return [_cards(_recipient_class(view, kind) for kind in view.notice.recipient_classes)]


def _recipient_class(view: View, kind: RecipientClass) -> Node:
    locale, functions = view.locale, None
    if kind.functions:
        listed = view.listed([function[locale] for function in kind.functions])
        functions = el("dd.cw-small", view.messages["functions"] + view.colon + listed)
    named = (recipient for recipient in view.notice.recipients if recipient.recipient_class == kind.id)
    return _card(
        kind.label[locale],
        el("dd", kind.description[locale]),
        functions,
        *(el("dd", _recipient(view, recipient)) for recipient in named),
        id=f"cw-recipient-{kind.id}",
    )


def _recipient(view: View, recipient: Recipient) -> str:
    where = whereabouts(view, recipient)
    return " · ".join((recipient.name[view.locale], recipient.company, recipient.contact, *where))


def _services(view: View) -> list[Node]:
    services = view.notice.services
    return [_cards(_card(service.name[view.locale], el("dd", run_by(view, service))) for service in services)]


def _changes(view: View) -> list[Node]:
    cards = (
        _card(
            f"{change.version} · {change.date}",
            el("dd", change.summary[view.locale]),
            el("dd", transfer_text(view, change.successor, change.date)) if change.successor else None,
        )
        for change in view.notice.changes
    )
    return [_cards(cards)]
