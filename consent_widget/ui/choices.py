"""The page of a visitor's choices: what is in effect now, every choice with its receipt, and how to erase it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from ..choice.act import Choice
from ..choice.earlier import source_of
from ..choice.iab import FRAMEWORKS
from ..days import iso_date
from ..notice.model import Notice
from ..notice.options import Option
from .account import scope_note
from .contact import linked
from .dates import written_date, written_time
from .i18n import language_name
from .node import Node, el, filled
from .rights import complaint_link
from .view import View, action_button, close_button, head, preferences_link

#: What an account says about the visitor's age is no act of theirs.
BY_ACCOUNT = {"age_child": "account_child", "age_teen": "account_teen", "age_adult": "account_adult"}


class CurrentDecision(NamedTuple):
    """What is in effect for one option, through the day `until`. `by_signal`: refused by the browser's signal (GPC)."""

    option: Option
    granted: bool
    until: int
    by_signal: bool = False


class HistoryEntry(NamedTuple):
    """One recorded choice, with what the page says about it."""

    choice: Choice
    #: The notice that the choice answered, if its text is still known.
    notice: Notice | None
    #: When its grants were used up, in milliseconds since 1970.
    used: Sequence[int] = ()
    #: What that notice is called in its address: its version, or its digest. Empty where it cannot be read.
    address: str = ""
    #: What the receipt is called in its address (choice/receipt_mark.py).
    name: str = ""

    @property
    def path(self) -> str:
        """The path of the receipt, below our prefix."""
        return f"records/{self.name or self.choice.id}"


def own_section(view: View, title: str, path: str, *parts: object, kind: str = "cw-mine") -> Node:
    """One surface about the visitor's own records, on a page of ours; or in a dialog, which scrolls below its head."""
    if view.prefix:
        return el(f"section.{kind}", head(view, title, path), *parts)
    return el("section", head(view, title, path, close_button(view)), el(f"div.cw-body.{kind}", *parts))


def choices(
    view: View, decisions: Iterable[CurrentDecision], history: Sequence[HistoryEntry],
    hidden: Callable[[], Node | None], *, child: bool = False, account: bool = False,
) -> Node:  # fmt: skip
    """What the visitor has decided. `hidden` makes the hidden fields of a form, of which each form gets its own. For a
    `child` all that stands was decided by their guardian; an `account`'s choices hold on all its devices.
    """
    messages, decisions = view.messages, list(decisions)
    granted = [d for d in decisions if d.granted]
    refused = [d for d in decisions if not d.granted]
    if not decisions and not history:
        return no_choices(view, messages["choices_none"])

    def form(*parts: Node) -> Node:
        return el("form", hidden(), *parts, **view.form)

    return own_section(
        view,
        messages["choices"],
        "choices",
        scope_note(view) if account else None,
        el("h3", messages["agreed_for_child" if child else "agreed_to"]),
        el("ul", *(withdraw_row(view, d.option, form, el("p.cw-small", _until(view, d))) for d in granted))
        if granted
        else None,
        form(action_button("withdraw_all", messages["withdraw_all"])) if granted else None,
        None if granted else el("p", messages["agreed_to_nothing"]),
        *(
            (
                el("h3", messages["refused_for_child" if child else "refused"]),
                el("ul", *(_refused(view, d) for d in refused)),
            )
            if refused
            else ()
        ),
        *((el("h3", messages["history"]), el("ol", *(_entry(view, entry) for entry in history))) if history else ()),
        el("p.cw-small", messages["receipts_hint"]) if history and view.prefix else None,
        preferences_link(view),
        *(
            (
                el("p", el("a", messages["download"], href=f"{view.url('choices')}&format=json", download=True)),
                el("p", el("a", messages["erase"], href=view.url("choices/erase"))),
            )
            if history
            else ()
        ),
        complained(view),
    )


def complained(view: View) -> Node | None:
    """A paragraph with the link to where a visitor can complain, where the law asks for one."""
    link = complaint_link(view)
    return el("p", link) if link else None


def no_choices(view: View, *text: Node) -> Node:
    """In place of the visitor's choices, where there are none or they cannot be shown: `text` says why."""
    return own_section(
        view, view.messages["choices"], "choices", el("p", *text), preferences_link(view), complained(view)
    )


def chosen_elsewhere(view: View, origins: Iterable[str]) -> Node:
    """In place of the choices, on a host where the pages of other sites (`origins`) have the widget, too."""
    links = [el("a", urlsplit(origin).netloc, href=f"{origin}/") for origin in origins]
    separated = [part for link in links for part in (view.messages["list_separator"], link)][1:]
    return no_choices(view, *filled(view.messages["choices_elsewhere"], sites=el("span", *separated)))


def unverified(view: View) -> Node:
    """In place of the choices, where the browser keeps some that cannot be verified."""
    email = el("span", *linked(view.notice.controller.email[view.locale]))
    return no_choices(view, *filled(view.messages["choices_unverified"], email=email))


