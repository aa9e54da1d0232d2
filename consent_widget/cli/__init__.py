"""For those who run a site: `flask consent …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .group import commands as commands


def __getattr__(name: str) -> object:
    """A site that serves needs no commands, nor what they import (PEP 562)."""
    if name == "commands":
        from .group import commands

        return commands
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
