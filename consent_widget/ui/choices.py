"""The page of a visitor's choices: what is in effect now, every act with its receipt, and how to erase it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ..choice.act import Choice
from ..days import iso_date
from ..notice.model import Notice
from ..notice.options import Option
from .i18n import language_name
from .node import Node, el
from .view import View, answer, head


class Stand(NamedTuple):
    """What is in effect for one option, through the day `until`. `by_signal`: refused by the browser's signal (GPC)."""

    option: Option
    granted: bool
    until: int
    by_signal: bool = False


class Act(NamedTuple):
    """One recorded choice, with what the page says about it."""

    choice: Choice
    #: The notice that the choice answered, if its text is still known.
    notice: Notice | None
    #: When its grants were used up, in milliseconds since 1970.
    used: Sequence[int] = ()
    #: Can that notice be read at an address of its own?
    public: bool = False


def choices(view: View, stands: Iterable[Stand], acts: Sequence[Act], hidden: Callable[[], Node]) -> Node:
    """The whole page. `hidden` makes the hidden fields of a form, of which each form gets its own."""
    messages, stands = view.messages, list(stands)
    granted = [stand for stand in stands if stand.granted]
    refused = [stand for stand in stands if not stand.granted]
    if not stands and not acts:
        return _nothing(view)
    return el(
        "section.cw-mine",
        head(view, messages["choices"], "choices"),
        el("h3", messages["agreed_to"]),
        el("ul", *(_granted(view, stand, hidden()) for stand in granted)) if granted else None,
        _form(view, hidden(), answer("withdraw_all", messages["withdraw_all"])) if granted else None,
        None if granted else el("p", messages["agreed_to_nothing"]),
        *((el("h3", messages["refused"]), el("ul", *(_refused(view, stand) for stand in refused))) if refused else ()),
        *((el("h3", messages["history"]), el("ol", *(_act(view, act) for act in acts))) if acts else ()),
        el("p", el("a", messages["preferences"], href=view.url("preferences"))),
        *(
            (
                el("p", el("a", messages["download"], href=f"{view.url('choices')}&format=json", download=True)),
                el("p", el("a", messages["erase"], href=view.url("choices/erase"))),
            )
            if acts
            else ()
        ),
    )


def erasing(view: View, hidden: Node, *, child: bool = False) -> Node:
    """The question before everything is erased. For a `child` it says that the browser still remembers the age."""
    messages = view.messages
    body = messages["erase_child_body"].format(age=view.child_below) if child else messages["erase_body"]
    return el(
        "section.cw-mine",
        head(view, messages["erase_title"], "choices/erase"),
        el("p", body),
        el(
            "form",
            hidden,
            el("button", messages["erase_yes"]),
            **view.form_to("choices/erase"),
        ),
        el("p", el("a", messages["erase_no"], href=view.url("choices"))),
    )


def option_name(option: Option, locale: str) -> str:
    """An option in words: its purpose, and its recipient if it has one."""
    label = option.purpose.label[locale]
    return f"{label} · {option.recipient.name[locale]}" if option.recipient else label


def act_in_words(view: View, act: Act) -> str:
    """An act in plain words."""
    options = act.notice.options if act.notice else {}
    locale = view.locale if act.notice and view.locale in act.notice.locales else act.choice.locale
    names = [option_name(options[key], locale) if key in options else key for key in act.choice.purposes]
    return view.messages[f"did_{act.choice.action}"].format(what=view.listed(names))


def moment(view: View, ms: int) -> str:
    """A time in milliseconds since 1970, to the minute. In UTC: without a script the visitor's time zone is unknown."""
    return view.messages["at_utc"].format(time=f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}")


def version(view: View, act: Act) -> Node | None:
    """Which version of the notice an act answered, linked to its text if that is public."""
    if act.notice is None:
        return None
    name = view.messages["notice_version"].format(version=act.notice.version)
    locale = view.locale if view.locale in act.notice.locales else act.choice.locale
    if not act.public:
        return name
    return el("a", name, href=view.path(f"notice/{act.notice.version}.{locale}"))


def _nothing(view: View) -> Node:
    messages = view.messages
    return el(
        "section.cw-mine",
        head(view, messages["choices"], "choices"),
        el("p", messages["choices_none"]),
        el("p", el("a", messages["preferences"], href=view.url("preferences"))),
    )


def _granted(view: View, stand: Stand, hidden: Node) -> Node:
    label = option_name(stand.option, view.locale)
    button = answer(
        "refuse", view.messages["withdraw"], quiet=True, aria_label=view.messages["withdraw_one"].format(what=label)
    )
    return el(
        "li",
        el("div", el("b", label), el("p.cw-small", _until(view, stand))),
        _form(view, hidden, el("input", type="hidden", name="grant", value=stand.option.key), button),
    )


def _refused(view: View, stand: Stand) -> Node:
    reason = view.messages["gpc_off"] if stand.by_signal else _until(view, stand)
    return el("li", el("div", el("b", option_name(stand.option, view.locale)), el("p.cw-small", reason)))


def _act(view: View, act: Act) -> Node:
    messages, when = view.messages, moment(view, act.choice.time)
    details: list[Node] = [messages["in_language"].format(language=language_name(act.choice.locale, view.locale))]
    if notice_version := version(view, act):
        details.append(notice_version)
    if act.choice.action in ("save", "accept_all"):
        answers = act.choice.purposes.values()
        details.append(messages["some_on"].format(on=sum(answers), all=len(answers)))
    if act.choice.actor == "guardian":
        details.append(messages["by_guardian"])
    details += [messages["used_on"].format(when=moment(view, ms)) for ms in act.used]
    separated = [part for detail in details for part in (" · ", detail)][1:]
    what = act_in_words(view, act)
    return el(
        "li",
        el("div", el("b", what), el("p.cw-small", when), el("p.cw-small", *separated)),
        el(
            "a",
            messages["receipt"],
            href=view.url(f"records/{act.choice.id}"),
            aria_label=messages["receipt_of"].format(what=what, when=when),
        ),
    )


def _until(view: View, stand: Stand) -> str:
    return view.messages["until"].format(date=iso_date(stand.until))


def _form(view: View, *parts: Node) -> Node:
    return el("form", *parts, **view.form)
