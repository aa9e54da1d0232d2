"""The officer's figures over time: a chart, and the same as a table."""

from __future__ import annotations

from ..choice.figures import Figures, Line
from ..days import iso_date
from .charts import line_chart, nice_top, swatch
from .dates import written_date, written_day
from .node import Node, el
from .officer_asked import BY, Asked, Labels
from .officer_numbers import written_number
from .view import View


def over_time(view: View, asked: Asked, found: Figures, labels: Labels) -> Node:
    """The section, with links to what else the chart can have a line for."""
    messages = view.messages
    links = (
        el(
            "li",
            el(
                "a", messages[f"officer_{name}"], href=f"{asked.address(view, by=name)}#over-time",
                aria_current="true" if name == asked.by else None,
            ),
        )
        for name in BY
    )  # fmt: skip
    nav = el("nav", el("ul.cw-tabs", *links), aria_label=messages["officer_by"])
    title = el("h3", messages["officer_over_time"], id="over-time")
    if not found.lines:
        return el("section", title, nav, el("p", messages["officer_no_line"]))
    return el("section", title, nav, _chart(view, found, labels), _series_table(view, found, labels))


def _chart(view: View, found: Figures, labels: Labels) -> Node:
    messages, rates = view.messages, found.by == "purpose"
    top = 100 if rates else nice_top(max(each or 0 for line in found.lines for each in line.values))
    first, last = found.period.steps[0], found.period.steps[-1]
    text = messages["officer_chart_rates" if rates else "officer_chart_numbers"].format(
        what=messages[f"officer_{found.by}"],
        first=written_date(iso_date(first), view.locale),
        last=written_date(iso_date(last), view.locale),
    )
    ticks = (_tick(view, top * row // 4, rates) for row in range(4, -1, -1))
    days = found.period.steps
    marks = dict.fromkeys(days[round(at * (len(days) - 1) / 4)] for at in range(5))
    return el(
        "figure.cw-chart",
        el(
            "div.cw-plot",
            el("div.cw-ticks", *(el("span", each) for each in ticks), aria_hidden="true"),
            line_chart(found.lines, top, text),
            el("div.cw-days", *(el("span", _short(view, day)) for day in marks), aria_hidden="true"),
        ),
        el(
            "ul.cw-legend",
            *(
                el("li", swatch(at), el("span", labels.of(found.by, line.name)), el("output"))
                for at, line in enumerate(found.lines, 1)
            ),
        ),
        data_top=str(top),
        data_rates=rates,
        data_keys=messages["officer_keys"],
    )


def _tick(view: View, value: int, rates: bool) -> str:
    return f"{value}%" if rates else written_number(view, value)


def _short(view: View, day: int) -> str:
    return written_day(day * 86_400, view.locale)


def _series_table(view: View, found: Figures, labels: Labels) -> Node:
    messages, rates = view.messages, found.by == "purpose"
    first = messages["officer_day" if found.period.step == 1 else "officer_week"]
    names = [labels.of(found.by, line.name) for line in found.lines]
    rows = (
        el(
            "tr",
            el("th", written_date(iso_date(day), view.locale), scope="row", data_day=str(day)),
            *(_cell(view, line, at, rates) for line in found.lines),
        )
        for at, day in enumerate(found.period.steps)
    )
    heading = el("tr", el("th", first, scope="col"), *(el("th.cw-number", name, scope="col") for name in names))
    table = el("table", el("thead", heading), el("tbody", *rows))
    scrolling = el("div.cw-scroll", table, tabindex="0", role="region", aria_label=messages["officer_over_time"])
    return el("details.cw-series", el("summary", messages["officer_as_table"]), scrolling)


def _cell(view: View, line: Line, at: int, rates: bool) -> Node:
    value = line.values[at]
    if value is None:
        return el("td.cw-number", view.messages["officer_few"])
    return el("td.cw-number", _tick(view, value, rates), data_value=str(value))
