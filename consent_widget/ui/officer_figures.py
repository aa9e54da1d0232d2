"""The officer's figures: what was chosen in a period, over time and by each thing that choices have in common."""

from __future__ import annotations

from ..choice.figures import Figures
from ..choice.rounded import Rounded
from ..choice.tally import DIMENSIONS
from ..days import iso_date
from .counted import Counted
from .dates import written_date
from .node import Node, el
from .officer_asked import PERIODS, Asked, Labels
from .officer_bars import options_table, shares_table
from .officer_chart import over_time
from .officer_numbers import percent_of, rounded_number, written_number
from .view import View, head


def officer_figures(view: View, asked: Asked, found: Figures, labels: Labels) -> Node:
    """The whole page."""
    messages = view.messages
    if found.number == Rounded(0):
        body: list[Node | None] = [el("p", messages["officer_none"])]
    elif found.number.few:
        body = [el("p", messages["officer_too_few"])]
    else:
        body = [
            _tiles(view, found),
            over_time(view, asked, found, labels),
            options_table(view, found.options, labels) if found.options else None,
            el("div.cw-columns", *(shares_table(view, asked, name, found.shares[name], labels) for name in DIMENSIONS)),
        ]
    notes = ("officer_note_rounded", "officer_note_acts", "officer_note_days", "officer_note_shown")
    return el(
        "section.cw-officer",
        head(view, messages["officer_title"], "officer"),
        _choose_period(view, asked),
        _only(view, asked, labels),
        *body,
        el(
            "details.cw-notes",
            el("summary", messages["officer_notes"]),
            el("ul.cw-plain", *(el("li", messages[each]) for each in notes)),
        ),
    )


def counting(view: View, percent: int) -> Node:
    """In place of the figures, while the records are counted for the first time."""
    text = view.messages["officer_counting"].format(percent=percent)
    return el("section.cw-officer", head(view, view.messages["officer_title"], "officer"), el("p", text, role="status"))


def not_counted(view: View) -> Node:
    """In place of the figures, where the store cannot count."""
    title = head(view, view.messages["officer_title"], "officer")
    return el("section.cw-officer", title, el("p", view.messages["officer_not_counted"]))


def _choose_period(view: View, asked: Asked) -> Node:
    messages = view.messages
    links = []
    for days in PERIODS:
        text = messages["officer_days"].format(days=Counted(days, view.locale)) if days else messages["officer_all"]
        href = asked.address(view, **{"days": days, "from": None, "to": None})
        links.append(el("li", el("a", text, href=href, aria_current="true" if days == asked.days else None)))
    dates = (("from", "officer_from", asked.period.first), ("to", "officer_until", asked.period.end - 1))
    fields = (
        el("label", el("span", messages[text]), el("input", type="date", name=name, value=iso_date(day), required=True))
        for name, text, day in dates
    )
    kept = {"lang": view.locale, "by": asked.by}
    if asked.only:
        kept |= {"only": asked.only.dimension, "is": asked.only.value}
    hidden = (el("input", type="hidden", name=name, value=value) for name, value in kept.items())
    return el(
        "div.cw-period",
        el("nav", el("ul.cw-tabs", *links), aria_label=messages["officer_period"]),
        el(
            "form", *hidden, *fields, el("button.cw-quiet", messages["officer_show"]),
            method="get", action=view.path("officer"), target="_self",
        ),
    )  # fmt: skip


def _only(view: View, asked: Asked, labels: Labels) -> Node | None:
    if asked.only is None:
        return None
    what = labels.of(*asked.only)
    text = f"{view.messages[f'officer_{asked.only.dimension}']}{view.colon}{what}"
    href = asked.address(view, **{"only": None, "is": None})
    said = el("b", view.messages["officer_only"].format(what=text))
    return el("p.cw-only", said, " ", el("a", view.messages["officer_only_off"], href=href))


def _tiles(view: View, found: Figures) -> Node:
    messages = view.messages
    shown: list[str | None] = [messages["officer_shown_not"], None]
    if found.shown is not None and found.shown_since is not None:
        date = written_date(iso_date(found.shown_since), view.locale)
        shown = [messages["officer_shown_since"].format(date=date), rounded_number(view, found.shown)]
    tiles = [
        ("officer_number", rounded_number(view, found.number), None),
        ("officer_accepted", percent_of(view, found.accepted), messages["officer_of_answers"]),
        ("officer_refused", percent_of(view, found.refused), messages["officer_of_answers"]),
        ("officer_shown", shown[1] or "–", shown[0]),
    ]
    if found.answers_to_shown is not None:
        tiles.append(("officer_per_hundred", written_number(view, found.answers_to_shown), None))
    return el(
        "dl.cw-tiles",
        *(
            el("div", el("dt", messages[name]), el("dd", el("b", value), el("span.cw-small", more) if more else None))
            for name, value, more in tiles
        ),
    )
