"""One receipt to read and to print: what was agreed to and refused, when, and under which notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from ..choice.lifecycle import Event
from ..choice.state import CONFIRMS
from ..days import day_of, iso_date
from .choices import HistoryEntry, entry_in_words, local_moment, notice_path, option_name, own_section, version
from .dates import written_date
from .i18n import language_name, region_name
from .node import Node, el
from .recorded import how_shown, what_was_seen
from .view import View

Row: TypeAlias = "tuple[str, Node | None]"


class Receipt(NamedTuple):
    """One choice, what came of it, and in which forms it can be kept (none where it stands alone). `as_of` is when this
    is told (milliseconds since 1970). `proved`: the site has a log that others can check.
    """

    entry: HistoryEntry
    events: Mapping[str, tuple[Event, ...]]
    forms: Collection[str]
    as_of: int
    proved: bool = False


#: Each form besides JSON, with what it is called and what it is for.
IN_WORDS = {
    "jsonld": ("as_27560", "for_27560"),
    "kantara.json": ("as_kantara", "for_kantara"),
    "tlog-proof": ("as_proof", "for_proof"),
}


def receipt(view: View, shown: Receipt) -> Node:
    """The receipt of one choice: first what was agreed to and refused, and what only a check needs folded."""
    entry, messages = shown.entry, view.messages
    choice, path = entry.choice, entry.path
    done = "done_by_guardian" if choice.actor == "guardian" else "action"
    facts: list[Row] = [
        (messages[done], entry_in_words(view, entry)),
        (messages["time"], local_moment(view, choice.time)),
        (messages["valid_until"], written_date(iso_date(choice.valid_until), view.locale)),
        (messages["notice"], version(view, entry)),
        (messages["language"], language_name(choice.locale, view.locale)),
        (messages["controller"], (entry.notice or view.notice).controller.name.get(view.locale)),
        (messages["as_of"], local_moment(view, shown.as_of)),
    ]
    technical: list[Row] = [
        (messages["receipt_number"], _code(choice.id)),
        (messages["time_utc"], _code(f"{datetime.fromtimestamp(choice.time / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}")),
        (messages["fingerprint"], _fingerprint(view, entry)),
        (messages["how_shown"], how_shown(view, choice)),
        (messages["also_seen"], what_was_seen(view, choice)),
        (messages["script_fingerprint"], _code(choice.script) if choice.script else None),
        (messages["rules_of"], choice.region and region_name(choice.region, view.locale)),
    ]
    said = messages["gpc"] if "gpc" in choice.signals else None
    if CONFIRMS in choice.signals:
        said = messages["gpc_conflict_confirmed"]
    return own_section(
        view,
        messages["receipt"],
        path,
        *_answers(view, shown, True),
        *_answers(view, shown, False),
        el("p", said) if said else None,
        _list(facts),
        el("p.cw-small", messages["from_then_on"]),
        el("details", el("summary", messages["technical"]), _list(technical)),
        el("h3", messages["shows"]),
        el("p", messages["shows_body"]),
        el("p", messages["shows_proof" if shown.proved else "shows_no_proof"]),
        _files(view, shown, path),
        el("p.cw-within", el("a", messages["choices"], href=view.url("choices"))) if shown.forms else None,
        kind="cw-mine.cw-receipt",
    )


def _files(view: View, shown: Receipt, path: str) -> Node | None:
    """The forms in which the receipt can be kept. The script of another site's page offers the first alone."""
    messages, address = view.messages, view.path(path)
    json = el("a", messages["as_json"], href=f"{address}?format=json", download=True)
    if not shown.forms:
        return None
    if not view.prefix:
        return el("p", json)
    files = [(json, messages["json_for"])]
    for form, (name, use) in IN_WORDS.items():
        if form in shown.forms:
            files.append((el("a", messages[name], href=f"{address}.{form}", download=True), messages[use]))
    return el(
        "div.cw-mine.cw-within",
        el("h3", messages["files"]),
        el("ul", *(el("li", el("div", link, el("p.cw-small", use))) for link, use in files)),
        el("p", messages["proof_later"]) if shown.proved and "tlog-proof" not in shown.forms else None,
        el("p", el("a", messages["check_proof"], href=view.url("log/verify"))) if shown.proved else None,
        el("p.cw-small", messages["print_it"]),
    )


def _fingerprint(view: View, entry: HistoryEntry) -> Node:
    code = _code(entry.choice.notice)
    return el("a", code, href=notice_path(view, entry, entry.choice.notice)) if entry.address else code


def no_receipt(view: View) -> Node:
    """The page without a receipt. It is the same whether there is none or it is another visitor's."""
    return _page_without(view, view.messages["no_receipt"], view.messages["no_receipt_body"])


def gone(view: View) -> Node:
    """The page of a receipt whose record is gone."""
    return _page_without(view, view.messages["gone"], view.messages["gone_body"])


def _page_without(view: View, title: str, body: str) -> Node:
    to_choices = el("a", view.messages["choices"], href=view.url("choices"))
    return own_section(view, title, "choices", el("p", body), el("p", to_choices))


def _code(text: str) -> Node:
    return el("span.cw-code", text)


def _list(rows: list[Row]) -> Node:
    return el("dl.cw-pairs", *(el("div", el("dt", name), el("dd", value)) for name, value in rows if value))


def _answers(view: View, shown: Receipt, granted: bool) -> tuple[Node, ...]:
    entry = shown.entry
    options = entry.notice.options if entry.notice else {}
    locale = view.locale if entry.notice and view.locale in entry.notice.locales else entry.choice.locale
    answers = dict(entry.choice.purposes) | {
        key: events[0].stage in ("given", "renewed") for key, events in shown.events.items()
    }
    keys = [key for key, yes in answers.items() if yes == granted]
    if not keys:
        return ()

    def name(key: str) -> str:
        label = option_name(options[key], locale) if key in options else key
        notes = [_note(view, entry, number, each) for number, each in enumerate(shown.events.get(key, ()))]
        return view.with_brackets(label, view.listed(list(filter(None, notes)))) if any(notes) else label

    items = (el("li", name(key)) for key in keys)
    return el("h3", view.messages["granted" if granted else "denied"]), el("ul.cw-plain", *items)


def _note(view: View, entry: HistoryEntry, number: int, event: Event) -> str:
    """What an event adds to the heading that the option stands under."""
    if number == 0:
        return {"renewed": view.messages["renewed"], "withdrawn": view.messages["withdrawn_by_this"]}.get(
            event.stage, ""
        )
    key = "used_later" if event.time in entry.used else f"{event.stage}_later"
    return view.messages[key].format(date=written_date(iso_date(day_of(event.time)), view.locale))
