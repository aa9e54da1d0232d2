"""The page about the log of all records: what it is, and what anybody needs to verify it."""

from __future__ import annotations

from collections.abc import Sequence

from .node import Node, el
from .view import View, head


def log_page(view: View, origin: str, size: int, keys: Sequence[str]) -> Node:
    """The whole page. `size` is that of the last checkpoint, `keys` are the public keys of the log."""
    messages = view.messages
    facts = (
        (messages["log_name"], (origin,)),
        (messages["log_size"], (f"{size:,}",)),
        (messages["log_key"], keys),  # a line as long as the column
    )
    return el(
        "section.cw-mine",
        head(view, messages["log"], "log/"),
        el("p", messages["log_body"]),
        el("p", messages["log_nobody"]),
        el("dl.cw-pairs", *(_fact(name, values) for name, values in facts if values)),
        el(
            "ul",
            el("li", el("a", messages["check_proof"], href=view.path("log/verify"))),
            el("li", el("a", messages["log_checkpoint"], href=view.path("log/checkpoint"))),
            el("li", el("a", messages["log_policy"], href=view.path("log/policy"))),
        ),
    )


def _fact(name: str, values: Sequence[str]) -> Node:
    return el(
        "div.cw-whole" if len(values[0]) > 40 else "div", el("dt", name), *(el("dd.cw-code", value) for value in values)
    )
