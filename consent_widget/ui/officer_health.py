"""The officer's page of health: does everything work that keeps, proves and passes on the records?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from .node import Node, el
from .view import View, head

#: `off`: not set up, which is no fault.
State = Literal["good", "bad", "off"]
#: The sign beside the word, so that colour is not all that tells.
SIGNS: dict[State, str] = {"good": "✓", "bad": "!", "off": "–"}


class Part(NamedTuple):
    """One part: what it is called, how it is, its facts, and what to do where it is not set up or does not work."""

    title: str
    state: State
    facts: Sequence[tuple[str, Node]] = ()
    remedy: str = ""
    #: The line to set, as code.
    line: str = ""


def officer_health(view: View, parts: Sequence[Part]) -> Node:
    """The whole page."""
    title = view.messages["officer_health"]
    return el(
        "section.cw-officer",
        head(view, title, "officer/health"),
        el("div.cw-parts", *(_part(view, each) for each in parts)),
    )


def _part(view: View, part: Part) -> Node:
    sign = el("b", SIGNS[part.state], aria_hidden="true")
    state = el(f"span.cw-state.cw-{part.state}", sign, view.messages[f"officer_is_{part.state}"])
    facts = (el("div", el("dt", name), el("dd", value)) for name, value in part.facts)
    return el(
        "section.cw-part-of",
        el("div.cw-part-head", el("h3", part.title), state),
        el("dl.cw-pairs", *facts) if part.facts else None,
        el("p", part.remedy) if part.remedy else None,
        el("pre.cw-code", part.line) if part.line else None,
    )
