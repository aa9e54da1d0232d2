"""What of the settings an auditor may read: never a secret, wherever in a value it is."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from consent_widget.settings.config import read_settings
from consent_widget.settings.model import SETTINGS, told
from consent_widget.settings.setting import setting_of
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
    assert CANARY not in json.dumps(told(read_settings({**MINIMAL, "CONSENT_DATABASE": url})))


def test_no_secret_is_told_and_the_rest_is() -> None:
    settings = read_settings({**MINIMAL, "CONSENT_LAYOUT": "bar", "CONSENT_REGION": lambda: "CN", "CONSENT_AGE": {}})
    said = told(settings)

    assert CANARY not in json.dumps(said)
    assert said.keys() == SETTINGS.keys()
    assert said["CONSENT_KEYS"] == HIDDEN
    assert (said["CONSENT_LAYOUT"], said["CONSENT_REGION"]) == ("bar", "(a function)")
    assert said["CONSENT_AGE"]["child_below"] == settings.age.child_below  # type: ignore[index, union-attr]


def test_of_receivers_neither_the_secret_nor_the_address_is_told() -> None:
    secret = b64encode(CANARY.encode()).decode()
    hooks = {"crm": {"url": f"https://crm.example/{CANARY}", "secret": f"whsec_{secret}"}}
    said = json.dumps(told(read_settings({**MINIMAL, "CONSENT_WEBHOOKS": hooks})))

    assert "crm.example" in said
    assert not [each for each in (CANARY, secret) if each in said]


def test_only_what_may_hold_a_secret_is_not_told() -> None:
    """Whoever adds a setting decides it: say `told=as_it_is`, or add the setting here."""
    assert {name for name, field in SETTINGS.items() if setting_of(field).told is None} == {"CONSENT_KEYS"}


def test_a_value_of_an_unknown_kind_is_not_told() -> None:
    assert as_it_is({"a": [CANARY.encode()]}) == {"a": [HIDDEN]}


def test_of_receivers_their_hosts_are_told_and_no_secret() -> None:
    secret = "whsec_" + b64encode(CANARY.encode()).decode()
    receiver = {"url": f"https://crm.example/{CANARY}?token={CANARY}", "secret": secret, "events": ["subject.erased"]}
    settings = read_settings({**MINIMAL, "CONSENT_WEBHOOKS": {"crm": receiver}})

    assert told(settings)["CONSENT_WEBHOOKS"] == {"crm": {"host": "crm.example", "events": ["subject.erased"]}}
    for shown in (repr(settings.webhooks), json.dumps(told(settings))):
        assert CANARY not in shown
        assert secret not in shown
