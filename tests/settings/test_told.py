"""What of the settings an auditor may read: never a secret, wherever in a value it is."""

from __future__ import annotations

import json

import pytest

from consent_widget.settings.model import SETTINGS, read, told
from consent_widget.settings.told import HIDDEN, as_it_is

CANARY = "canary-4f0c1d2e-of-a-secret"
MINIMAL = {"CONSENT_KEYS": [CANARY], "CONSENT_DATABASE": None}


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://consent:{CANARY}@db.example/consent",
        f"postgresql+psycopg:///consent?user=consent&password={CANARY}&host=db.example",
        f"postgresql://{CANARY}@db.example/consent#{CANARY}",
        f"sqlite:////srv/{CANARY}/consent.sqlite",
        f"{CANARY}://x",
        CANARY,
    ],
)
def test_of_a_database_only_its_kind_is_told(url: str) -> None:
    assert CANARY not in json.dumps(told(read({**MINIMAL, "CONSENT_DATABASE": url})))


def test_no_secret_is_told_and_the_rest_is() -> None:
    settings = read({**MINIMAL, "CONSENT_LAYOUT": "bar", "CONSENT_REGION": lambda: "CN", "CONSENT_AGE": {}})
    said = told(settings)

    assert CANARY not in json.dumps(said)
    assert said.keys() == SETTINGS.keys()
    assert said["CONSENT_KEYS"] == HIDDEN
    assert (said["CONSENT_LAYOUT"], said["CONSENT_REGION"]) == ("bar", "(a function)")
    assert said["CONSENT_AGE"]["child_below"] == settings.age.child_below  # type: ignore[index, union-attr]


def test_a_value_of_an_unknown_kind_is_not_told() -> None:
    assert as_it_is({"a": [CANARY.encode()]}) == {"a": [HIDDEN]}
