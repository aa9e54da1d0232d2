"""The officer's figures as proportions: of each option, and of each value of a dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..choice.figures import Answered, Share
from .charts import bar
from .node import Node, el
from .officer_asked import Asked, Labels
from .officer_numbers import percent_of, rounded_number
from .view import View


def options_table(view: View, options: Sequence[Answered], labels: Labels) -> Node:
    """How often each option was granted and denied."""
    messages = view.messages
    columns = ("officer_purpose", "officer_rate", "officer_agreed", "officer_denied")
    rows = (
        (
            labels.of("purpose", each.key),
            bar(each.rate),
            percent_of(view, each.rate),
            rounded_number(view, each.granted),
            rounded_number(view, each.denied),
        )
        for each in options
    )
    return _bars(view, messages["officer_purposes"], [messages[each] for each in columns], rows)


def shares_table(view: View, asked: Asked, dimension: str, shares: Sequence[Share], labels: Labels) -> Node:
    """How often each value of a dimension was, with links that count it alone."""
    messages = view.messages
    columns = (messages[f"officer_{dimension}"], messages["officer_part"], messages["officer_number"])

    def name(value: str) -> Node:
        text = labels.of(dimension, value)
        if asked.only or not value or len(shares) < 2:
            return text
        return el("a", text, href=asked.address(view, **{"only": dimension, "is": value}))

    rows = (
        (name(each.value), bar(each.percent), percent_of(view, each.percent), rounded_number(view, each.number))
        for each in shares
    )
    return _bars(view, messages[f"officer_by_{dimension}"], columns, rows)


def _bars(view: View, title: str, columns: Sequence[str], rows: Iterable[Sequence[Node]]) -> Node:
    """A table whose second column is drawn as well as written."""
    what, proportion, *others = columns
    heads = (el("th.cw-number", each, role="columnheader") for each in others)
    first = el("th", what, role="columnheader"), el("th", proportion, role="columnheader")
    return el(
        "section",
        el("h3", title),
        el(
            "table.cw-bars",
            el("thead", el("tr", *first, *heads, role="row"), role="rowgroup"),
            el("tbody", *(_bar_row(others, *row) for row in rows), role="rowgroup"),
            role="table",
        ),
    )


def _bar_row(headings: Sequence[str], name: Node, drawing: Node, percent: Node, *numbers: Node) -> Node:
    """On a narrow screen, each of several numbers has its column's heading as a label."""
    cells = (
        el("td.cw-number", each, role="cell", data_label=heading if len(numbers) > 1 else None)
        for heading, each in zip(headings, numbers, strict=True)
    )
    proportion = el("td", el("div", drawing, el("span", percent)), role="cell")
    return el("tr", el("th", name, role="rowheader"), proportion, *cells, role="row")
