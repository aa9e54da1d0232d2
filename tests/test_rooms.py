"""A room imports only from rooms below it, in Python and in JavaScript; the lower rooms know no framework."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import consent_widget

PACKAGE = Path(consent_widget.__file__).parent
SCRIPTS = PACKAGE.parent / "static/src"
#: From the top down. Modules of the package's own folder count as a room each, but for those that everybody may use.
ROOMS = (
    "service", "extension", "testing", "cli", "web", "subject", "site", "script", "settings", "ui", "store", "choice", "notice",
    "base",
)  # fmt: skip
BASE = {"days", "errors", "regions", "resources", "signals", "text"}
SCRIPT_ROOMS = ("wiring", "ui", "gates", "core", "linked")
#: Packages from outside that a room may use. What is not listed uses none.
OUTSIDE = {
    "service": {"click", "flask", "granian", "werkzeug"},
    "extension": {"flask", "markupsafe"},
    "cli": {"click", "flask"},
    "web": {"flask", "markupsafe", "werkzeug"},
    "subject": {"flask"},
    "site": {"flask", "flask_babel"},
    "script": {"brotli", "minify", "webassets"},
    "ui": {"babel", "flask", "flask_babel", "markupsafe", "werkzeug"},
    "store": {"sqlalchemy"},
    "choice": {"itsdangerous"},
    "base": {"blinker"},
}


def read(path: Path) -> tuple[set[str], set[str]]:
    """What a module imports when it runs: modules of the package (`notice.model`), and packages from outside."""
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
            above = package[: len(package) - node.level + 1]
            named = [node.module.split(".")] if node.module else []
            for target in (
                [*above, *each, *more] for each in named or [[]] for more in ([], *([a.name] for a in node.names))
            ):
                module = PACKAGE / "/".join(target)
                if module.with_suffix(".py").is_file():
                    own.add(".".join(target))
                elif target and named and (module / "__init__.py").is_file():
                    own.add(".".join((*target, "__init__")))
    return own, {each for each in outside if each not in sys.stdlib_module_names}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def room_of(module: str) -> str:
    room = module.split(".")[0]
    return "base" if room in BASE else room


MODULES = {
    name_of(path): read(path) for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE or path.stem[0] != "_"
}


def assert_no_circle(imports: Mapping[str, set[str]]) -> None:
    TopologicalSorter(imports).prepare()


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_only_from_rooms_below_it(module: str) -> None:
    above = ROOMS[: ROOMS.index(room_of(module))]

    assert [each for each in MODULES[module][0] if room_of(each) in above] == []


def test_no_two_modules_need_each_other() -> None:
    assert_no_circle({module: own for module, (own, _) in MODULES.items()})


@pytest.mark.parametrize("module", MODULES)
def test_a_room_uses_only_the_packages_that_it_is_for(module: str) -> None:
    assert MODULES[module][1] <= OUTSIDE.get(room_of(module), set())


def test_what_a_store_must_do_is_said_without_a_database() -> None:
    assert MODULES["store.protocol"][1] == set()
    assert not {name for name in MODULES["store.protocol"][0] if room_of(name) == "store"}


def test_webassets_is_not_imported_in_production() -> None:
    code = "import sys, consent_widget; sys.exit('webassets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def imported(path: Path) -> set[str]:
    found = re.findall(r"^import .+? from \"(.+?)\";", path.read_text("utf-8"), re.MULTILINE)
    return {(path.parent / each).resolve().relative_to(SCRIPTS).as_posix() for each in found}


SOURCES = {path.relative_to(SCRIPTS).as_posix(): imported(path) for path in sorted(SCRIPTS.rglob("*.js"))}


def script_room(path: str) -> str:
    return path.split("/")[0] if "/" in path else "wiring"


@pytest.mark.parametrize("path", SOURCES)
def test_a_room_of_the_script_imports_only_from_rooms_below_it(path: str) -> None:
    above = SCRIPT_ROOMS[: SCRIPT_ROOMS.index(script_room(path))]

    assert [each for each in SOURCES[path] if script_room(each) in above] == []


def test_no_two_modules_of_the_script_need_each_other() -> None:
    assert_no_circle(SOURCES)


def test_what_is_shown_never_asks_the_server_by_itself() -> None:
    for path in SOURCES:
        if script_room(path) == "ui":
            assert "fetch(" not in (SCRIPTS / path).read_text("utf-8"), path
