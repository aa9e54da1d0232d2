"""What an officer does with one visitor's records: find, prove, export, erase. Whose they are is sent by forms alone:
it is in no address, no history and no log of requests.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, cast, get_args

from flask import Response, current_app, request, stream_with_context

from ..choice.lines import Form, Lines
from ..choice.policy import decision
from ..choice.token import SUBJECT
from ..days import DAY, day_of_date, today
from ..errors import InvalidPayload, NoReceipt, Problem, StoreError
from ..site.site import Site, current_site
from ..store import is_sql_store
from ..subject import processing
from ..subject.receipts import FORMS, is_proved, receipt_as
from ..subject.records import choice_of, read_history, replay_subject
from ..ui.choices import CurrentDecision
from ..ui.node import Node
from ..ui.officer_records import WHY, erasing, officer_records, one_visitor
from ..ui.view import View
from .http import READING, form_fields, problem_response
from .officer import log_officer, officer_page, officer_site, officer_view, protect
from .own_records import acts_of
from .page import unreadable_page
from .receipts import download, issued

if TYPE_CHECKING:
    from ..store.exporting import Which

#: Milliseconds in a day.
DAY_MS = 1000 * DAY
#: How a receipt's number begins: enough digits that hardly two begin alike.
RECEIPT = re.compile(r"[0-9a-f]{6,8}(-[0-9a-f-]{0,27})?")


class NobodyFoundError(Exception):
    """Nobody was found. Its text is the key of a message that says why."""


def _tells_what_fails(view: Callable[[], Response]) -> Callable[[], Response]:
    """A view of these that answers an officer with what went wrong, too."""

    @functools.wraps(view)
    def answer() -> Response:
        try:
            return view()
        except Problem as problem:
            return protect(problem_response(problem))
        except StoreError:
            site = current_site()
            words = officer_view(site)
            return unreadable_page(site, words, words.messages["officer_records"])

    return answer


@_tells_what_fails
def records_page() -> Response:
    """The search; and one visitor's records, once the officer has looked for them."""
    site = officer_site()
    view = officer_view(site)
    if request.method in READING:
        content = officer_records(view, can_export=_can_export(site))
        return officer_page(site, view, content, view.messages["officer_records"])
    what = form_fields().get("what", "").strip()
    try:
        content = officer_records(view, _one_visitor(site, view, _find(site, what)), can_export=_can_export(site))
    except NobodyFoundError as reason:
        log_officer("looked for a visitor's records: none found.")
        content = officer_records(view, said=view.messages[str(reason)], can_export=_can_export(site))
    return officer_page(site, view, content, view.messages["officer_records"])


def _find(site: Site, what: str) -> str:
    """The subject that `what` names: a cookie's value (or `name=value`), a subject, a receipt's address, or the
    beginning of its number. Raises NobodyFoundError.
    """
    value = what.rpartition("=")[2].strip('"; ').rpartition("/")[2].partition("~")[0]
    if "." in value:
        state = site.token_signer.read(value)
        if state is None:
            raise NobodyFoundError("officer_bad_token")
        return state.subject
    if RECEIPT.fullmatch(value.lower()) and hasattr(site.store, "find"):
        found = site.store.find(value.lower(), site.settings.site)
        if len(found) > 1:
            raise NobodyFoundError("officer_found_several")
        if found:
            return str(found[0].subject)
    if SUBJECT.fullmatch(value):
        return value
    raise NobodyFoundError("officer_found_none")


def _one_visitor(site: Site, view: View, subject: str) -> Node:
    history = read_history(site, subject)
    if not history:
        raise NobodyFoundError("officer_found_none")
    log_officer("looked up one visitor's records: %d.", len(history))
    state = replay_subject(site, subject, history).state
    found = ((option, decision(option, state, today())) for option in site.notice.options.values())
    stands = [CurrentDecision(option, each.granted, each.until) for option, each in found if each]
    return one_visitor(view, acts_of(site, history)[::-1], stands, _forms(site), _can_export(site))


def _forms(site: Site) -> tuple[str, ...]:
    """The forms that receipts have here: a proof takes a log that is signed."""
    return tuple(form for form in FORMS if form != "tlog-proof" or is_proved(site))


@_tells_what_fails
def receipt_file() -> Response:
    """One receipt in one of its forms."""
    site = officer_site()
    form, id = form_fields().get("form", ""), form_fields().get("id", "")
    if form not in FORMS:
        raise InvalidPayload("There is no such form of a receipt.")
    history = read_history(site, form_fields().get("subject", ""))
    choice = choice_of(history, id)
    if choice is None:
        raise NoReceipt
    response = download(receipt_as(form, site, choice, history, issued(site)), form)
    log_officer("took one receipt, as %s.", form)
    return protect(response)


@_tells_what_fails
def erase_records() -> Response:
    """Ask once more, and why; then erase. Why is noted in the log, and nowhere else."""
    site = officer_site()
    view = officer_view(site)
    subject, why = form_fields().get("subject", ""), form_fields().get("why", "")
    number = len(read_history(site, subject))
    if not number:
        said = view.messages["officer_found_none"]
    elif "sure" not in form_fields() or why not in WHY:
        content = erasing(view, subject, number)
        return officer_page(site, view, content, view.messages["officer_erase_title"])
    else:
        complete = processing.erase(subject)
        log_officer("erased one visitor's records: %d (%s).", number, why)
        said = view.messages["officer_erased"].format(number=number)
        said += "" if complete else view.space + view.messages["officer_remainder"]
    content = officer_records(view, said=said, can_export=_can_export(site))
    return officer_page(site, view, content, view.messages["officer_records"])


@_tells_what_fails
def export_records() -> Response:
    """Records as a file: all of a period, or one visitor's. It is written as the database is read."""
    site = officer_site()
    fields = form_fields()
    if not is_sql_store(site.store) or fields.get("form") not in get_args(Form):
        raise InvalidPayload("There is no such export.")
    lines = Lines(cast(Form, fields["form"]))
    written = site.store.lines(lines, _which(site))
    first = next(written, None)  # a database that is away is told before anything is sent
    whose = "one visitor's records" if fields.get("subject") else "records of a period"

    def texts() -> Iterator[str]:
        number = 0
        yield lines.header
        for each in chain([first] if first else (), written):
            number += each.number
            yield each.text
        log_officer("exported %s, as %s: %d.", whose, lines.form, number)

    log_officer("exports %s, as %s.", whose, lines.form)
    mimetype = "text/csv" if lines.form == "csv" else "application/jsonl"
    response: Response = current_app.response_class(stream_with_context(texts()), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="choices.{lines.form}"'
    return protect(response)


def _which(site: Site) -> Which:
    """Which records a form asks for: this site's alone, whatever else is in the database."""
    from ..store.exporting import Which  # and with it SQLAlchemy, which a site with a store of its own does not need

    fields = form_fields()
    try:
        first, last = (day_of_date(fields[name]) if fields.get(name) else None for name in ("from", "to"))
    except ValueError:
        raise InvalidPayload("from, to: must be days, like 2027-03-01.") from None
    which = Which(site=site.settings.site, subject=fields.get("subject") or None)
    if first is not None:
        which = which._replace(first=first * DAY_MS)
    return which if last is None else which._replace(end=(last + 1) * DAY_MS)


def _can_export(site: Site) -> bool:
    return is_sql_store(site.store)
