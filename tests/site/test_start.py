"""What a site says when it starts, before anybody visits it."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent_widget.resources import PACKAGE

from ..conftest import CONTROLLER, MakeApp


def notice_in(folder: Path, locale: str) -> Path:
    """The shipped notice, with Chinese declared as another locale."""
    path = folder / f"{locale}.toml"
    path.write_text((PACKAGE / "notice/minimal.toml").read_text("utf-8").replace("zh-CN", locale), "utf-8")
    return path


def controller_in(locale: str) -> dict[str, object]:
    return {
        field: {locale: value["zh-CN"], "en": value["en"]} if isinstance(value, dict) else value
        for field, value in CONTROLLER.items()
    }


@pytest.mark.parametrize(("locale", "used", "add"), [("zh-TW", "zh_Hans", "zh_TW"), ("ia", "en", "ia")])
def test_a_locale_without_a_catalogue_is_told_once_with_what_is_shown_instead_and_the_cure(
    make_app: MakeApp, tmp_path: Path, caplog: pytest.LogCaptureFixture, locale: str, used: str, add: str
) -> None:
    app = make_app(CONSENT_NOTICE=notice_in(tmp_path, locale), CONSENT_CONTROLLER=controller_in(locale))

    (record,) = caplog.records
    assert record.name == app.logger.name
    assert record.levelname == "WARNING"
    assert record.message == (
        f"{locale}: the widget's own messages are not translated, and are shown in {used} instead. To translate them, "
        f"add a catalogue {add} to the translations of consent_widget."
    )


@pytest.mark.parametrize("locale", ["zh-CN", "zh-SG", "zh-Hans", "en-GB"])
def test_a_locale_with_a_catalogue_in_its_language_and_script_is_nothing_to_tell(
    make_app: MakeApp, tmp_path: Path, caplog: pytest.LogCaptureFixture, locale: str
) -> None:
    make_app(CONSENT_NOTICE=notice_in(tmp_path, locale), CONSENT_CONTROLLER=controller_in(locale))

    assert caplog.records == []


def test_a_visitor_who_reads_traditional_chinese_gets_the_notice_in_it(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(CONSENT_NOTICE=notice_in(tmp_path, "zh-TW"), CONSENT_CONTROLLER=controller_in("zh-TW"))

    for tag in ("zh-TW", "zh-HK", "zh-Hant"):
        response = app.test_client().get("/consent/notice", headers={"Accept-Language": f"{tag},en;q=0.8"})
        assert response.headers["Content-Language"] == "zh-TW"
