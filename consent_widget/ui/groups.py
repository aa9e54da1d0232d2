"""The groups of the preference centre: cards that say what they hold, and unfold."""

from __future__ import annotations

from collections.abc import Iterable

from ..notice.model import Notice
from ..notice.parts import Group, Purpose
from .age import waits_for_guardian
from .i18n import country
from .node import Node, el
from .view import Answers, View


def folds(notice: Notice, group: Group) -> bool:
    """Is this group a card that unfolds? One purpose without recipients of its own needs none."""
    purposes = notice.in_group(group.id)
    return len(purposes) > 1 or any(notice.recipients_of(purpose.id) for purpose in purposes)


def badge(purpose: Purpose) -> str | None:
    """The message that stands in place of a switch, or of one that "Accept all" would move."""
    if purpose.control == "opt_in":
        return "separate" if purpose.consent == "separate" else None
    return "always_on" if purpose.control == "always_on" else "when_needed"


def common_badge(purposes: Iterable[Purpose]) -> str | None:
    """The badge of all these purposes, which their group says once for all; else None."""
    badges = {badge(purpose) for purpose in purposes}
    return badges.pop() if len(badges) == 1 else None


def group_card(view: View, group: Group, answers: Answers, rows: Iterable[Node]) -> Node:
    """A group's card. Closed, it names the purposes in it, and the recipients that are decided about by name."""
    purposes, label = view.notice.in_group(group.id), group.label[view.locale]
    contents = view.listed([_named(view, purpose) for purpose in purposes])
    common = common_badge(purposes)
    lines = "span.cw-small.cw-two" if common == "always_on" else "span.cw-small"  # of two lines at most
    but = waits_for_guardian(view, purposes, answers, view.messages["child_some"])
    standing = view.messages[common] if common else None
    said = [_count(view, purposes, answers), el("span", standing, but) if but else standing]
    state = [part for each in said if each and each != label for part in (each, " · ")]  # nothing is said twice
    return el(
        "div.cw-card",
        _check_all(view, purposes, label),  # reached before what unfolds
        el(
            "details",
            el("summary", el("h3", label), el(lines, *state[:-1], el("span.cw-within", *state[-1:], contents))),
            el("p", group.description[view.locale]),
            *rows,
        ),
        role="group",
        aria_label=label,
    )


def _named(view: View, purpose: Purpose) -> str:
    """A purpose, with the recipients that need consent by name and where they are (PIPL 23, 39)."""
    label, locale = purpose.label[view.locale], view.locale
    recipients = view.notice.recipients_of(purpose.id)
    named = [f"{each.name[locale]} · {country(each.country, locale)}" for each in recipients]
    return view.with_brackets(label, view.listed(named)) if named else label


def _count(view: View, purposes: tuple[Purpose, ...], answers: Answers) -> Node | None:
    """How many of a group's switches are on. `data-some` is the pattern with which the script updates it."""
    options = [option for option in view.notice.options.values() if option.in_bulk and option.purpose in purposes]
    if not options:
        return None
    pattern = view.messages["some_on"]
    return el("b", pattern.format(on=sum(map(answers.on, options)), all=len(options)), data_some=pattern)


def _check_all(view: View, purposes: tuple[Purpose, ...], label: str) -> Node | None:
    """One checkbox for a whole group, unless a purpose has recipients of its own: it can be half on, which a switch
    cannot. Hidden until the script shows it.
    """
    options = [option for purpose in purposes if (option := view.notice.options.get(purpose.id)) and option.in_bulk]
    if not options or any(view.notice.recipients_of(purpose.id) for purpose in purposes):
        return None
    name = view.messages["switch_group"].format(group=label)
    return el("label.cw-all", el("input", type="checkbox", aria_label=name), hidden=True)
