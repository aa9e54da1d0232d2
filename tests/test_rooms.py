"""A room imports only from rooms below it, in Python and in JavaScript; the lower rooms know no framework."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter

import pytest

from docs import architecture
from docs.architecture import ROOMS, SCRIPT_ROOMS, SCRIPTS, room_of, script_room_of

from .support.for_each import for_each

MODULES = architecture.python_modules()
SOURCES = architecture.script_modules()
#: Packages from outside that a room may use. What is not listed uses none.
OUTSIDE = {
    "service": {"click", "flask", "granian", "werkzeug"},
    "extension": {"flask", "jinja2"},
    "testing": {"flask", "pytest"},
    "cli": {"click", "flask"},
    "scan": {"click"},
    "web": {"flask", "jinja2", "flask_babel", "markupsafe", "werkzeug"},
    "delivery": {"flask"},
    "subject": {"flask"},
    "site": {"flask"},
    "script": {"brotli", "minify", "turbohtml", "webassets"},
    "ui": {"babel", "flask", "flask_babel", "markupsafe", "werkzeug"},
    "store": {"alembic", "sqlalchemy"},
    "proof": {"cryptography"},
    "choice": {"itsdangerous"},
    "base": {"blinker", "click"},
}


def assert_no_circle(imports: Mapping[str, set[str]]) -> None:
    TopologicalSorter(imports).prepare()


@for_each(MODULES)
def test_a_room_imports_only_from_rooms_below_it(module: str) -> None:
    above = ROOMS[: ROOMS.index(room_of(module))]

    assert [each for each in MODULES[module].own if room_of(each) in above] == []


def test_no_two_modules_need_each_other() -> None:
    assert_no_circle({module: imports.own for module, imports in MODULES.items()})


@for_each(MODULES)
def test_a_room_uses_only_the_packages_that_it_is_for(module: str) -> None:
    assert MODULES[module].outside <= OUTSIDE.get(room_of(module), set())


@for_each([name for name in MODULES if room_of(name) in ROOMS[ROOMS.index("subject") :]])
def test_only_the_web_room_and_those_above_it_read_the_request(module: str) -> None:
    source = (architecture.PACKAGE / f"{module.replace('.', '/')}.py").read_text("utf-8")

    assert not re.search(r"^from flask import .*\b(request|session|g)\b", source, re.MULTILINE)


def test_what_a_store_must_do_is_said_without_a_database() -> None:
    assert MODULES["store.protocol"][1] == set()
    assert not {name for name in MODULES["store.protocol"][0] if room_of(name) == "store"}


def needed_by(module: str) -> set[str]:
    """The module, and all that it imports, directly or by another."""
    needed, ahead = set(), {module}
    while ahead:
        needed |= ahead
        ahead = {other for name in ahead for other in MODULES.get(name, (set(), set()))[0]} - needed
    return needed


def test_settings_are_read_without_a_database() -> None:
    modules = needed_by("settings.config")

    assert {"choice.age", "store.protocol", "ui.theme"} <= modules
    assert not [name for name in modules if "sqlalchemy" in MODULES.get(name, (set(), set()))[1]]


def test_webassets_is_not_imported_in_production() -> None:
    code = "import sys, consent_widget; sys.exit('webassets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@for_each(SOURCES)
def test_a_room_of_the_script_imports_only_from_rooms_below_it(path: str) -> None:
    above = SCRIPT_ROOMS[: SCRIPT_ROOMS.index(script_room_of(path))]

    assert [each for each in SOURCES[path] if script_room_of(each) in above] == []


def test_no_two_modules_of_the_script_need_each_other() -> None:
    assert_no_circle(SOURCES)


def test_what_is_shown_never_asks_the_server_by_itself() -> None:
    for path in SOURCES:
        if script_room_of(path) == "ui":
            assert "fetch(" not in (SCRIPTS / path).read_text("utf-8"), path


def test_the_picture_of_the_rooms_is_current_and_is_drawn_the_same_each_time() -> None:
    assert architecture.PICTURE.read_text("utf-8") == architecture.picture() == architecture.picture(), (
        "Draw it again: python -m docs.architecture"
    )


def test_the_list_of_modules_is_current() -> None:
    text = architecture.PAGE.read_text("utf-8")

    assert text == architecture.page(text), "Write it again: python -m docs.architecture"


@pytest.mark.parametrize(
    "room", [*architecture.python_rooms(), *architecture.script_rooms()], ids=lambda each: each.name
)
def test_every_room_and_every_module_says_what_it_is_for(room: architecture.Room) -> None:
    assert room.question
    assert [name for name, sentence in room.modules.items() if not sentence] == []
