"""What a visitor has chosen: what stands now, and every act with its receipt. And the page that erases it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ..choice.act import Choice
from ..days import iso_date
from ..notice.model import Notice
from ..notice.options import Option
from .node import Node, el
from .view import View, answer, head


class Stand(NamedTuple):
    """How one option stands now, through the day `until`."""

    option: Option
    granted: bool
    until: int
    by_signal: bool = False


class Act(NamedTuple):
    """A choice, the notice that it answered where its text is known, when each of its grants was used up, and whether
    that notice can be read at its address.
    """

    choice: Choice
    notice: Notice | None
    used: Sequence[int] = ()
    public: bool = False


def choices(view: View, stands: Iterable[Stand], acts: Sequence[Act], hidden: Callable[[], Node]) -> Node:
    """`hidden` makes the fields that each form sends besides its button."""
    w, stands = view.messages, list(stands)
    granted = [stand for stand in stands if stand.granted]
    refused = [stand for stand in stands if not stand.granted]
    if not stands and not acts:
        return _nothing(view)
    return el(
        "section.cw-mine",
        head(view, w["choices"], "choices"),
        el("h3", w["agreed_to"]),
        el("ul", *(_granted(view, stand, hidden()) for stand in granted)) if granted else None,
        _form(view, hidden(), answer("withdraw_all", w["withdraw_all"])) if granted else None,
        None if granted else el("p", w["agreed_to_nothing"]),
        *((el("h3", w["refused"]), el("ul", *(_refused(view, stand) for stand in refused))) if refused else ()),
        *((el("h3", w["history"]), el("ol", *(_act(view, act) for act in acts))) if acts else ()),
        el("p", el("a", w["preferences"], href=view.url("preferences"))),
        *(
            (
                el("p", el("a", w["download"], href=f"{view.url('choices')}&format=json", download=True)),
                el("p", el("a", w["erase"], href=view.url("choices/erase"))),
            )
            if acts
            else ()
        ),
    )


def erasing(view: View, hidden: Node, *, child: bool = False) -> Node:
    """Asks once more before everything is erased. A `child` stays one."""
    w = view.messages
    body = w["erase_child_body"].format(age=view.child_below) if child else w["erase_body"]
    return el(
        "section.cw-mine",
        head(view, w["erase_title"], "choices/erase"),
        el("p", body),
        el(
            "form",
            hidden,
            el("button", w["erase_yes"]),
            **view.form_to("choices/erase"),
        ),
        el("p", el("a", w["erase_no"], href=view.url("choices"))),
    )


def named(option: Option, locale: str) -> str:
    """An option in words: its purpose, and the recipient where it has one."""
    label = option.purpose.label[locale]
    return f"{label} · {option.recipient.name[locale]}" if option.recipient else label


def done(view: View, act: Act) -> str:
    """An act in plain words."""
    options = act.notice.options if act.notice else {}
    locale = view.locale if act.notice and view.locale in act.notice.locales else act.choice.locale
    what = [named(options[key], locale) if key in options else key for key in act.choice.purposes]
    return view.messages[f"did_{act.choice.action}"].format(what=view.listed(what))


def moment(view: View, ms: int) -> str:
    """A time to the minute. Always UTC: a page without script does not know the visitor's own."""
    return view.messages["at_utc"].format(time=f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}")


def version(view: View, act: Act) -> Node | None:
    """Which version of the notice an act answered, linked to its text where that is public."""
    if act.notice is None:
        return None
    said = view.messages["notice_version"].format(version=act.notice.version)
    locale = view.locale if view.locale in act.notice.locales else act.choice.locale
    if not act.public:
        return said
    return el("a", said, href=view.path(f"notice/{act.notice.version}.{locale}"))


def language(view: View, locale: str) -> str:
    """A locale's name in the visitor's language."""
    return view.messages.get(locale.split("-")[0], locale)


def _nothing(view: View) -> Node:
    w = view.messages
    return el(
        "section.cw-mine",
        head(view, w["choices"], "choices"),
        el("p", w["choices_none"]),
        el("p", el("a", w["preferences"], href=view.url("preferences"))),
    )


def _granted(view: View, stand: Stand, hidden: Node) -> Node:
    label = named(stand.option, view.locale)
    button = answer(
        "refuse", view.messages["withdraw"], quiet=True, aria_label=view.messages["withdraw_one"].format(what=label)
    )
    return el(
        "li",
        el("div", el("b", label), el("p.cw-small", _until(view, stand))),
        _form(view, hidden, el("input", type="hidden", name="grant", value=stand.option.key), button),
    )


def _refused(view: View, stand: Stand) -> Node:
    said = view.messages["gpc_off"] if stand.by_signal else _until(view, stand)
    return el("li", el("div", el("b", named(stand.option, view.locale)), el("p.cw-small", said)))


def _act(view: View, act: Act) -> Node:
    w, when = view.messages, moment(view, act.choice.time)
    small: list[Node] = [w["in_language"].format(language=language(view, act.choice.locale))]
    if told := version(view, act):
        small.append(told)
    if act.choice.action in ("save", "accept_all"):
        answers = act.choice.purposes.values()
        small.append(w["some_on"].format(on=sum(answers), all=len(answers)))
    if act.choice.actor == "guardian":
        small.append(w["by_guardian"])
    small += [w["used_on"].format(when=moment(view, ms)) for ms in act.used]
    spaced = [part for each in small for part in (" · ", each)][1:]
    what = done(view, act)
    return el(
        "li",
        el("div", el("b", what), el("p.cw-small", when), el("p.cw-small", *spaced)),
        el(
            "a",
            w["receipt"],
            href=view.url(f"records/{act.choice.id}"),
            aria_label=w["receipt_of"].format(what=what, when=when),
        ),
    )


def _until(view: View, stand: Stand) -> str:
    return view.messages["until"].format(date=iso_date(stand.until))


def _form(view: View, *parts: Node) -> Node:
    return el("form", *parts, **view.form)
