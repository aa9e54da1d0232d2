"""A table whose rows become cards on a narrow screen (static/style/statement.css). Its roles keep it a table there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .node import Node, el

#: One cell: what it holds.
Cell = Sequence[Node]


def table(caption: str, headings: Sequence[str], rows: Iterable[tuple[str | None, Sequence[Cell]]]) -> Node:
    """`rows` are pairs of an id, or None, and the cells of the row. The first cell is the row's heading. In a card each
    of several other cells has its column's heading as a label.
    """
    return el(
        "table",
        el("caption", caption),
        el("tr", *(el("th", heading, role="columnheader") for heading in headings), role="row"),
        *(el("tr", *_cells(headings, cells), role="row", id=id) for id, cells in rows),
        role="table",
    )


def _cells(headings: Sequence[str], cells: Sequence[Cell]) -> Iterable[Node]:
    first, *rest = cells
    yield el("th", *first, role="rowheader")
    for heading, cell in zip(headings[1:], rest, strict=True):
        yield el("td", *cell, role="cell", data_label=heading if len(rest) > 1 else None)
