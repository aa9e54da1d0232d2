"""Draws the picture of `docs/architecture.md` and lists every module there, from the code:
`python -m docs.architecture`.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "consent_widget"
SCRIPTS = HERE.parent / "static/src"
PICTURE, PAGE = HERE / "architecture.svg", HERE / "architecture.md"

#: The rooms from the top down: each may import from those below it. A module in the package's own folder is a room by
#: itself, except for those of BASE, which everybody may use.
ROOMS = (
    "service", "extension", "testing", "cli", "scan", "web", "delivery", "subject", "site", "script", "settings", "ui",
    "store", "proof", "choice", "notice", "vendors", "base",
)  # fmt: skip
BASE = ("days", "errors", "outgoing", "plural", "reading", "regions", "resources", "signals", "text", "text_file")
#: The same for the script. Its modules outside a folder wire the others together.
SCRIPT_ROOMS = ("wiring", "linked", "bridges", "ui", "gates", "core", "embeds")
#: The questions of rooms that have no `__init__.py` to say them.
QUESTIONS = {
    "base": "What may every room use?",
    "wiring": "What runs when?",
    "ui": "What is shown?",
    "gates": "What is held back, and let in?",
    "core": "What has the visitor decided?",
    "bridges": "How do other programs of the page learn what visitors choose?",
    "embeds": "What stands in for embedded content that is held back?",
    "linked": "What do only some sites need?",
}


#: Rooms that say the same in both languages, and what they share.
TWINS = (("ui", "ui", "the same trees"), ("choice", "core", "the same rules"))
LEGEND = (
    "An arrow means: imports from.",
    "It points down and never up. Arrows that",
    "follow from others are not drawn.",
    "Dashed: the same in both languages.",
)


class Imports(NamedTuple):
    """What a module imports when it runs: modules of the package (`notice.model`), and packages from outside."""

    own: set[str]
    outside: set[str]


Graph = Mapping[str, set[str]]


@cache
def imports_of(path: Path) -> Imports:
    """The imports of a module of the package, without those for type checkers alone."""
    own, outside = set(), set()
    package = path.relative_to(PACKAGE).parent.parts
    tree = ast.parse(path.read_text("utf-8"))
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test):
            block.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            outside |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            outside.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *(node.module.split(".") if node.module else [])]
            for target in (base, *([*base, alias.name] for alias in node.names)):
                file = PACKAGE / "/".join(target)
                if file.with_suffix(".py").is_file():
                    own.add(".".join(target))
                elif target and node.module and (file / "__init__.py").is_file():
                    own.add(".".join((*target, "__init__")))
    return Imports(own, outside - set(sys.stdlib_module_names))


def script_imports_of(path: Path) -> set[str]:
    """The modules that a module of the script imports, by their paths in `static/src`."""
    sources = re.findall(r"^import .+? from \"(.+?)\";", path.read_text("utf-8"), re.MULTILINE)
    return {(path.parent / source).resolve().relative_to(SCRIPTS).as_posix() for source in sources}


def python_modules() -> dict[str, Imports]:
    """Every module by its name in the package, without the package's own `__init__`, which holds the public names."""
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py")
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): imports_of(path) for path in paths}


def script_modules() -> dict[str, set[str]]:
    """Every module of the script by its path in `static/src`."""
    return {path.relative_to(SCRIPTS).as_posix(): script_imports_of(path) for path in sorted(SCRIPTS.rglob("*.js"))}


def room_of(module: str) -> str:
    """The room of `web.http` is `web`; that of `errors` is `base`."""
    room = module.split(".")[0]
    return "base" if room in BASE else room


def script_room_of(path: str) -> str:
    """The room of `core/state.js` is `core`; that of `main.js` is `wiring`."""
    return path.split("/")[0] if "/" in path else "wiring"


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    line = " ".join((text or "").split())
    sentence = re.match(r".+?[.?!](?=\s|$)", line)
    return sentence[0] if sentence else line


@cache
def docstring(module: str) -> str | None:
    """The docstring of a module of the package."""
    return ast.get_docstring(ast.parse((PACKAGE / f"{module.replace('.', '/')}.py").read_text("utf-8")))


def opening_comment(path: str) -> str:
    """The comment that a module of the script opens with."""
    comment = re.search(r"/\*\*(.*?)\*/", (SCRIPTS / path).read_text("utf-8"), re.DOTALL)
    return re.sub(r"^\s*\*\s?", "", comment[1], flags=re.MULTILINE) if comment else ""


class Room(NamedTuple):
    """A box of the picture: a room, its question, its modules with a sentence on each, the rooms it imports from."""

    name: str
    question: str
    modules: dict[str, str]
    below: set[str]


