"""The visitor's two lists as pages: what was collected from them, and with whom it was shared. What nobody knows is
told as not known, and never as "none".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from ..choice.act import Choice
from ..choice.closing import Closing
from ..choice.collected import Collected, Shared, Words, in_locale, iso
from ..choice.lists import CollectedRow, Lists, SharedRow, Use
from ..days import day_of, iso_date
from ..notice.parts import Recipient, RecipientClass, Service
from .choices import own_section
from .contact import linked
from .counted import Counted
from .dates import written_date
from .node import Node, el
from .services import company, whereabouts
from .table import table
from .view import View

Kind = Literal["collected", "shared"]


def list_page(view: View, kind: Kind, lists: Lists, closing: Closing | None) -> Node:
    """One of the two lists."""
    messages = view.messages
    other: Kind = "shared" if kind == "collected" else "collected"
    rows = collected_rows(view, lists) if kind == "collected" else shared_rows(view, lists)
    headings = [messages[f"list_{name}"] for name in COLUMNS[kind]]
    missing = [el("p", messages[key], role="status") for key in _missing(lists)]
    path = f"choices/{kind}"
    files = [
        part
        for form in ("json", "csv")
        for part in (" · ", el("a", messages[f"list_as_{form}"], href=f"{view.url(path)}&format={form}", download=True))
    ][1:]
    return own_section(
        view,
        messages[kind],
        path,
        el("p", messages[f"{kind}_intro"]),
        *missing,
        el(
            "div.cw-text.cw-list",
            table(messages[f"{kind}_caption"], headings, ((None, row) for row in rows)),
            lang=view.locale,
        ),
        el("p.cw-within", *files),
        closing_part(view, closing) if closing else None,
        el("p.cw-within", el("a", messages[other], href=view.url(f"choices/{other}"))),
        el("p.cw-within", el("a", messages["choices"], href=view.url("choices"))),
    )


#: The kind of information in the notices that ship that is the visitor's choices.
RECORDS = "consent_records"
#: The columns of each list.
COLUMNS = {
    "collected": ("what", "why", "how", "when"),
    "shared": ("who", "what", "why", "means"),
}


def closing_part(view: View, closing: Closing) -> Node:
    """How visitors close their account, and within which term it is done."""
    text = view.messages["close_account_body"].format(days=Counted(closing.working_days, view.locale))
    link = el("a", view.messages["close_account_link"], href=closing.url)
    return el("div", el("h3", view.messages["close_account"]), el("p", text + view.space, link))


def list_links(view: View, *, lists: bool, closing: Closing | None) -> Node | None:
    """The links to both lists, and to where the account is closed; None where the site has neither."""
    links = [el("p", el("a", view.messages[kind], href=view.url(f"choices/{kind}"))) for kind in COLUMNS if lists]
    title = [el("h3", view.messages["your_information"])] if links else []
    parts = [*title, *links, *([closing_part(view, closing)] if closing else [])]
    return el("section.cw-mine.cw-lists", *parts) if parts else None


def collected_rows(view: View, lists: Lists) -> Iterator[list[list[Node]]]:
    """The cells of each row of the list of what was collected."""
    messages = view.messages
    yield _records_row(view, lists)
    for row in other_rows(lists):
        yield [_what(view, row), _uses(view, row.uses), _how(view, row.lines), _times(view, row.lines)]
    if not lists.collected:
        yield [[messages["list_other"]], [messages["not_known"]], [messages["not_known"]], [messages["not_known"]]]


def shared_rows(view: View, lists: Lists) -> Iterator[list[list[Node]]]:
    """The cells of each row of the list of whom information was shared with."""
    messages = view.messages
    for row in lists.shared:
        labels = {each.id: each.label[view.locale] for each in view.notice.data}
        names = [each.label[view.locale] for each in row.data]
        names += [labels.get(id, id) for line in row.lines for id in line.data]
        details = [_small(line.detail, view) for line in row.lines if line.detail]
        yield [
            _who(view, row),
            [view.listed(list(dict.fromkeys(names))) or messages["not_known"], *details],
            _uses(view, row.uses),
            _means(view, row),
        ]
    if not lists.shared:
        unknown: list[Node] = [messages["not_known"]]
        yield [[messages["list_others"]], unknown, unknown, unknown]


def other_rows(lists: Lists) -> list[CollectedRow]:
    """The rows of the list of what was collected, without the choices themselves."""
    return [row for row in lists.collected if not (row.category and row.category.id == RECORDS)]


def _records_row(view: View, lists: Lists) -> list[list[Node]]:
    """What this package itself keeps: the visitor's choices. Of these everything is known."""
    messages, choices = view.messages, lists.choices
    when: list[Node] = [messages["not_known"]]
    if choices is not None:
        when = [messages["list_never"]]
    if choices:
        when = _span(view, iso_of(choices[0]), iso_of(choices[-1]), len(choices))
    what: list[Node] = [messages["list_records"], el("span.cw-small", messages["list_records_what"])]
    return [what, [messages["list_records_why"]], [messages["list_records_how"]], when]


