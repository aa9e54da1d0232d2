"""`docs/api.md` lists the public API, all of it and nothing else."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Protocol, get_args

import click
import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from jinja2 import DictLoader, Environment

import consent_widget
from consent_widget import choice_recorded, consent_ended
from consent_widget.choice.act import Action, Surface
from consent_widget.cli.group import commands
from consent_widget.errors import Problem
from consent_widget.service.command import main
from consent_widget.store import protocol
from consent_widget.web.blueprint import SHARED

from .conftest import HERE, MakeApp

ROOT = Path(__file__).parent.parent
API = (ROOT / "docs/api.md").read_text("utf-8")
TYPES = (ROOT / "consent_widget/widget.d.ts").read_text("utf-8")


def table(title: str, column: str) -> list[list[str]]:
    """The rows of the table in a section that begins with this column."""
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", API, re.MULTILINE | re.DOTALL)
    assert section, title
    rows = re.search(rf"^\| {re.escape(column)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", section[1], re.MULTILINE)
    assert rows, column
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1].splitlines()]


def listed(title: str, column: str) -> list[str]:
    """The first code in each row of a table."""
    return [re.findall(r"`([^`]+)`", row[0])[0] for row in table(title, column)]


def test_the_api_lists_every_name_that_can_be_imported() -> None:
    public = {
        name
        for name, value in ((name, getattr(consent_widget, name)) for name in dir(consent_widget))
        if name[0] != "_"
        and name != "annotations"
        and (name in ("changes", "processing") or not isinstance(value, ModuleType))
    }

    assert sorted(listed("In Python", "Name")) == sorted(public)


def test_the_api_lists_every_address_and_which_answers_other_origins_may_read(make_app: MakeApp) -> None:
    app = make_app(CONSENT_OFFICER=lambda: False)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("consent_widget.")]
    there = {
        re.sub(r"<\w+:", "<", rule.rule.removeprefix("/consent")): (
            ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})),
            "yes" if rule.endpoint in SHARED else "no",
        )
        for rule in rules
    }

    assert {row[0].strip("`"): (row[1], row[2]) for row in table("Addresses", "Address")} == there
    others = {rule.rule for rule in app.url_map.iter_rules() if rule not in rules}
    assert others == {"/static/<path:filename>", "/.well-known/gpc.json"}


def test_the_api_lists_every_command() -> None:
    there = [
        *(f"flask consent {name}" for name in commands.commands),
        *(f"consent-widget {name}" for name in main.commands),
    ]

    assert sorted(listed("Commands", "Command")) == sorted(there)


@pytest.mark.parametrize("command", ["consent list", "consent export", "consent init", "consent-widget serve"])
def test_the_api_lists_the_options_of_commands(command: str) -> None:
    group, name = command.rsplit(" ", 1)
    known = (main if group == "consent-widget" else commands).commands[name]
    options = {option for each in known.params if isinstance(each, click.Option) for option in each.opts} - {"--config"}
    row = next(each for each in table("Commands", "Command") if each[0] in (f"`{command}`", f"`flask {command}`"))

    assert set(re.findall(r"--\w+", row[1])) == options


def test_the_api_lists_what_templates_get(app: Flask) -> None:
    names = set(listed("In templates", "Name"))
    bare = Environment(autoescape=True)
    added = {name for name in app.jinja_env.globals if name.startswith("consent")}
    tests = {f"is {name}" for name in app.jinja_env.tests.keys() - bare.tests.keys()}

    assert {name.partition("(")[0] for name in names} == added | tests


def test_the_api_lists_what_the_frame_of_our_pages_gets(app: Flask, client: FlaskClient) -> None:
    app.jinja_loader = DictLoader({"consent_widget/page.html": "{{ content }}"})  # type: ignore[assignment]
    given: list[set[str]] = []
    with template_rendered.connected_to(lambda _, template, context: given.append(set(context)), app):
        client.get("/consent/notice")

    assert set(listed("In templates", "Given to the frame")) == given[0] - {"g", "request", "session"}


def test_the_api_lists_every_action() -> None:
    assert sorted(listed("POST /records", "Action")) == sorted(get_args(Action))


def test_the_api_lists_every_field_of_a_choice(client: FlaskClient) -> None:
    refused = client.post("/consent/records", json={"unknown": 1}, headers=HERE)
    fields = refused.get_json()["detail"].rpartition(": ")[2].rstrip(".").split(", ")

    assert sorted(listed("POST /records", "Field")) == sorted(fields)


def test_the_api_lists_every_surface() -> None:
    row = next(row for row in table("POST /records", "Field") if row[0] == "`surface`")

    assert set(re.findall(r"`(\w+)`", row[2])) == set(get_args(Surface))


def test_the_api_lists_every_problem_with_its_status() -> None:
    def kinds(kind: type[Problem]) -> set[tuple[str, str]]:
        return {(kind.type, str(kind.status))}.union(*(kinds(each) for each in kind.__subclasses__()))

    rows = [(row[0].strip("`"), row[1]) for row in table("Problems", "Type")]

    assert sorted(rows) == sorted(kinds(Problem))


def test_the_api_lists_every_method_of_a_store_with_its_arguments() -> None:
    abilities = [
        each for each in vars(protocol).values() if getattr(each, "_is_protocol", False) and each is not Protocol
    ]
    there = [
        f"{name}({', '.join(each for each in signature(method).parameters if each != 'self')})"
        for ability in abilities
        for name, method in vars(ability).items()
        if name[0] != "_"
    ]

    assert sorted(listed("Stores", "Method")) == sorted(there)


def test_the_api_lists_every_signal() -> None:
    signals = {choice_recorded, consent_ended}

    assert {getattr(consent_widget, name) for name in listed("Signals", "Signal")} == signals
    assert {f"consent_widget.{name}" for name in listed("Signals", "Signal")} == {each.name for each in signals}


def members(interface: str) -> list[str]:
    """The members of an interface in `widget.d.ts`."""
    block = re.search(rf"^export interface {interface} {{\n(.*?)^}}", TYPES, re.MULTILINE | re.DOTALL)
    assert block
    return re.findall(r"^  (?:readonly )?(\w+)[:(]", block[1], re.MULTILINE)


@pytest.mark.parametrize(("interface", "column"), [("Widget", "Member"), ("Change", "Member of a change")])
def test_the_api_lists_every_member_that_pages_can_use(interface: str, column: str) -> None:
    names = [re.split(r"\W", name)[0] for name in listed("In the page", column)]

    assert sorted(names) == sorted(members(interface))


def test_what_the_api_says_of_a_token_is_its_format() -> None:
    from consent_widget.choice import token

    pattern = "1[<band>].<subject>.<seq>.<notice>.<time>[.<until>.<granted>.<denied>]….<signature>"

    assert pattern in API
    assert pattern in (token.__doc__ or "")
    assert f"at most {token.MAX_TOKEN_LENGTH:,} bytes" in API