def python_rooms() -> list[Room]:
    """The rooms of the package from the top down."""
    modules = python_modules()
    return [
        Room(
            name,
            QUESTIONS[name] if name == "base" else first_sentence(docstring(door(name))),
            {
                f"{each.replace('.', '/')}.py": first_sentence(docstring(each))
                for each in modules
                if room_of(each) == name and not each.endswith("__init__")
            },
            {room_of(target) for each in modules if room_of(each) == name for target in modules[each].own} - {name},
        )
        for name in ROOMS
    ]


def door(room: str) -> str:
    """The module whose docstring asks a room's question."""
    return f"{room}.__init__" if (PACKAGE / room).is_dir() else room


def script_rooms() -> list[Room]:
    """The rooms of the script from the top down."""
    modules = script_modules()
    return [
        Room(
            name,
            QUESTIONS[name],
            {each: first_sentence(opening_comment(each)) for each in modules if script_room_of(each) == name},
            {script_room_of(target) for each in modules if script_room_of(each) == name for target in modules[each]}
            - {name},
        )
        for name in SCRIPT_ROOMS
    ]


def reachable(graph: Graph, start: str) -> set[str]:
    """Everything that `start` imports, also by way of others."""
    return set().union(*({each} | reachable(graph, each) for each in graph[start]))


def necessary(graph: Graph) -> dict[str, set[str]]:
    """The arrows that the others do not already imply."""
    return {
        node: {each for each in below if not any(each in reachable(graph, other) for other in below - {each})}
        for node, below in graph.items()
    }


def rows(rooms: list[Room]) -> dict[str, int]:
    """How far down each room stands: one row below the lowest room that imports from it. A room that nobody uses
    stands one row above the first room that it imports from, or below all others if it imports nothing.
    """
    row = {room.name: 0 for room in rooms}
    for room in rooms:  # from the top down
        for below in room.below:
            row[below] = max(row[below], row[room.name] + 1)
    for room in rooms[1:]:
        if not any(room.name in other.below for other in rooms):
            row[room.name] = min((row[below] - 1 for below in room.below), default=max(row.values()) + 1)
    return row


# The picture. Lengths are in the units of its viewBox.

WIDTH, MARGIN, HEADING = 900, 28, 56
BOX, GAP, BETWEEN = 66, 26, 14
STYLE = """
svg{--paper:#fbfaf6;--card:#fff;--line:#cfcabd;--ink:#22302a;--muted:#66706a;--arrow:#2f6b4f;color-scheme:light dark}
@media (prefers-color-scheme:dark){
svg{--paper:#151b18;--card:#1e2622;--line:#3b4741;--ink:#e8ece9;--muted:#9fada5;--arrow:#7fc3a3}}
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--ink)}
.heading{font-size:13px;fill:var(--muted);letter-spacing:.06em}
.name{font-size:16px;font-weight:600}
.count{font-size:12px;fill:var(--muted);text-anchor:end}
.question{font-size:12.5px;fill:var(--muted)}
.box{fill:var(--card);stroke:var(--line)}
.arrow{fill:none;stroke:var(--arrow);stroke-width:1.6}
.head{fill:var(--arrow)}
.twin{fill:none;stroke:var(--muted);stroke-width:1.2;stroke-dasharray:3 4}
.small{font-size:11px;fill:var(--muted);text-anchor:middle}
"""


class Box(NamedTuple):
    """Where a room is drawn."""

    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        """The middle of its width."""
        return self.x + self.width / 2


def place(
    rooms: list[Room], left: float, width: float, first_row: int = 0, last: frozenset[str] = frozenset()
) -> dict[str, Box]:
    """Rooms of one row stand side by side, in their order, those of `last` at the end."""
    row = rows(rooms)
    boxes = {}
    for level in sorted(set(row.values())):
        side_by_side = [room.name for room in rooms if row[room.name] == level]
        side_by_side.sort(key=lambda name: name in last)
        each = (width - BETWEEN * (len(side_by_side) - 1)) / len(side_by_side)
        for index, name in enumerate(side_by_side):
            boxes[name] = Box(left + index * (each + BETWEEN), HEADING + (first_row + level) * (BOX + GAP), each)
    return boxes


def draw_box(room: Room, box: Box) -> str:
    """A room: its name, how many modules it has, and its question in at most two lines."""
    question = room.question.partition(":")[0].replace("`", "").rstrip(".")
    lines = textwrap.wrap(question, int((box.width - 28) / 6.7), max_lines=2, placeholder=" …")
    count = len(room.modules)
    parts = [
        f'<rect class="box" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{BOX}" rx="9"/>',
        f'<text class="name" x="{box.x + 14:g}" y="{box.y + 23:g}">{escape(room.name)}</text>',
        f'<text class="count" x="{box.x + box.width - 14:g}" y="{box.y + 23:g}">'
        f"{count} module{'' if count == 1 else 's'}</text>",
    ]
    for index, line in enumerate(lines):
        y = box.y + (45 if len(lines) == 1 else 41 + 15 * index)
        parts.append(f'<text class="question" x="{box.x + 14:g}" y="{y:g}">{escape(line)}</text>')
    return "\n".join(parts)