def erasing(view: View, hidden: Node | None, *, child: bool = False) -> Node:
    """The question before everything is erased. For a `child` it says that the browser still remembers the age."""
    messages = view.messages
    body = messages["erase_child_body"].format(age=view.child_below) if child else messages["erase_body"]
    return own_section(
        view,
        messages["erase_title"],
        "choices/erase",
        el("p", body),
        el(
            "form",
            hidden,
            el(
                "div.cw-actions",
                el("button", messages["erase_yes"], value="erase"),
                el("a.cw-button", messages["erase_no"], href=view.url("choices")),
            ),
            **(view.form_to("choices/erase") if view.prefix else view.form),
        ),
        None if view.prefix else el("p", messages["erase_framed"], role="alert", hidden=True),
    )


def withdraw_row(view: View, option: Option, form: Callable[..., Node], *details: Node) -> Node:
    """A granted option with the button that withdraws it. `form` makes the form around the button."""
    label = option_name(option, view.locale)
    which = el("input", type="hidden", name="grant", value=option.key)
    name = view.messages["withdraw_one"].format(what=label)
    button = action_button("refuse", view.messages["withdraw"], quiet=True, aria_label=name)
    return el("li", el("div", el("b", label), *details), form(which, button))


def option_name(option: Option, locale: str) -> str:
    """An option in words: its purpose, and its recipient or its service if it has one."""
    label, party = option.purpose.label[locale], option.recipient or option.service
    return f"{label} · {party.name[locale]}" if party else label


def entry_in_words(view: View, entry: HistoryEntry) -> str:
    """What the visitor did, in plain words."""
    options = entry.notice.options if entry.notice else {}
    locale = view.locale if entry.notice and view.locale in entry.notice.locales else entry.choice.locale
    names = [option_name(options[key], locale) if key in options else key for key in entry.choice.purposes]
    if entry.choice.surface == "account" and entry.choice.action in BY_ACCOUNT:
        return view.messages[BY_ACCOUNT[entry.choice.action]]
    if entry.choice.surface == "carried":
        tool, day = source_of(entry.choice.signals)
        date = written_date(day, view.locale) if day else ""
        return view.messages["did_carry_over_on" if day else "did_carry_over"].format(tool=tool, date=date)
    if entry.choice.surface == "taken_over":
        return view.messages["did_take_over"]
    if entry.choice.surface == "signal":
        return view.messages["did_opt_out_signal"]
    return view.messages[f"did_{entry.choice.action}"].format(what=view.listed(names))


def moment(view: View, ms: int) -> str:
    """A time in milliseconds since 1970, to the minute. In UTC: without a script the visitor's time zone is unknown."""
    return view.messages["at_utc"].format(time=written_time(ms, view.locale))


def local_moment(view: View, ms: int, id: str | None = None) -> Node:
    """The same as an element, whose text a script replaces by the time where the visitor is."""
    iso = f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
    if view.prefix:
        return el("time", moment(view, ms), datetime=iso, id=id)
    return el("span", moment(view, ms), data_time=iso, id=id)


def version(view: View, entry: HistoryEntry) -> Node | None:
    """Which version of the notice the choice answered, linked to its text."""
    if entry.notice is None:
        return None
    name = view.messages["notice_version"].format(version=entry.notice.version)
    return el("a", name, href=notice_path(view, entry, entry.address)) if entry.address else name


def notice_path(view: View, entry: HistoryEntry, address: str) -> str:
    """Where the notice that a choice answered can be read, in the reader's language if it has that."""
    locale = view.locale if entry.notice and view.locale in entry.notice.locales else entry.choice.locale
    return view.path(f"notice/{address}.{locale}")


def _refused(view: View, decision: CurrentDecision) -> Node:
    reason = view.messages["gpc_off"] if decision.by_signal else _until(view, decision)
    return el("li", el("div", el("b", option_name(decision.option, view.locale)), el("p.cw-small", reason)))


def _entry(view: View, entry: HistoryEntry) -> Node:
    messages, id = view.messages, f"cw-{entry.choice.id}"
    details: list[Node] = [messages["in_language"].format(language=language_name(entry.choice.locale, view.locale))]
    if notice_version := version(view, entry):
        details.append(notice_version)
    if entry.choice.action in ("save", "accept_all"):
        answers = entry.choice.purposes.values()
        details.append(messages["some_on"].format(on=sum(answers), all=len(answers)))
    if entry.choice.surface in FRAMEWORKS:
        details.append(messages["by_framework"].format(framework=entry.choice.surface.upper()))
    if entry.choice.actor == "guardian":
        details.append(messages["by_guardian"])
    details += [el("span", *filled(messages["used_on"], when=local_moment(view, ms))) for ms in entry.used]
    separated = [part for detail in details for part in (" · ", detail)][1:]
    return el(
        "li",
        el(
            "div",
            el("b", entry_in_words(view, entry), id=f"{id}-what"),
            el("p.cw-small", local_moment(view, entry.choice.time, f"{id}-when")),
            el("p.cw-small", *separated),
        ),
        el(
            "a",
            messages["receipt"],
            href=view.url(entry.path),
            id=id,
            aria_labelledby=f"{id} {id}-what {id}-when",
        ),
    )


def _until(view: View, decision: CurrentDecision) -> str:
    return view.messages["until"].format(date=written_date(iso_date(decision.until), view.locale))
