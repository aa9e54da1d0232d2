from __future__ import annotations

import re
from collections import Counter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept

from consent_widget.resources import TRANSLATIONS
from consent_widget.ui.i18n import MESSAGES, messages, negotiate

HAN = re.compile(r"[\u4e00-\u9fff]")


def catalogue(path: str) -> Catalog:
    with (TRANSLATIONS / path).open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize("path", ["consent_widget.pot", "zh_Hans/LC_MESSAGES/consent_widget.po"])
def test_the_catalogues_hold_exactly_the_words_that_are_used(path: str) -> None:
    assert {message.id for message in catalogue(path) if message.id} == set(MESSAGES.values())


def test_every_word_is_chinese_in_chinese() -> None:
    for message in catalogue("zh_Hans/LC_MESSAGES/consent_widget.po"):
        if message.id:
            assert not message.fuzzy, message.id
            assert HAN.search(str(message.string)) or message.string in ("、", "Cookie"), message.id


def test_both_languages_fill_in_the_same_places() -> None:
    english, chinese = messages("en"), messages("zh-CN")
    for name in MESSAGES:
        places = [Counter(re.findall(r"\{\w+\}", text)) for text in (english[name], chinese[name])]
        assert places[0].keys() == places[1].keys(), name


def test_no_word_mixes_the_languages() -> None:
    assert not [word for word in messages("en").values() if HAN.search(word)]


def test_chinese_is_written_as_chinese_is() -> None:
    for word in messages("zh-CN").values():
        assert not re.search(r"[\u4e00-\u9fff][,.;:?!()]", word), word
        assert "你" not in word, word


@pytest.mark.parametrize(
    ("wishes", "accept", "expected"),
    [
        ((), [("zh-CN", 1), ("zh", 0.9), ("en", 0.8)], "zh-CN"),
        ((), [("zh-Hans-SG", 1)], "zh-CN"),
        ((), [("en-US", 1), ("zh", 0.9)], "en"),
        ((), [("fr", 1)], "en"),
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


def test_a_notice_without_english_falls_back_on_its_first_locale() -> None:
    assert negotiate(("zh-CN",), accept=LanguageAccept([("fr", 1)])) == "zh-CN"
