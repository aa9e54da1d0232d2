"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from consent_widget.cli.group import commands
from consent_widget.service.command import main
from consent_widget.service.words import PER_SITE, TOP
from consent_widget.settings.model import SETTINGS
from consent_widget.settings.setting import setting_of

from .conftest import KEY, MakeApp
from .script.test_script import compressed
from .support.for_each import for_each

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
READMES = ["README.md", "README.zh-Hans.md"]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", READMES)
def test_the_first_example_runs_as_it_stands(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"```python\n(.*?)```", read(name), re.DOTALL)
    assert code
    monkeypatch.setattr(Flask, "instance_path", str(tmp_path), raising=False)
    monkeypatch.setattr(Flask, "auto_find_instance_path", lambda self: str(tmp_path))
    scope: dict[str, object] = {"__name__": "example"}
    exec(re.sub(r'\["(paste|填入)[^\]]*\]', f'["{KEY}"]', code[1]), scope)
    app = scope["app"]
    assert isinstance(app, Flask)
    client = app.test_client()

    assert "<consent-widget" in client.get("/").text
    assert client.get("/report").status_code == 403
    app.extensions["consent_widget"].store.close()


def test_both_readmes_say_the_same_things() -> None:
    english, chinese = (read(name) for name in READMES)

    for pattern in (r"^## ", r"^- ", r"```", r"\]\((?!README)[^)]*\)", r"CONSENT_\w+", r"make \w+"):
        assert len(re.findall(pattern, english, re.MULTILINE)) == len(re.findall(pattern, chinese, re.MULTILINE)), (
            pattern
        )


ROW = re.compile(r"^\| `(CONSENT_\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented_with_its_meaning_and_its_default(name: str) -> None:
    rows = {name: (meaning, default) for name, meaning, default in ROW.findall(read("docs/configuration.md"))}
    key = setting_of(SETTINGS[name])

    meaning, default = rows[name]
    assert meaning.startswith(key.meaning)
    assert default == key.default


def test_settings_are_documented_in_their_order() -> None:
    assert [name for name, _, _ in ROW.findall(read("docs/configuration.md"))] == list(SETTINGS)


def test_every_documented_setting_exists() -> None:
    known = set(SETTINGS)
    for path in ["README.md", "README.zh-Hans.md", *(f"docs/{each.name}" for each in (ROOT / "docs").glob("*.md"))]:
        assert set(re.findall(r"CONSENT_[A-Z_]+", read(path))) <= known, path


@pytest.mark.parametrize("command", sorted(commands.commands))
def test_every_command_is_in_the_readmes(command: str) -> None:
    for name in READMES:
        assert f"flask consent {command}" in read(name)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_of_the_service_is_documented(command: str) -> None:
    assert f"`consent-widget {command}" in read("docs/service.md")


@pytest.mark.parametrize("key", [*(key for key in TOP if key != "sites"), *PER_SITE])
def test_every_key_of_the_service_is_documented_and_in_the_file_to_edit(key: str) -> None:
    assert f"`{key}`" in read("docs/service.md")
    assert re.search(rf"\b{key}\b", read("consent_widget/service/sites.toml"))


@pytest.mark.parametrize("path", [*READMES, *sorted(f"docs/{each.name}" for each in (ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(path: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", read(path)):
        if "://" not in target:
            assert ((ROOT / path).parent / target).exists(), target


GUIDES = ["CONTRIBUTING.md", "docs/architecture.md", "docs/operations.md", "docs/security.md"]


@pytest.mark.parametrize("name", GUIDES)
def test_files_that_a_guide_names_are_there(name: str) -> None:
    text = re.sub(r"<!-- made by .*<!-- end -->", "", read(name), flags=re.DOTALL)
    for path in re.findall(r"`([\w.-]+/[\w./-]*)`", text):
        assert (ROOT / path).exists() or (ROOT / "consent_widget" / path).exists(), path


WRITTEN = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "consent_widget").rglob("*.py")]


@for_each(sorted(WRITTEN))
def test_a_person_of_whom_nothing_is_known_is_they(path: Path) -> None:
    text = re.sub(r"<!-- made by .*<!-- end -->", "", path.read_text("utf-8"), flags=re.DOTALL)

    assert re.findall(r"\b(?:he|his|him|himself|she|her|hers|herself)\b", text, re.IGNORECASE) == []


@pytest.mark.parametrize("name", GUIDES)
def test_tests_that_a_guide_names_are_there(name: str) -> None:
    assert set(re.findall(r"`(test_\w+)`", read(name))) <= names_of_tests()


@pytest.mark.parametrize("name", READMES)
def test_the_sizes_in_the_readmes_are_those_of_the_built_file(make_app: MakeApp, name: str) -> None:
    sizes: dict[str, list[float]] = {"whole": [], "first": []}
    for notice in ("minimal", "shop"):
        for part, made in sizes.items():
            origins = ["https://www.shop.example"] if part == "first" else []  # a tag is in pages of another site
            app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_ORIGINS=origins)
            scripts = app.extensions["consent_widget"].assets.scripts.values()
            made.append(max(compressed(getattr(script, part).content) for script in scripts) / 1000)

    stated = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) / ([\d.]+) kB", read(name))]
    for minimal, shop in sizes.values():  # hashes in the files make a few bytes more or less
        assert any(abs(one - minimal) < 0.06 and abs(other - shop) < 0.06 for one, other in stated), (minimal, shop)


def names_of_tests() -> set[str]:
    return {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }


def test_every_promise_of_safety_names_tests_that_are_there() -> None:
    there = names_of_tests()
    rows = [
        line for line in read("docs/security.md").splitlines() if line.startswith("| ") and "| promise |" not in line
    ]

    assert len(rows) > 25
    for row in rows:
        named = set(re.findall(r"`(test_\w+)`", row))
        assert named, row
        assert named <= there, row
