"""The page for a parent or guardian who has no link of ours: whom to write to, what to say, and what is done then."""

from __future__ import annotations

from .contact import ways_to_write
from .node import Node, el
from .view import View, head


def parents(view: View) -> Node:
    """The whole page (PIPL 31, 47; COPPA 312.6): what a child gave without consent is deleted, and nothing more is sent
    to them. Nobody has to prove who they are by papers first.
    """
    messages = view.messages
    return el(
        "section.cw-mine",
        head(view, messages["parents"], "parents"),
        el("p", messages["parents_intro"]),
        el("h3", messages["parents_to"]),
        ways_to_write(view, messages["parents_subject"]),
        el("h3", messages["parents_say"]),
        el("ul.cw-plain", *(el("li", messages[name]) for name in ("parents_who", "parents_find", "parents_papers"))),
        el("h3", messages["parents_done"]),
        el("p", messages["parents_erase"]),
        el("p", messages["parents_here"] + view.space, el("a", messages["erase"], href=view.url("choices/erase"))),
        el("p", el("a", messages["whole_notice"], href=view.url("notice"))),
    )
