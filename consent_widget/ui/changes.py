"""What changed in the notice, word by word, for a visitor who saw the earlier one: as a page and as a dialog."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import get_args

from ..notice.changes import Difference
from ..notice.fields import ChangeClass
from ..notice.marked import Sign, marked
from ..notice.model import Notice
from ..notice.news import News
from ..notice.options import Option
from ..regions import Transfer
from .again import question, surface_of
from .citations import citations, read_basis
from .dates import written_date
from .i18n import country
from .news import ahead_text
from .node import Node, el
from .view import View, action_button, close_button, head, transfer_text

HEADINGS: dict[ChangeClass, str] = {"consent": "asked_again", "notice": "told", "editorial": "wording"}
#: Fields whose values are codes. A code without a message in VALUES is left out.
CODES = {
    "control",
    "consent",
    "gpc_opt_out",
    "sensitive_use",
    "exemption",
    "opt_out",
    "minors",
    "sensitive",
    "role",
    "transfer",
}
LEFT_OUT = {"in_accept_all", "itemised", "locales", "prevailing_locale"}
VALUES = {
    "always_on": "always_on", "opt_in": "opt_in", "just_in_time": "when_needed", "none": "none", "ordinary": "ordinary",
    "separate": "separate", "single_use": "single_use", "True": "yes", "False": "no", "allowed": "yes", "off": "no",
    "guardian": "with_guardian", "processor": "processor", "independent": "independent",
    "statistics": "exempt_statistics", "appearance": "exempt_appearance",
    **{transfer: transfer for transfer in get_args(Transfer)},
}  # fmt: skip


def what_changed(
    view: View, news: News, asked: Sequence[tuple[Option, ...]], hidden: Callable[[str], Node] | None = None
) -> Node:
    """The differences, gravest first, with the questions that they raise (`asked`), or else the button that says that
    they were seen. On a page `hidden` makes the hidden fields of a form for one surface; in a dialog there are none.
    """
    messages = view.messages
    effective = written_date(news.after.effective, view.locale)
    version = {"before": news.before.version, "after": news.after.version, "date": effective}
    title = messages["changes"]
    due = any(not options[0].recipient for options in asked)
    return el(
        "div.cw-changes",
        head(view, title, "changes") if hidden else el("div.cw-head", el("h2", title), close_button(view)),
        el(
            "div.cw-body",
            el("p.cw-small", messages["from_to"].format(**version)),
            _transfer(view, news),
            *(el("p", change.summary[view.locale]) for change in news.entries),
            _signs(view, news),
            *(part for change_class in HEADINGS for part in _group(view, news, change_class, asked, hidden)),
            el("p", el("a", messages["whole_notice"], href=_whole(view, news.after))),
            _ahead(view, news),
        ),
        None
        if due and hidden
        else el(
            "form.cw-actions.cw-foot",
            action_button("acknowledge", messages["seen"]),
            hidden("page") if hidden else None,
            **view.form,
        ),
    )


def _signs(view: View, news: News) -> Node | None:
    """How added and removed words are marked."""
    if not any(difference.before != difference.after for difference in news.differences):
        return None
    return el("p.cw-small", el("ins", view.messages["added"]), " ", el("del", view.messages["removed"]))


def _transfer(view: View, news: News) -> Node | None:
    if not news.successor:
        return None
    return el(
        "div.cw-card",
        el("h3", view.messages["transfer"]),
        el("p", transfer_text(view, news.successor, written_date(news.after.effective, view.locale))),
        el("p", el("a", view.messages["preferences"], href=view.url("preferences"), data_open="centre")),
    )


def _ahead(view: View, news: News) -> Node | None:
    if not news.ahead:
        return None
    link = el("a", view.messages["whole_notice"], href=_whole(view, news.ahead))
    return el("p", ahead_text(view, news) + view.space, link)


def _whole(view: View, notice: Notice) -> str:
    return f"{view.path('notice')}/{notice.version}.{view.locale}"


def _group(
    view: View, news: News, change_class: ChangeClass, asked: Sequence[tuple[Option, ...]],
    hidden: Callable[[str], Node] | None,
) -> list[Node]:  # fmt: skip
    cards = [
        _difference(view, difference) for difference in news.differences if difference.change_class == change_class
    ]
    if not cards:
        return []
    heading = view.messages[HEADINGS[change_class]]
    if change_class == "editorial":
        return [el("details", el("summary", heading), *cards)]
    surface = surface_of(news)
    asks = [question(view, options, surface, hidden(surface) if hidden else None) for options in asked]
    return [el("h3", heading), *cards, *(asks if change_class == "consent" else ())]


def _difference(view: View, difference: Difference) -> Node:
    messages, locale = view.messages, view.locale
    # `purposes.<id>` is a whole entry, `purposes.<id>.<field>` and `controller.<field>` one field of it, and a name
    # without a dot is a field of the notice itself
    kind, *place = difference.where.split(".")
    field = "" if len(place) == 1 and kind != "controller" else difference.where.rpartition(".")[2]
    title = difference.title[locale] if difference.title else messages.get(kind, messages["notice"])
    name = messages.get(FIELDS.get(field, field), "")
    before, after = (_value(view, kind, field, text) or "" for text in (difference.before, difference.after))
    return el(
        "div.cw-card",
        el("h4", f"{title} · {name}" if name else title),
        el("p", *(part for sign, text in marked(before, after) for part in _marked(sign, text)))
        if before or after
        else None,
    )


def _marked(sign: Sign, text: str) -> tuple[Node, ...]:
    """A run of a marked text. The comma before an added word of a list is not marked."""
    comma, word = SEPARATORS.match(text)[0], SEPARATORS.sub("", text)  # type: ignore[index]  # matches always
    return (text,) if sign is None else (comma, el(sign, word)) if word else (el(sign, text),)


#: What parts a word of a list from the one before.
SEPARATORS = re.compile(r"^[\s,;，；、]*")
#: The messages that name a field, where its own name is not the key.
FIELDS = {"email": "contact", "phone": "contact", "transfer": "transfer_basis"}


def _value(view: View, kind: str, field: str, text: object) -> str | None:
    if text is None or field in LEFT_OUT:
        return None
    value: str = text[view.locale]  # type: ignore[index]
    if field == "country":
        return country(value, view.locale)
    if not field and kind in ("services", "recipients"):  # a whole entry, which ends with its country
        entry, _, code = value.rpartition(" · ")
        return f"{entry} · {country(code, view.locale)}"
    if field == "legal_basis":
        return view.listed(citations(view, read_basis(value)))
    if field in CODES:
        return view.messages[VALUES[value]] if value in VALUES else None
    return value
