"""The page about the log of all records: what it is, and what anybody needs to verify it."""

from __future__ import annotations

from collections.abc import Sequence

from .node import Node, el
from .view import View, head


def log_page(view: View, origin: str, size: int, keys: Sequence[str]) -> Node:
    """The whole page. `size` is that of the last checkpoint, 0 before the first; `keys` are the log's public keys."""
    messages = view.messages
    facts = (
        (messages["log_name"], (origin,)),
        (messages["log_size"], (f"{size:,}",) if size else ()),
        (messages["log_key"], keys),  # a line as long as the column
    )
    return el(
        "section.cw-mine",
        head(view, messages["log"], "log/"),
        el("p", messages["log_body"]),
        el("p", messages["log_nobody"]),
        None if size else el("p", el("b", messages["log_none"])),
        el("dl.cw-pairs", *(_fact(name, values) for name, values in facts if values)),
        el(
            "ul",
            el("li", el("a", messages["check_proof"], href=view.path("log/verify"))),
            el("li", el("a", messages["log_checkpoint"], href=view.path("log/checkpoint"))) if size else None,
            el("li", el("a", messages["log_policy"], href=view.path("log/policy"))),
        ),
    )


def _fact(name: str, values: Sequence[str]) -> Node:
    return el(
        "div.cw-whole" if len(values[0]) > 40 else "div", el("dt", name), *(el("dd.cw-code", value) for value in values)
    )
