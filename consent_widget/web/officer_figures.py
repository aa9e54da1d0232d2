"""The officer's figures. The address says of what: the period, the lines of the chart, and what alone is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, request

from ..choice.figures import Only, figures
from ..choice.period import MOST_DAYS, Period
from ..choice.tally import DIMENSIONS, Context
from ..days import day_of_date, today
from ..errors import StoreError
from ..site.site import Site
from ..subject.records import shown_notice
from ..ui.choices import option_name
from ..ui.officer_asked import BY, PERIODS, Asked, Labels
from ..ui.officer_figures import counting, not_counted, officer_figures
from ..ui.view import View
from .officer import officer_page, officer_site, officer_view
from .page import unreadable_page

#: What is shown first, in days.
FIRST = 30
#: How many seconds an officer waits at most while records are counted for the first time.
PATIENCE = 0.7


def figures_page() -> Response:
    """The figures of a period."""
    site = officer_site()
    view = officer_view(site)
    title = view.messages["officer_title"]
    store: Any = site.store
    if not hasattr(store, "tallies"):  # no isinstance: a store that is away has what the one behind it has
        return officer_page(site, view, not_counted(view), title)
    try:
        counted = store.count_up(PATIENCE)
        if counted < 1:
            return _still_counting(site, view, counted)
        asked = asked_of_address(lambda: store.first_day(site.settings.site))
        first, end = asked.period.first, asked.period.end
        contexts, tallies = store.tallies(first, end, site.settings.site, 1 if asked.period.days <= MOST_DAYS else 7)
        shown = store.shown(first, end, site.settings.site) if hasattr(store, "shown") else []
        found = figures(tallies, contexts, shown, asked.period, asked.by, asked.only)
        labels = _labels(site, view, contexts.values())
    except StoreError:
        return unreadable_page(site, view, title)
    return officer_page(site, view, officer_figures(view, asked, found, labels), title)


def _still_counting(site: Site, view: View, counted: float) -> Response:
    """A database whose records nobody has looked at before may take a while. The page comes again by itself."""
    response = officer_page(site, view, counting(view, int(100 * counted)), view.messages["officer_title"])
    response.headers["Refresh"] = "1"
    return response


def asked_of_address(first_day: Callable[[], int | None]) -> Asked:
    """What the address asks for. What cannot be read in it is as if it were not there. `first_day` is that of the first
    record, where "all" begins.
    """
    args, end = request.args, today() + 1
    days: int | None = FIRST
    if args.get("days", "").isdecimal() and int(args["days"][:5]) in PERIODS:
        days = int(args["days"])
    if own := "days" not in args and _own_period(end):
        period, days = own, None
    elif days:
        period = Period(end - days, end)
    else:
        first = first_day()
        period = Period(end - 1 if first is None else min(first, end - 1), end)
    by = args.get("by", "")
    only = Only(args.get("only", ""), args.get("is", ""))
    return Asked(period, days, by if by in BY else BY[0], only if only.dimension in DIMENSIONS and only.value else None)


def _own_period(end: int) -> Period | None:
    try:
        first, last = (day_of_date(request.args.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return None
    return Period(first, min(last + 1, end)) if 0 <= first <= last and first < end else None


def _labels(site: Site, view: View, contexts: Iterable[Context]) -> Labels:
    found = {each.notice: shown_notice(site, each.notice) for each in contexts}
    notices = [*filter(None, found.values()), site.notice]

    def option(key: str) -> str:
        for notice in reversed(notices):
            if key in notice.options:
                locale = view.locale if view.locale in notice.locales else notice.locales[0]
                return option_name(notice.options[key], locale)
        return key

    return Labels(view, {notice.digest: notice.version for notice in notices}, option)
