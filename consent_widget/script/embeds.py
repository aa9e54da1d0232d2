"""The part of the script that shows placeholders for embedded content: only pages that hold some back load it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from sys import intern

from ..ui.view import View
from .body import Body, LateBody, compact

#: The texts of a placeholder. All others of the script are in its payload.
MESSAGES = ("blocked", "load_once", "load_always")


@dataclass(frozen=True)
class Embeds:
    """Placeholders in every locale of a notice."""

    #: An expression of the script.
    source: str

    @cached_property
    def body(self) -> Body:
        """The part by itself, as a module."""
        return LateBody(lambda: f"export default {self.source}", "text/javascript")

    @property
    def address(self) -> str:
        """Where a script finds the module, in the folder that it comes from itself."""
        return f"embeds.{self.body.hash}.mjs"


def make_embeds(built: Mapping[str, str], sheet: str, views: Iterable[View]) -> Embeds:
    """`built` holds the built scripts by file name."""
    words = {view.locale: [view.messages[name] for name in MESSAGES] for view in views}
    # most sites have the same, which interned is there once
    return Embeds(intern(f"({built['embeds.js'].strip().rstrip(';')})({compact(words)},{compact(sheet)})"))
