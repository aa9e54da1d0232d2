"""What a record says besides the answers, in words: where it was chosen, how that looked, and what else was seen."""

from __future__ import annotations

from ..choice.act import Choice
from .node import Node, el
from .view import View


def how_shown(view: View, choice: Choice) -> str:
    """Where it was chosen, and the layout of the first layer. What has no words stands for itself."""
    keys = (f"surface_{choice.surface}", f"layout_{choice.layout}" if choice.layout else "")
    return view.listed([view.messages.get(key, key.partition("_")[2]) for key in keys if key])


def what_was_seen(view: View, choice: Choice) -> Node:
    """The signals of a choice, each in its line."""
    if not choice.signals:
        return ""
    told = (each.partition(":") for each in choice.signals)
    said = [
        view.messages.get(f"signal_{name}", f"{name}{mark}{rest}").replace("{rest}", rest) for name, mark, rest in told
    ]
    return el("span", said[0], *(part for each in said[1:] for part in (el("br"), each)))
