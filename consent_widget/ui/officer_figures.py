"""The officer's figures: what was chosen in a period, over time and by each thing that choices have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..choice.figures import DIMENSIONS, OTHERS, Answered, Figures, Line, Only, Period, Share
from ..choice.rounded import Rounded
from ..days import iso_date
from .charts import bar, line_chart, nice_top, swatch
from .dates import written_date, written_day
from .i18n import language_name, region_name
from .node import Node, el
from .officer_health import written_number
from .view import View, head

#: What the chart can have a line for.
BY = ("action", "purpose", *DIMENSIONS[1:])
#: The periods that a link leads to, in days; 0 is all.
PERIODS = (7, 30, 90, 365, 0)


@dataclass(frozen=True)
class Labels:
    """What the values of dimensions, and the keys of options, are called."""

    view: View
    #: Versions of the notice, by digest.
    versions: Mapping[str, str]
    #: Options, by key.
    options: Callable[[str], str]

    def of(self, dimension: str, value: str) -> str:
        """One value, for a reader."""
        messages = self.view.messages
        if value == OTHERS:
            return messages["officer_others"]
        if not value:
            return messages["officer_unknown"]
        if dimension == "purpose":
            return self.options(value)
        if dimension == "locale":
            return language_name(value, self.view.locale)
        if dimension == "version":
            return self.versions.get(value, value[:8])
        if dimension == "region":
            return region_name(value, self.view.locale)
        return messages.get(f"{'act' if dimension == 'action' else dimension}_{value}", value)


@dataclass(frozen=True)
class Asked:
    """What the officer asks to see. `days` is one of PERIODS; None for a period of their own."""

    period: Period
    days: int | None
    by: str
    only: Only | None

    def query(self, **changed: object) -> str:
        """The query of the address that shows this, with some of it changed."""
        own: dict[str, object] = {"days": self.days}
        if self.days is None:
            own = {"from": iso_date(self.period.first), "to": iso_date(self.period.end - 1)}
        own |= {"by": self.by}
        if self.only:
            own |= {"only": self.only.dimension, "is": self.only.value}
        return urlencode({name: value for name, value in (own | changed).items() if value is not None})


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
            _over_time(view, asked, found, labels),
            _options(view, found.options, labels) if found.options else None,
            el("div.cw-columns", *(_shares(view, asked, name, found.shares[name], labels) for name in DIMENSIONS)),
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
        text = messages["officer_days"].format(days=days) if days else messages["officer_all"]
        query = asked.query(**{"days": days, "from": None, "to": None})
        href = f"{view.url('officer')}&{query}"
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
    href = f"{view.url('officer')}&{asked.query(**{'only': None, 'is': None})}"
    said = el("b", view.messages["officer_only"].format(what=text))
    return el("p.cw-only", said, " ", el("a", view.messages["officer_only_off"], href=href))


def _tiles(view: View, found: Figures) -> Node:
    messages, percent = view.messages, percent_of
    shown: list[str | None] = [messages["officer_shown_not"], None]
    if found.shown is not None and found.shown_since is not None:
        date = written_date(iso_date(found.shown_since), view.locale)
        shown = [messages["officer_shown_since"].format(date=date), number(view, found.shown)]
    tiles = [
        ("officer_number", number(view, found.number), None),
        ("officer_accepted", percent(view, found.accepted), messages["officer_of_answers"]),
        ("officer_refused", percent(view, found.refused), messages["officer_of_answers"]),
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


def _over_time(view: View, asked: Asked, found: Figures, labels: Labels) -> Node:
    messages = view.messages
    links = (
        el(
            "li",
            el(
                "a", messages[f"officer_{name}"], href=f"{view.url('officer')}&{asked.query(by=name)}#over-time",
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


def _options(view: View, options: Sequence[Answered], labels: Labels) -> Node:
    messages = view.messages
    columns = ("officer_purpose", "officer_rate", "officer_agreed", "officer_denied")
    rows = (
        (
            labels.of("purpose", each.key),
            bar(each.rate),
            percent_of(view, each.rate),
            number(view, each.granted),
            number(view, each.denied),
        )
        for each in options
    )
    return _bars(view, messages["officer_purposes"], [messages[each] for each in columns], rows)


def _shares(view: View, asked: Asked, dimension: str, shares: Sequence[Share], labels: Labels) -> Node:
    messages = view.messages
    columns = (messages[f"officer_{dimension}"], messages["officer_part"], messages["officer_number"])

    def name(value: str) -> Node:
        text = labels.of(dimension, value)
        if asked.only or not value or len(shares) < 2:
            return text
        return el("a", text, href=f"{view.url('officer')}&{asked.query(**{'only': dimension, 'is': value})}")

    rows = (
        (name(each.value), bar(each.percent), percent_of(view, each.percent), number(view, each.number))
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


def number(view: View, value: Rounded) -> str:
    """A number, as it may be shown."""
    return view.messages["officer_few"] if value.few else written_number(view, value.tens)


def percent_of(view: View, percent: int | None) -> str:
    """A proportion in words for a reader; a dash where it cannot be said."""
    return "–" if percent is None else f"{percent}%"