def draw_arrow(above: Box, below: Box) -> str:
    """From one room down to another: to the next row, or along the left side to a later one."""
    start, end = above.y + BOX, below.y
    if end - start > GAP:
        side, middle = above.x - 20, below.y + BOX / 2
        path = f"M{above.x:g} {above.y + BOX / 2:g}H{side:g}V{middle:g}H{below.x - 6:g}"
        return f'<path class="arrow" d="{path}"/><path class="head" d="M{below.x - 1:g} {middle:g}l-8 -5v10z"/>'
    left, right = max(above.x, below.x) + 30, min(above.x + above.width, below.x + below.width) - 30
    if left <= right:  # one above the other: straight down
        x = goal = min(max(above.middle, left), right)
    else:
        x = min(max(below.middle, above.x + 30), above.x + above.width - 30)
        goal = min(max(above.middle, below.x + 30), below.x + below.width - 30)
    path = f"M{x:g} {start:g}C{x:g} {start + GAP / 2:g} {goal:g} {start:g} {goal:g} {end - 6:g}"
    return f'<path class="arrow" d="{path}"/><path class="head" d="M{goal:g} {end - 1:g}l-5 -8h10z"/>'


def draw_column(title: str, rooms: list[Room], boxes: Mapping[str, Box]) -> str:
    """Rooms from the top down, with their arrows."""
    order = [room.name for room in rooms]
    arrows = necessary({room.name: room.below for room in rooms})
    top = boxes[order[0]]
    parts = [f'<text class="heading" x="{top.x:g}" y="{top.y - 20:g}">{escape(title)}</text>']
    parts += [
        draw_arrow(boxes[name], boxes[below]) for name in order for below in sorted(arrows[name], key=order.index)
    ]
    return "\n".join([*parts, *(draw_box(room, boxes[room.name]) for room in rooms)])


def draw_twins(left: Box, right: Box, shared: str) -> str:
    """A dashed line from a room to its twin in the other language, with what they share."""
    start, end, y = left.x + left.width, right.x, left.y + BOX / 2
    return (
        f'<path class="twin" d="M{start:g} {y:g}H{end:g}"/>'
        f'<text class="small" x="{(start + end) / 2:g}" y="{y - 7:g}">{escape(shared)}</text>'
    )


def picture() -> str:
    """The rooms of both languages as an SVG, which looks the same each time it is drawn from the same code."""
    python, script = python_rooms(), script_rooms()
    inner, gutter = WIDTH - 2 * MARGIN, 96
    width = (inner - gutter) * 0.56
    boxes = place(python, MARGIN, width, last=frozenset(left for left, _, _ in TWINS))  # beside their twins
    level = rows(python)["choice"] - rows(script)["core"]
    others = place(script, MARGIN + width + gutter, inner - width - gutter, level)
    height = max(box.y for box in (*boxes.values(), *others.values())) + BOX + MARGIN
    legend = "\n".join(
        f'<text class="question" x="{MARGIN + width + gutter:g}" y="{HEADING + 24 + 19 * index}">{escape(line)}</text>'
        for index, line in enumerate(LEGEND)
    )
    parts = [
        *(draw_twins(boxes[left], others[right], shared) for left, right, shared in TWINS),
        draw_column("PYTHON · consent_widget/", python, boxes),
        draw_column("JAVASCRIPT · static/src/", script, others),
        legend,
    ]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">
<title>The rooms of consent_widget: each imports only from those below it</title>
<style>{STYLE}</style>
<rect width="{WIDTH}" height="{height:g}" rx="14" style="fill:var(--paper)"/>
{chr(10).join(parts)}
</svg>
"""


def module_list() -> str:
    """Every room with its modules, as Markdown."""
    parts = []
    for folder, rooms in (("consent_widget/", python_rooms()), ("static/src/", script_rooms())):
        for room in rooms:
            title = f"### `{folder}{room.name}/`" if (HERE.parent / folder / room.name).is_dir() else f"### {room.name}"
            parts += [title, room.question]
            parts.append("\n".join(f"- `{name.rpartition('/')[2]}`: {each}" for name, each in room.modules.items()))
    return "\n\n".join(parts)


def page(text: str) -> str:
    """The text of the page with its list of modules made anew."""
    before, begin, rest = text.partition("<!-- made by docs/architecture.py -->\n")
    _, end, after = rest.partition("<!-- end -->")
    return f"{before}{begin}\n{module_list()}\n\n{end}{after}"


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
