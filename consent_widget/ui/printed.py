"""HTML that is printed once, with gaps that every request fills."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from .node import Node, html

#: Stands around the name of a gap: no text and no address contains this character.
EDGE = "\0"


def gap(name: str) -> str:
    """A place in a tree, as a text or as a part of an attribute's value, that is filled when a page is sent."""
    return f"{EDGE}{name}{EDGE}"


class Printed:
    """Trees as HTML, ready but for their gaps."""

    def __init__(self, *trees: Node) -> None:
        pieces = "".join(map(html, trees)).split(EDGE)
        self._pieces = pieces
        self._gaps = list(zip(range(1, len(pieces), 2), pieces[1::2], strict=True))

    def filled(self, values: Mapping[str, str]) -> Markup:
        """The HTML with each gap filled, every value escaped. There may be more values than gaps."""
        pieces = self._pieces.copy()
        for at, name in self._gaps:
            pieces[at] = escape(values[name])
        return Markup("".join(pieces))  # noqa: S704  all that is not ours was escaped
