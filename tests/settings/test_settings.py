from __future__ import annotations

import re
from pathlib import Path

import pytest

from consent_widget.errors import ConfigurationError
from consent_widget.settings.config import read_settings
from consent_widget.settings.model import SETTINGS, Settings
from consent_widget.settings.setting import setting_of

SECRET = {"SECRET_KEY": "a-key-of-a-test-0123456789"}


@pytest.mark.parametrize(
    "name", [name for name in SETTINGS if setting_of(SETTINGS[name]).rules and name != "CONSENT_KEYS"]
)
def test_an_invalid_value_is_refused_with_the_first_remedy(name: str) -> None:
    remedy = setting_of(SETTINGS[name]).rules[0].remedy

    with pytest.raises(ConfigurationError, match=re.escape(f"{name}: {remedy}")):
        read_settings({**SECRET, name: object()})


@pytest.mark.parametrize("name", SETTINGS)
def test_None_means_the_default(name: str) -> None:
    assert (
        read_settings({**SECRET, name: None})
        == read_settings(SECRET)
        == Settings(keys=(b"a-key-of-a-test-0123456789",))
    )


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
        read_settings({**SECRET, "CONSENT_LEAVE": leave})


@pytest.mark.parametrize(
    "origin",
    ["www.shop.example", "https://shop.example/", "https://shop.example:443", "http://shop.example:80", "HTTPS://X", 1],
)
def test_an_origin_is_written_as_browsers_send_it(origin: object) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_ORIGINS: "):
        read_settings({**SECRET, "CONSENT_ORIGINS": [origin]})


def test_each_settings_has_tables_of_its_own() -> None:
    assert read_settings(SECRET).controller is not read_settings(SECRET).controller


@pytest.mark.parametrize(
    "name", ["", "a b", "a;b", "a=b", "名", "x" * 41, "__Host-shop", "__secure-shop", b"cw", "session"]
)
def test_a_cookie_name_that_no_browser_or_another_cookie_has_is_refused(name: object) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_COOKIE_NAME: "):
        read_settings({**SECRET, "CONSENT_COOKIE_NAME": name, "SESSION_COOKIE_NAME": "session"})


def test_a_notice_is_found_beside_the_app_whatever_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside, elsewhere = tmp_path / "app", tmp_path / "elsewhere"
    for folder in (beside, elsewhere):
        folder.mkdir()
    monkeypatch.chdir(elsewhere)
    (beside / "notice.toml").touch()
    (elsewhere / "notice.toml").touch()
    (elsewhere / "only-here.toml").touch()

    def found(notice: object) -> object:
        return read_settings({**SECRET, "CONSENT_NOTICE": notice}, [beside, elsewhere]).notice

    assert found("notice.toml") == found(Path("notice.toml")) == beside / "notice.toml"
    assert found("only-here.toml") == elsewhere / "only-here.toml"
    assert found(beside / "any.toml") == beside / "any.toml"
    assert found("shop") == "shop"
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml.*Looked for") as raised:
        found("nowhere.toml")
    assert str(beside / "nowhere.toml") in str(raised.value)
    assert str(elsewhere / "nowhere.toml") in str(raised.value)
