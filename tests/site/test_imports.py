"""A site imports what it serves with, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

SITE = """
import sys
from flask import Flask
from consent_widget import ConsentWidget
app = Flask("host")
app.config.update(CONSENT_KEYS=["a-key-of-a-test-0123456789"], CONSENT_STORE=type("Own", (), {"add": lambda self, choice: choice})(),
    CONSENT_CONTROLLER={"name": "Example Ltd", "address": "1 Example Road", "email": "privacy@example.com", "phone": "+86 21 0000 0000",
        "officer": "Ms Wang", "storage_location": "Shanghai"})
ConsentWidget(app)
assert app.test_client().get("/consent/preferences").status_code == 200
"""


def imported(program: str) -> set[str]:
    """The packages that a new process has imported after this program."""
    run = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in run.stdout.split()}


@pytest.mark.parametrize(
    ("program", "unneeded"),
    [
        ("import consent_widget", {"sqlalchemy", "asyncio", "flask_babel", "brotli", "webassets", "granian"}),
        (SITE, {"sqlalchemy", "asyncio", "webassets", "granian"}),
    ],
    ids=["the package alone", "a site with a store of its own"],
)
def test_what_is_not_needed_is_not_imported(program: str, unneeded: set[str]) -> None:
    assert imported(program) & unneeded == set()


def test_the_store_that_ships_is_imported_when_it_is_asked_for() -> None:
    assert "sqlalchemy" in imported("from consent_widget import SQLStore")
    assert "sqlalchemy" in imported("import consent_widget; consent_widget.SQLStore")
