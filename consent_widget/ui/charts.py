"""Charts as SVG that the server draws: lines over time, and bars for proportions. What an axis says is text beside the
drawing, so it has the same size on every screen; a table beside each chart says everything in numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..choice.figures import Line
from .node import Node, el

#: The drawing's own units; the page stretches it to any size.
WIDTH, HEIGHT = 1000, 300
#: Horizontal lines above zero.
GRID = 4
STEPS = (1, 2, 2.5, 5, 10)


def nice_top(most: float) -> int:
    """The top of an axis from zero, where each of its GRID lines is at a round number."""
    if most <= GRID:
        return GRID
    power = 1
    while True:
        for step in STEPS:
            if (each := step * power) == int(each) and each * GRID >= most:
                return int(each) * GRID
        power *= 10


def line_chart(lines: Sequence[Line], top: int, description: str) -> Node:
    """The lines without their axes. A value that is not known leaves a gap; one alone between two gaps is a point."""
    grid = (el("path", d=f"M0 {HEIGHT * row // GRID}H{WIDTH}") for row in range(GRID + 1))
    return el(
        "svg.cw-lines",
        el("g.cw-grid", *grid),
        *(el(f"path.cw-s{number}", d=_path(line.values, top)) for number, line in enumerate(lines, 1)),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=description,
    )


def _path(values: Sequence[int | None], top: int) -> str:
    return " ".join(_strokes(values, top))


def _strokes(values: Sequence[int | None], top: int) -> Iterator[str]:
    is_on = False
    for at, value in enumerate(values):
        if value is not None:
            x = WIDTH * at / (len(values) - 1) if len(values) > 1 else WIDTH / 2
            y = HEIGHT * (1 - value / top)
            yield f"{'L' if is_on else 'M'}{x:.1f} {y:.1f}"
            if not is_on and (at + 1 == len(values) or values[at + 1] is None):
                yield "h.1"  # with round ends, a point
        is_on = value is not None


def swatch(number: int) -> Node:
    """A piece of a line, for the legend."""
    return el("svg.cw-swatch", el(f"path.cw-s{number}", d="M2 6H26"), viewBox="0 0 28 12", aria_hidden="true")


def bar(percent: int | None) -> Node:
    """A proportion. The number stands beside it."""
    width = "0" if percent is None else str(percent)
    return el(
        "svg.cw-bar",
        el("rect.cw-whole", width="100", height="10"),
        el("rect.cw-part", width=width, height="10"),
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
