"""Who may import whom: the core knows no framework, and nothing looks upward."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import consent_widget

PACKAGE = Path(consent_widget.__file__).parent
LAYERS = [
    {"address", "errors", "sqlite", "text"},
    {"age", "canonical", "notice_check", "parts", "theme"},
    {"notice", "signals", "resources"},
    {"notice_file", "choice"},
    {"policy", "wording"},
    {"changes"},
    {"publishing", "history"},
    {"token", "receipt", "store", "i18n", "limit", "assets"},
    {"links", "proof", "twice"},
    {"surface"},
    {"settings"},
    {"script", "style", "sites"},
    {"site", "wire", "pressed"},
    {"archive"},
    {"ending"},
    {"processing"},
    {"consent"},
    {"pages", "recording"},
    {"my_choices", "guardian"},
    {"views", "cli"},
    {"cli_notice"},
    {"extension"},
    {"service", "snippet", "bodies"},
    {"command"},
]
CORE = {
    "address",
    "age",
    "errors",
    "text",
    "parts",
    "canonical",
    "notice",
    "notice_check",
    "notice_file",
    "choice",
    "policy",
    "history",
    "wording",
    "changes",
    "publishing",
    "receipt",
    "limit",
    "theme",
}
OUTSIDE = {
    "token": {"itsdangerous"},
    "links": {"itsdangerous"},
    "proof": {"itsdangerous"},
    "store": {"sqlalchemy"},
    "sqlite": {"sqlalchemy"},
    "i18n": {"babel", "flask", "flask_babel", "werkzeug"},
    "assets": {"webassets", "minify"},
    "signals": {"blinker"},
    "settings": set[str](),
    "sites": set[str](),
    "script": {"brotli"},
}


def imports(path: Path) -> tuple[set[str], set[str]]:
    """The package's own modules, and the outside packages, that a file imports at all."""
    own, outside = set(), set()
    typing_only = {
        id(node)
        for block in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    tree = ast.parse(path.read_text("utf-8"))
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test):
            block.body = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            outside |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            outside.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            inside_surface = path.parent.name == "surface" and node.level == 1
            if inside_surface:
                continue
            names = [node.module] if node.module else [alias.name for alias in node.names]
            own |= {name.split(".")[0] for name in names}
    return own, outside


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def layer_of(path: Path) -> tuple[str, int]:
    name = "surface" if path.parent.name == "surface" else path.stem
    return name, next(n for n, layer in enumerate(LAYERS) if name in layer)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_imports_upward(path: Path) -> None:
    name, level = layer_of(path)
    own, _ = imports(path)
    allowed = set().union(*LAYERS[: level + 1])
    deferred = {"notice": {"notice_check"}, "consent": {"pages"}, "script": {"assets"}}.get(name, set())

    assert own - allowed - deferred == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_core_knows_no_framework(path: Path) -> None:
    import sys

    name, _ = layer_of(path)
    _, outside = imports(path)
    foreign = {each for each in outside if each not in sys.stdlib_module_names}
    if name in CORE:
        assert foreign == set()
    elif name in OUTSIDE:
        assert foreign <= OUTSIDE[name]


def test_webassets_is_not_imported_in_production() -> None:
    import subprocess
    import sys

    code = "import sys, consent_widget; sys.exit('webassets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_front_end_keeps_its_layers_too() -> None:
    source = PACKAGE.parent / "static/src"
    for name in ("token", "policy", "gate", "outbox"):
        text = (source / f"{name}.js").read_text("utf-8")
        assert not {"dialog", "centre", "placeholder", "element"} & {
            part.split("/")[-1].removesuffix('.js";') for part in text.split("import ")[1:]
        }, name
    for name in ("dialog", "centre", "placeholder", "element"):
        assert "fetch(" not in (source / f"{name}.js").read_text("utf-8"), name
