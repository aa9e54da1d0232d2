"""The officer's page of records: find one visitor's, prove, export and erase them. Nobody is named before that."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..choice.act import Choice
from ..days import iso_date
from .choices import CurrentDecision, HistoryEntry, entry_in_words, local_moment, option_name, version
from .dates import written_date
from .i18n import language_name, region_name
from .node import Node, el
from .recorded import how_shown, what_was_seen
from .view import View, head

#: Why records are erased: only this is noted, in the log.
WHY = ("request", "account", "duty", "test")
#: What each form of a receipt is called on its button.
FORMS = {"json": "JSON", "jsonld": "ISO/IEC TS 27560", "kantara.json": "Kantara", "tlog-proof": "C2SP"}


def officer_records(view: View, *found: Node | None, said: str = "", can_export: bool = False) -> Node:
    """The page: the search, what it found, and the export of all. `said` is what came of it."""
    messages = view.messages
    return el(
        "section.cw-officer",
        head(view, messages["officer_records"], "officer/records"),
        el(
            "section",
            el("h3", messages["officer_find"]),
            el(
                "form.cw-find",
                el("label", el("span", messages["officer_what"]), el("input", name="what", required=True,
                    autocomplete="off", autocapitalize="none", spellcheck="false", maxlength="4000",
                    aria_describedby="cw-what-help")),
                el("button", messages["officer_find_button"]),
                **view.form_to("officer/records"),
            ),
            el("p.cw-small", messages["officer_what_help"], id="cw-what-help"),
            el("p.cw-only", said, role="status") if said else None,
        ),
        *found,
        _export(view) if can_export else None,
    )  # fmt: skip


def one_visitor(
    view: View, entries: Sequence[HistoryEntry], stands: Sequence[CurrentDecision], forms: Collection[str],
    can_export: bool,
) -> Node:  # fmt: skip
    """All records of one visitor, whom the officer has looked for; the latest first."""
    messages, subject = view.messages, entries[0].choice.subject
    hidden = el("input", type="hidden", name="subject", value=subject)
    facts = (
        (messages["officer_subject"], el("span.cw-code", subject)),
        (messages["officer_records_number"], str(len(entries))),
    )
    export = el("form", hidden, el("input", type="hidden", name="form", value="jsonl"),
        el("button.cw-quiet", messages["officer_export_one"]), **view.form_to("officer/export"))  # fmt: skip
    erase = el("form", hidden, el("button.cw-quiet", messages["officer_erase"]), **view.form_to("officer/erase"))
    return el(
        "section.cw-visitor",
        el("h3", messages["officer_visitor"], id="cw-found"),
        el("dl.cw-pairs", *(el("div", el("dt", name), el("dd", value)) for name, value in facts)),
        el("h4", messages["officer_stands"]),
        el("ul.cw-stands", *(_stands(view, each) for each in stands))
        if stands
        else el("p", messages["officer_stands_none"]),
        el("h4", messages["officer_history"]),
        el("ol.cw-acts", *(el("li", _act(view, entry, forms)) for entry in entries)),
        el("div.cw-row-of", export if can_export else None, erase),
    )


def _stands(view: View, decision: CurrentDecision) -> Node:
    messages = view.messages
    said = messages["officer_agreed" if decision.granted else "officer_denied"]
    until = messages["officer_until_day"].format(date=written_date(iso_date(decision.until), view.locale))
    name = el("span", option_name(decision.option, view.locale))
    return el("li", name, el("span", el("b", said), " ", el("span.cw-small", until)))


def _act(view: View, entry: HistoryEntry, forms: Collection[str]) -> Node:
    messages, choice = view.messages, entry.choice
    what = el("b", entry_in_words(view, entry))
    facts = (
        (messages["receipt_number"], el("span.cw-code", choice.id)),
        (messages["notice"], version(view, entry)),
        (messages["language"], language_name(choice.locale, view.locale)),
        (messages["officer_surface"], how_shown(view, choice)),
        (messages["officer_region"], choice.region and region_name(choice.region, view.locale)),
        (messages["also_seen"], what_was_seen(view, choice)),
        (messages["valid_until"], written_date(iso_date(choice.valid_until), view.locale)),
    )
    return el(
        "details",
        el("summary", el("span", what, el("span.cw-small", local_moment(view, choice.time)))),
        el(
            "div.cw-act",
            *(_answers(view, entry, granted) for granted in (True, False)),
            el("dl.cw-pairs", *(el("div", el("dt", name), el("dd", value)) for name, value in facts if value)),
            _downloads(view, choice, forms),
        ),
    )


def _answers(view: View, entry: HistoryEntry, granted: bool) -> Node | None:
    options = entry.notice.options if entry.notice else {}
    locale = view.locale if entry.notice and view.locale in entry.notice.locales else entry.choice.locale
    keys = [key for key, yes in entry.choice.purposes.items() if yes == granted]
    names = [option_name(options[key], locale) if key in options else key for key in keys]
    if not names:
        return None
    said = view.messages["officer_agreed" if granted else "officer_denied"]
    return el("p", el("b", f"{said}{view.colon}"), view.listed(names))


def _downloads(view: View, choice: Choice, forms: Collection[str]) -> Node:
    messages = view.messages
    hidden = (("id", choice.id), ("subject", choice.subject))
    return el(
        "form.cw-row-of",
        *(el("input", type="hidden", name=name, value=value) for name, value in hidden),
        el("span.cw-small", f"{messages['officer_download']}{view.colon}"),
        *(
            el("button.cw-quiet", name if name != "C2SP" else messages["officer_form_proof"], name="form", value=form)
            for form, name in FORMS.items()
            if form in forms
        ),
        **view.form_to("officer/receipt"),
    )


def _export(view: View) -> Node:
    messages = view.messages
    forms = (el("option", text, value=form) for form, text in (("csv", "CSV"), ("jsonl", "JSON Lines")))
    return el(
        "section",
        el("h3", messages["officer_export"]),
        el(
            "form.cw-find",
            el("label", el("span", messages["officer_from"]), el("input", type="date", name="from")),
            el("label", el("span", messages["officer_until"]), el("input", type="date", name="to")),
            el("label", el("span", messages["officer_format"]), el("select", *forms, name="form")),
            el("button.cw-quiet", messages["officer_export_button"]),
            **view.form_to("officer/export"),
        ),
        el("p.cw-small", messages["officer_export_help"]),
    )


def erasing(view: View, subject: str, number: int) -> Node:
    """The question before all records of a visitor are erased."""
    messages = view.messages
    reasons = (
        el(
            "label.cw-choice",
            el("input", type="radio", name="why", value=why, required=True),
            el("span", messages[f"officer_why_{why}"]),
        )
        for why in WHY
    )
    return el(
        "section.cw-officer",
        head(view, messages["officer_erase_title"], "officer/records"),
        el("p", messages["officer_erase_body"].format(number=number)),
        el(
            "form.cw-erase",
            el("input", type="hidden", name="subject", value=subject),
            el("fieldset", el("legend", messages["officer_why"]), *reasons),
            el(
                "div.cw-row-of",
                el("button", messages["officer_erase_yes"], name="sure", value="yes"),
                el("a.cw-button", messages["officer_erase_no"], href=view.url("officer/records")),
            ),
            **view.form_to("officer/erase"),
        ),
    )
