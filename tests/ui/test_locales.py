from __future__ import annotations

import pytest
from werkzeug.datastructures import LanguageAccept

from consent_widget.notice.model import Notice
from consent_widget.ui.locales import negotiate, own_name, script
from consent_widget.ui.view import View


@pytest.mark.parametrize(
    ("wishes", "accept", "expected"),
    [
        ((), [("zh-CN", 1), ("zh", 0.9), ("en", 0.8)], "zh-CN"),
        ((), [("zh-Hans-SG", 1)], "zh-CN"),
        ((), [("zh-TW", 1), ("en", 0.8)], "zh-CN"),
        ((), [("en-US", 1), ("zh", 0.9)], "en"),
        ((), [("fr", 1)], "en"),
        ((), [("zh", 0), ("fr", 1)], "en"),
        ((), [], "en"),
        (("zh",), [("en", 1)], "zh-CN"),
        ((None, "fr", "zh_Hans_CN"), [("en", 1)], "zh-CN"),
        (("<script>",), [("zh", 1)], "zh-CN"),
    ],
)
def test_visitors_get_their_language(
    wishes: tuple[str | None, ...], accept: list[tuple[str, float]], expected: str
) -> None:
    assert negotiate(("zh-CN", "en"), *wishes, accept=LanguageAccept(accept)) == expected


@pytest.mark.parametrize("other", ["zh-TW", "zh-Hant"])
@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(
    ("wish", "simplified"),
    [
        ("zh", True),
        ("zh-CN", True),
        ("zh-SG", True),
        ("zh-Hans", True),
        ("zh-Hans-TW", True),
        ("ZH-cn", True),
        ("zh-TW", False),
        ("zh-HK", False),
        ("zh-MO", False),
        ("zh-Hant", False),
        ("zh_Hant_TW", False),
    ],
)
def test_visitors_get_the_script_that_they_read(wish: str, simplified: bool, in_order: bool, other: str) -> None:
    locales = ("zh-CN", other, "en") if in_order else ("en", other, "zh-CN")

    assert negotiate(locales, accept=LanguageAccept([(wish, 1)])) == ("zh-CN" if simplified else other)


def test_a_notice_without_english_falls_back_on_its_first_locale() -> None:
    assert negotiate(("zh-CN",), accept=LanguageAccept([("fr", 1)])) == "zh-CN"
    assert negotiate(("fr", "en-GB")) == "en-GB"


@pytest.mark.parametrize(
    ("locale", "locales", "name"),
    [
        ("zh-CN", ("zh-CN", "en"), "中文"),
        ("en", ("zh-CN", "en"), "English"),
        ("fr", ("fr", "en"), "français"),
        ("zh-CN", ("zh-CN", "zh-TW"), "中文 (简体, 中国)"),
        ("zh-TW", ("zh-CN", "zh-TW"), "中文 (繁體, 台灣)"),
        ("zh-Hans-TW", ("zh-Hans-TW",), "中文"),
        ("xx", ("xx", "en"), "xx"),
    ],
)
def test_a_locale_calls_itself_by_its_own_name(locale: str, locales: tuple[str, ...], name: str) -> None:
    assert own_name(locale, locales) == name


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("zh", "Hans"), ("zh-tw", "Hant"), ("zh_Hans_TW", "Hans"), ("sr-Latn-RS", "Latn"), ("en-US", "Latn"), ("xx", "")],
)
def test_a_script_is_written_in_the_tag_or_likely(locale: str, expected: str) -> None:
    assert script(locale) == expected


@pytest.mark.parametrize(
    ("locale", "space", "colon"), [("zh-CN", "", "："), ("zh-TW", "", "："), ("en-GB", " ", ": "), ("fr", " ", ": ")]
)
def test_sentences_are_set_apart_except_in_chinese(minimal: Notice, locale: str, space: str, colon: str) -> None:
    assert (View(minimal, locale).space, View(minimal, locale).colon) == (space, colon)
