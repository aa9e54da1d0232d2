"""The whole notice, to read, keep and print: the same tree on a page and in the dialog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..notice.parts import DataCategory, ListName, Paragraph, Purpose, Recipient, RecipientClass, Section, Service
from .citations import citations
from .contact import linked
from .dates import written_date
from .facts import details
from .i18n import language_name
from .in_short import group_id, in_short
from .node import Node, el
from .services import company, run_by, whereabouts
from .table import table
from .view import View, close_button, head, transfer_text

#: How a purpose is decided, in one or two words beside its name.
BADGES = {"always_on": "always_on", "just_in_time": "when_needed", "opt_in": "opt_in"}


def statement(view: View, *, in_dialog: bool = False) -> Node:
    """The notice as an article: in short, then section by section, with contents and an anchor for each section."""
    messages, notice = view.messages, view.notice
    version = messages["version"].format(version=notice.version, date=written_date(notice.effective, view.locale))
    if notice.prevailing_locale and len(notice.locales) > 1:
        name = language_name(notice.prevailing_locale, view.locale)
        version += view.space + messages["prevails"].format(language=name)
    return el(
        "article.cw-statement",
        head(view, notice.title[view.locale], "notice", *((close_button(view),) if in_dialog else ())),
        el(
            "div.cw-body",
            _contents(view),
            el(
                "div.cw-text",
                el(
                    "p.cw-small.cw-version",
                    version,
                    *((view.space, el("a", messages["as_page"], href=view.url("notice"))) if in_dialog else ()),
                ),
                in_short(view, in_dialog=in_dialog),
                *(_section(view, section) for section in notice.sections),
            ),
        ),
    )


def _contents(view: View) -> Node:
    """Folded on a phone. On a wide screen it stands open at the side, under a title in place of the fold's."""
    contents = view.messages["contents"]
    sections = (("cw-short", view.messages["in_short"]), *_anchors(view))
    links = (el("li", el("a", title, href=f"#{id}")) for id, title in sections)
    return el("nav", el("b", contents), el("details", el("summary", contents), el("ul", *links)), aria_label=contents)


def _anchors(view: View) -> Iterable[tuple[str, str]]:
    return ((f"cw-{section.id}", section.title[view.locale]) for section in view.notice.sections)


def _section(view: View, section: Section) -> Node:
    return el(
        "section",
        el("h3", section.title[view.locale], tabindex="-1"),
        *(part for paragraph in section.paragraphs for part in _paragraph(view, paragraph)),
        id=f"cw-{section.id}",
    )


def _paragraph(view: View, paragraph: Paragraph) -> list[Node]:
    telephone = view.notice.controller.phone[view.locale]
    text = el("p", *linked(paragraph.text[view.locale], telephone), id=f"cw-{paragraph.id}")
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


def _card(title: str, *details: Node | None, id: str | None = None) -> Node:
    return el("div", el("dt", title), *details, id=id)


def _data(view: View) -> list[Node]:
    messages, locale = view.messages, view.locale
    sensitive = el("span.cw-badge", messages["sensitive"])
    rows = (
        (
            f"cw-data-{category.id}",
            (
                [category.label[locale], *([" ", sensitive] if category.sensitive else [])],
                [*linked(category.description[locale]), *_examples(view, category)],
            ),
        )
        for category in view.notice.data
    )
    return [table(messages["data_table"], [messages["data_kind"], messages["data_description"]], rows)]


def _examples(view: View, category: DataCategory) -> list[Node]:
    examples = view.listed([example[view.locale] for example in category.examples])
    return [el("span.cw-small", view.messages["data_examples"] + view.colon + examples)] if examples else []


def _items(view: View, name: str) -> list[Node]:
    cards = (
        _card(item.label[view.locale], el("dd", item.description[view.locale]), id=f"cw-{name}-{item.id}")
        for item in getattr(view.notice, name)
    )
    return [_cards(cards)]


def _purposes(view: View) -> list[Node]:
    locale, nodes = view.locale, []
    for group in view.notice.groups:
        purposes = [_purpose(view, purpose) for purpose in view.notice.in_group(group.id)]
        if purposes:
            title = el("h4", group.label[locale], tabindex="-1")
            nodes += [el("div.cw-group", title, el("p", group.description[locale]), *purposes, id=group_id(group))]
    return nodes


def _purpose(view: View, purpose: Purpose) -> Node:
    """A purpose, with its facts and the law that it rests on folded; on paper all of them are open."""
    messages, label = view.messages, purpose.label[view.locale]
    law = [el("p.cw-small", _legal_basis(view, purpose.legal_basis))] if purpose.legal_basis else []
    badge = "separate" if purpose.consent == "separate" else BADGES[purpose.control]
    if purpose.id in view.starts_on():
        badge = "opt_out_badge"
    return el(
        "div.cw-item",
        el("h5", label, " ", el("span.cw-badge", messages[badge])),
        el("p", purpose.description[view.locale]),
        details(view, purpose, None, *law),
        id=f"cw-purpose-{purpose.id}",
    )


def _legal_basis(view: View, basis: Mapping[str, str]) -> str:
    return view.messages["legal_basis"] + view.colon + " · ".join(citations(view, basis))


def _recipients(view: View) -> list[Node]:
    kinds = _cards(_recipient_class(view, kind) for kind in view.notice.recipient_classes)
    return [kinds, *_named_recipients(view)]


def _recipient_class(view: View, kind: RecipientClass) -> Node:
    locale, functions = view.locale, None
    if kind.functions:
        listed = view.listed([function[locale] for function in kind.functions])
        functions = el("dd.cw-small", view.messages["functions"] + view.colon + listed)
    return _card(kind.label[locale], el("dd", kind.description[locale]), functions, id=f"cw-recipient-{kind.id}")


def _named_recipients(view: View) -> list[Node]:
    messages, recipients = view.messages, view.notice.recipients
    headings = [messages[name] for name in ("recipient_name", "country", "contact", "used_for")]
    rows = ((None, _recipient(view, recipient)) for recipient in recipients)
    return [table(messages["recipients_table"], headings, rows)] if recipients else []


def _recipient(view: View, recipient: Recipient) -> tuple[list[Node], ...]:
    country, *basis = whereabouts(view, recipient)
    return (
        [recipient.name[view.locale], el("span.cw-small", company(view, recipient))],
        [country, *(el("span.cw-small", text) for text in basis)],
        linked(recipient.contact),
        [_used_for(view, recipient)],
    )


def _services(view: View) -> list[Node]:
    messages, services = view.messages, view.notice.services
    headings = [messages[name] for name in ("service_name", "company", "used_for")]
    rows = (
        (None, (_service_name(view, service), [run_by(view, service)], [_used_for(view, service)]))
        for service in services
    )
    return [table(messages["services_table"], headings, rows)] if services else []


def _service_name(view: View, service: Service) -> list[Node]:
    about = service.description
    return [service.name[view.locale], *([el("span.cw-small", about[view.locale])] if about else [])]


def _used_for(view: View, party: Recipient | Service) -> str:
    return view.separator.join(
        purpose.label[view.locale] for purpose in view.notice.purposes if purpose.id in party.purposes
    )


def _changes(view: View) -> list[Node]:
    cards = (
        _card(
            f"{change.version} · {written_date(change.date, view.locale)}",
            el("dd", change.summary[view.locale]),
            el("dd", *linked(transfer_text(view, change.successor, change.date))) if change.successor else None,
        )
        for change in view.notice.changes
    )
    return [_cards(cards)]
