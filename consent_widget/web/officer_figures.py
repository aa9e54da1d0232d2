"""The officer's figures. The address says of what: the period, the lines of the chart, and what alone is counted."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request

from ..choice.figures import DIMENSIONS, Context, Only, Period, figures
from ..days import day_of_date, today
from ..errors import StoreError
from ..site.site import Site
from ..store.protocol import CountingStore, ShowingsStore
from ..subject.records import shown_notice
from ..ui.choices import option_name
from ..ui.officer_figures import BY, PERIODS, Asked, Labels, not_counted, officer_figures
from ..ui.view import View
from .officer import officer_page, officer_site, officer_view
from .page import unreadable_page

#: What is shown first, in days.
FIRST = 30


def figures_page() -> Response:
    """The figures of a period."""
    site = officer_site()
    view = officer_view(site)
    title = view.messages["officer_title"]
    store = site.store
    if not isinstance(store, CountingStore):
        return officer_page(site, view, not_counted(view), title)
    try:
        first = store.first_day(site.settings.site)
        asked = asked_of_address(today() if first is None else first)
        first, end = asked.period.first, asked.period.end
        contexts, tallies = store.tallies(first, end, site.settings.site)
        shown = store.shown(first, end, site.settings.site) if isinstance(store, ShowingsStore) else []
        found = figures(tallies, contexts, shown, asked.period, asked.by, asked.only)
        labels = _labels(site, view, contexts.values())
    except StoreError:
        return unreadable_page(site, view, title)
    return officer_page(site, view, officer_figures(view, asked, found, labels), title)


def asked_of_address(first: int) -> Asked:
    """What the address asks for. What cannot be read in it is as if it were not there. `first` is the day of the first
    record, where "all" begins.
    """
    args, end = request.args, today() + 1
    days: int | None = FIRST
    if args.get("days", "").isdecimal() and int(args["days"][:5]) in PERIODS:
        days = int(args["days"])
    period = Period(end - days, end) if days else Period(min(first, end - 1), end)
    if "days" not in args and (own := _own_period(end)):
        period, days = own, None
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