def iso_of(choice: Choice) -> str:
    """The day of a choice."""
    return iso_date(day_of(choice.time))


def _what(view: View, row: CollectedRow) -> list[Node]:
    lines = [_small(line.detail, view) for line in row.lines if line.detail]
    if row.category is None:
        return [in_locale(row.lines[0].what, view.locale), *lines]
    category = row.category
    sensitive = [" ", el("span.cw-badge", view.messages["sensitive"])] if category.sensitive else []
    about = category.description[view.locale]
    return [category.label[view.locale], *sensitive, *(lines or [el("span.cw-small", about)])]


def _who(view: View, row: SharedRow) -> list[Node]:
    messages, party = view.messages, row.party
    contacts = [el("span.cw-small", *_contact(line.contact)) for line in row.lines if line.contact]
    if party is None:
        unknown = el("span.cw-small", messages["contact"] + view.colon + messages["not_known"])
        return [in_locale(row.lines[0].recipient, view.locale), *(contacts or [unknown])]
    if isinstance(party, RecipientClass):
        return [party.label[view.locale], el("span.cw-small", messages["list_kind"]), *contacts]
    place = " · ".join((company(view, party), *whereabouts(view, party)))
    contact = party.contact if isinstance(party, Recipient) else ""
    told = _contact(contact) if contact else [messages["not_known"]]
    own = [el("span.cw-small", messages["contact"] + view.colon, *told)] if contact or not contacts else []
    return [party.name[view.locale], el("span.cw-small", place), *own, *contacts]


def _uses(view: View, uses: Iterable[Use]) -> list[Node]:
    """The purposes, those together to which the visitor stands alike, with the receipt of the choice that says so."""
    alike: dict[tuple[str, str], list[str]] = {}
    for use in uses:
        alike.setdefault((stand_in_words(view, use), use.choice), []).append(use.purpose.label[view.locale])
    nodes: list[Node] = []
    for (text, choice), labels in alike.items():
        told: Node = el("a", text, href=view.url(f"records/{choice}")) if choice else text
        nodes.append(el("span.cw-use", view.listed(labels), el("span.cw-small", told)))
    return nodes or [view.messages["not_known"]]


def stand_in_words(view: View, use: Use) -> str:
    """How the visitor stands to a purpose, with the day."""
    time, until = iso_date(day_of(use.time)), iso_date(use.until)
    key = f"stand_{use.stand}"
    if use.stand in ("refused", "ended") and not use.time:
        key += "_before"
    return view.messages[key].format(
        date=written_date(time, view.locale), until=written_date(until, view.locale) if use.until else ""
    )


def _how(view: View, lines: Sequence[Collected]) -> list[Node]:
    told = [in_locale(line.how, view.locale) for line in lines if line.how]
    return [el("span.cw-use", text) for text in dict.fromkeys(told)] or [view.messages["not_known"]]


def _contact(text: str) -> list[Node]:
    """A contact, whose address of email goes on in the next line after its `@` where the column is narrow."""
    nodes: list[Node] = []
    for node in linked(text):
        name, at, host = str(node[-1]).partition("@")
        nodes.append([*node[:-1], name + at, el("wbr"), host] if isinstance(node, list) and at else node)
    return nodes


def _means(view: View, row: SharedRow) -> list[Node]:
    told = [in_locale(line.means, view.locale) for line in row.lines if line.means]
    if not told and isinstance(row.party, Recipient):
        told = [row.party.means[view.locale]]
    if not told and isinstance(row.party, Service):
        told = [view.messages["means_service"]]
    if not told and not row.lines:
        return [view.messages["not_known"]]
    means = [el("span.cw-use", text) for text in dict.fromkeys(told)]
    return [*means, *(_times(view, row.lines) if row.lines else [_use(view.messages["when_not_known"])])]


def _times(view: View, lines: Sequence[Collected | Shared]) -> list[Node]:
    nodes = [part for line in lines for part in _span(view, iso(line.first), iso(line.last), line.times)]
    return nodes or [view.messages["not_known"]]


def _use(*parts: Node) -> Node:
    return el("span.cw-use", *parts)


def _span(view: View, first: str | None, last: str | None, times: int | None) -> list[Node]:
    """From when until when, and how often."""
    messages = view.messages

    def day(when: str | None) -> str:
        return written_date(when[:10], view.locale) if when else messages["not_known"]

    if not first and not last and times is None:
        return [_use(messages["when_not_known"])]
    if times == 1:
        first, last = first or last, last or first
    if first and last and first[:10] == last[:10]:
        period = day(first)
    else:
        period = messages["first_last"].format(first=day(first), last=day(last))
    often = messages["times"].format(number=messages["not_known"] if times is None else times)
    return [_use(period, el("span.cw-small", often))]


def _missing(lists: Lists) -> Iterator[str]:
    if lists.choices is None:
        yield "list_no_records"
    if lists.complete != "yes":
        yield f"list_{lists.complete}"


def _small(words: Words, view: View) -> Node:
    return el("span.cw-small", in_locale(words, view.locale))
