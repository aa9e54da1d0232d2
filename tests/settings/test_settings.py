from __future__ import annotations

import re

import pytest

from consent_widget.errors import ConfigurationError
from consent_widget.settings.model import SETTINGS, Settings, read
from consent_widget.settings.setting import setting_of

SECRET = {"SECRET_KEY": "a-key-of-a-test-0123456789"}


@pytest.mark.parametrize(
    "name", [name for name in SETTINGS if setting_of(SETTINGS[name]).rules and name != "CONSENT_KEYS"]
)
def test_an_invalid_value_is_refused_with_the_first_remedy(name: str) -> None:
    remedy = setting_of(SETTINGS[name]).rules[0].remedy

    with pytest.raises(ConfigurationError, match=re.escape(f"{name}: {remedy}")):
        read({**SECRET, name: object()})


@pytest.mark.parametrize("name", SETTINGS)
def test_None_means_the_default(name: str) -> None:
    assert read({**SECRET, name: None}) == read(SECRET) == Settings(keys=tuple(SECRET.values()))


@pytest.mark.parametrize(
    "leave",
    [
        [],
        {"partners": []},
        {"affiliates": "pay.shop.example"},
        {"affiliates": ["https://pay.shop.example"]},
        {"affiliates": [1]},
        {"policies": ["pay.shop.example"]},
        {"policies": {"pay.shop.example/": "https://pay.shop.example"}},
        {"policies": {"pay.shop.example": "/privacy"}},
    ],
)
def test_a_leave_table_of_no_use_is_refused(leave: object) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_LEAVE: "):
        read({**SECRET, "CONSENT_LEAVE": leave})


@pytest.mark.parametrize(
    "origin",
    ["www.shop.example", "https://shop.example/", "https://shop.example:443", "http://shop.example:80", "HTTPS://X", 1],
)
def test_an_origin_is_written_as_browsers_send_it(origin: object) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_ORIGINS: "):
        read({**SECRET, "CONSENT_ORIGINS": [origin]})


def test_each_settings_has_tables_of_its_own() -> None:
    assert read(SECRET).controller is not read(SECRET).controller
