"""The switch of an option: in the preference centre, and on the guardian's page."""

from __future__ import annotations

from ..notice.options import Option
from .node import Node, el
from .view import Answers


def switch(option: Option, label: str, answers: Answers) -> Node:
    """The switch of an option, on if it is granted, and disabled if this visitor cannot move it."""
    off = answers.off(option.purpose)
    return el(
        "label.cw-label",
        el("b", label),
        el(
            "input",
            type="checkbox",
            role="switch",
            name="grant",
            value=option.key,
            checked=answers.on(option),
            disabled=off or answers.child,
        ),
    )
