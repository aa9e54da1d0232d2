"""One measurement, and a table of measurements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """`value` is a count or a ratio; `most` is its target."""

    what: str
    value: float
    most: float | None = None

    def cells(self) -> tuple[str, str, str, str]:
        """The row as the cells of a table."""
        if self.most is None:
            return self.what, _number(self.value), "", ""
        return self.what, _number(self.value), f"≤ {_number(self.most)}", "yes" if self.value <= self.most else "**no**"


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    head = ("Measured", "Value", "Target", "Met"), ("---", "---:", "---:", "---")
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (*head, *(row.cells() for row in rows)))


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
