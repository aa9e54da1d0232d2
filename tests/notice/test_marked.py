"""What was added to a text and what was removed."""

from __future__ import annotations

import pytest

from consent_widget.notice.marked import marked


def written(before: str, after: str) -> str:
    signs = {"del": "[{}]", "ins": "{{{}}}", None: "{}"}
    return "".join(signs[sign].format(text) for sign, text in marked(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("data for 25 months at most.", "data for 12 months at most.", "data for [25]{12} months at most."),
        ("数据最长二十五个月。", "数据最长十二个月。", "数据最长[二十五]{十二}个月。"),
        ("设备信息、浏览信息", "设备信息、浏览信息、沟通记录", "设备信息、浏览信息{、沟通记录}"),
        ("Cookies, Visits", "Cookies", "Cookies[, Visits]"),
        ("GDPR Art. 6(1)(a)", "GDPR Art. 6(1)(f)", "GDPR Art. [6(1)(a)]{6(1)(f)}"),
        ("", "New.", "{New.}"),
        ("Gone.", "", "[Gone.]"),
        ("Same.", "Same.", "Same."),
        ("", "", ""),
    ],
)
def test_words_are_marked_and_in_chinese_characters(before: str, after: str, expected: str) -> None:
    assert written(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after"), [("最长十三个月。", "两年。"), ("Thirteen months at most.", "Two years.")]
)
def test_a_text_of_which_little_stayed_is_replaced_as_a_whole(before: str, after: str) -> None:
    assert written(before, after) == f"[{before}]{{{after}}}"


def test_no_change_falls_to_pieces() -> None:
    before = "我们用您的浏览记录和购买记录，为您推荐商品。"
    after = "我们用您的搜索记录和沟通记录，为您推荐商品。"

    assert written(before, after) == "我们用您的[浏览记录和购买]{搜索记录和沟通}记录，为您推荐商品。"


@pytest.mark.parametrize("texts", [("a b c", "c b a"), ("一二三四五六", "四五六一二三"), ("x", "y"), ("a\n b", "a b")])
def test_both_texts_can_be_read_out_of_the_marked_one(texts: tuple[str, str]) -> None:
    runs = marked(*texts)

    assert "".join(text for sign, text in runs if sign != "ins") == texts[0]
    assert "".join(text for sign, text in runs if sign != "del") == texts[1]
