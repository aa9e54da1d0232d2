"""The whole notice, for reading, keeping and printing: the same tree as a page and in the modal."""

from __future__ import annotations

from ..notice.parts import ListName, Paragraph, Recipient, Section, Successor
from .centre import facts, run_by
from .i18n import country, language_name
from .node import Node, el
from .view import View, head


def statement(view: View, *ends: Node) -> Node:
    """The notice as an article, with a list of contents and an anchor for each section."""
    w, notice = view.messages, view.notice
    version = w["version"].format(version=notice.version, date=notice.effective)
    if notice.prevailing_locale and len(notice.locales) > 1:
        name = language_name(notice.prevailing_locale, view.locale)
        version += (" " if view.locale == "en" else "") + w["prevails"].format(language=name)
    return el(
        "article.cw-statement",
        head(view, notice.title[view.locale], "notice", *ends),
        el(
            "div.cw-body",
            el(
                "nav",
                el("b", w["contents"]),
                el("ul", *(_entry(section, view.locale) for section in notice.sections)),
                aria_label=w["contents"],
            ),
            el(
                "div.cw-text",
                el("p.cw-small", version),
                el("p.cw-small", el("a", w["as_page"], href=view.url("notice"))) if ends else None,
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
    said = el("p", paragraph.text[view.locale], id=f"cw-{paragraph.id}")
    return [said, *(_list(view, paragraph.list) if paragraph.list else [])]


def _list(view: View, name: ListName) -> list[Node]:
    lists = {
        "data": _data,
        "circumstances": lambda view: [_lines(view, "circumstances")],
        "disclosures": lambda view: [_lines(view, "disclosures")],
        "purposes": _purposes,
        "recipients": _recipients,
        "services": _services,
        "changes": _changes,
    }
    return lists[name](view)


def _data(view: View) -> list[Node]:
    locale, w = view.locale, view.messages
    return [
        el(
            "dl.cw-cards",
            *(
                el(
                    "div",
                    el(
                        "dt",
                        category.label[locale],
                        el("span.cw-small", w["sensitive"]) if category.sensitive else None,
                    ),
                    el("dd", category.description[locale]),
                    el("dd.cw-small", view.listed([example[locale] for example in category.examples])),
                    id=f"cw-data-{category.id}",
                )
                for category in view.notice.data
            ),
        )
    ]


def _lines(view: View, name: str) -> Node:
    return el(
        "dl.cw-cards",
        *(
            el(
                "div",
                el("dt", item.label[view.locale]),
                el("dd", item.description[view.locale]),
                id=f"cw-{name}-{item.id}",
            )
            for item in getattr(view.notice, name)
        ),
    )


def _purposes(view: View) -> list[Node]:
    locale, nodes = view.locale, []
    for group in view.notice.groups:
        purposes = view.notice.in_group(group.id)
        cards = [
            el(
                "div",
                el("dt", purpose.label[locale]),
                el("dd", purpose.description[locale], facts(view, purpose)),
                el("dd.cw-small", _basis(view, purpose.legal_basis)) if purpose.legal_basis else None,
                id=f"cw-purpose-{purpose.id}",
            )
            for purpose in purposes
        ]
        if cards:
            nodes += [el("h4", group.label[locale]), el("p", group.description[locale]), el("dl.cw-cards", *cards)]
    return nodes


def _basis(view: View, basis: object) -> str:
    articles = dict(basis).items()  # type: ignore[call-overload]
    cited = [view.messages[law].format(article=article) for law, article in articles if law in view.messages]
    colon = "：" if view.locale.startswith("zh") else ": "
    return view.messages["legal_basis"] + colon + " · ".join(cited)


def _recipients(view: View) -> list[Node]:
    locale, w = view.locale, view.messages
    colon = "：" if locale.startswith("zh") else ": "
    return [
        el(
            "dl.cw-cards",
            *(
                el(
                    "div",
                    el("dt", kind.label[locale]),
                    el("dd", kind.description[locale]),
                    el("dd.cw-small", w["functions"] + colon + view.listed([f[locale] for f in kind.functions]))
                    if kind.functions
                    else None,
                    *(
                        el(
                            "dd",
                            _party(view, party),
                        )
                        for party in view.notice.recipients
                        if party.recipient_class == kind.id
                    ),
                    id=f"cw-recipient-{kind.id}",
                )
                for kind in view.notice.recipient_classes
            ),
        )
    ]


def _party(view: View, party: Recipient) -> str:
    where = country(party.country, view.locale)
    return " · ".join((party.name[view.locale], party.company, party.contact, where))


def _services(view: View) -> list[Node]:
    return [
        el(
            "dl.cw-cards",
            *(
                el(
                    "div",
                    el("dt", service.name[view.locale]),
                    el("dd", run_by(view, service)),
                )
                for service in view.notice.services
            ),
        )
    ]


def _changes(view: View) -> list[Node]:
    return [
        el(
            "dl.cw-cards",
            *(
                el(
                    "div",
                    el("dt", f"{change.version} · {change.date}"),
                    el("dd", change.summary[view.locale]),
                    el("dd", _transfer(view, change.successor, change.date)) if change.successor else None,
                )
                for change in view.notice.changes
            ),
        )
    ]


def _transfer(view: View, successor: Successor, date: str) -> str:
    name = successor.name[view.locale]
    return view.messages["transfer_body"].format(name=name, contact=successor.contact, date=date)
