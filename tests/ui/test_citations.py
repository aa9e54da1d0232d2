from __future__ import annotations

import pytest

from consent_widget.notice.model import Notice
from consent_widget.ui.citations import citations, read_basis
from consent_widget.ui.contact import linked
from consent_widget.ui.view import View

BASIS = {"gdpr": "6(1)(b); 6(1)(c)", "pipl": "13(1)(2); 23", "other": "1"}


@pytest.mark.parametrize(
    ("locale", "cited"),
    [
        ("en", ["GDPR Art. 6(1)(b); 6(1)(c)", "PIPL Art. 13(1)(2); 23"]),
        (
            "zh-CN",
            [
                "《通用数据保护条例》第 6 条第 1 款第 (b) 项、第 6 条第 1 款第 (c) 项",
                "《个人信息保护法》第 13 条第 1 款第 2 项、第 23 条",
            ],
        ),
    ],
)
def test_the_law_is_cited_as_lawyers_of_the_language_cite_it(shop: Notice, locale: str, cited: list[str]) -> None:
    assert citations(View(shop, locale), BASIS) == cited


def test_a_basis_of_several_articles_is_read_back_as_it_was_written() -> None:
    assert read_basis("GDPR 6(1)(b); 6(1)(c); PIPL 13(1)(2); 23; OTHER 1") == BASIS


CONTACTS = pytest.mark.parametrize(
    ("text", "addresses"),
    [
        (
            "写信到 privacy@shop.example，或致电 +86 21 0000 0000。",
            ["mailto:privacy@shop.example", "tel:+862100000000"],
        ),
        ("See https://shop.example/contact; or ask us.", ["https://shop.example/contact"]),
        ("See https://shop.example/a.", ["https://shop.example/a"]),
        ("（https://shop.example/隐私），1.0.0 2026-10-29", ["https://shop.example/隐私"]),
        ("No contact: javascript:alert(1), http://a.example, a @ b, 5 + 3 000", []),
    ],
)


def test_the_sites_own_telephone_is_a_link_however_it_is_written() -> None:
    for telephone, address in (("400-123-4567", "tel:4001234567"), ("(021) 1234 5678", "tel:02112345678")):
        assert [node[1]["href"] for node in linked(f"电话：{telephone}。", telephone)[1:2]] == [address]  # type: ignore[index]
    assert linked("请在工作日致电", "请在工作日致电") == ["请在工作日致电"]


@CONTACTS
def test_each_contact_in_a_text_is_a_link_and_the_text_stays_whole(text: str, addresses: list[str]) -> None:
    nodes = linked(text)

    assert "".join(node if isinstance(node, str) else str(node[-1]) for node in nodes) == text
    assert [node[1]["href"] for node in nodes if not isinstance(node, str)] == addresses  # type: ignore[index]
