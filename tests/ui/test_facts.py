"""What a visitor is told about a purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consent_widget import Cookie
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Service
from consent_widget.text import Text
from consent_widget.ui.facts import facts
from consent_widget.ui.node import html
from consent_widget.ui.services import service_list
from consent_widget.ui.view import View

SERVICE = Service(
    id="tally",
    name=Text({"zh-CN": "统计", "en": "Tally"}),
    company="Tally Ltd",
    country="CN",
    purposes=("data_analytics",),
)


def told(notice: Notice, locale: str, purpose: str) -> str:
    (found,) = (each for each in notice.purposes if each.id == purpose)
    return str(html(facts(View(notice, locale), found)))


@pytest.mark.parametrize(
    ("locale", "why", "refuse"),
    [("en", "Why it cannot be switched off", "If you refuse"), ("zh-CN", "为什么不能关闭", "如果拒绝")],
)
def test_what_cannot_be_refused_says_why_instead_of_what_refusing_means(
    shop: Notice, locale: str, why: str, refuse: str
) -> None:
    for purpose in shop.purposes:
        always_on = purpose.control == "always_on"
        text = told(shop, locale, purpose.id)
        assert (why in text) is always_on
        assert (refuse in text) is not always_on


@pytest.mark.parametrize(
    ("locale", "nobody"),
    [("en", "Nobody at present; we name each one first"), ("zh-CN", "目前没有；如需提供，会事先逐一告知您")],
)
def test_where_a_recipient_may_follow_it_is_not_said_that_there_is_none_for_good(
    shop: Notice, locale: str, nobody: str
) -> None:
    for purpose in ("third_party_disclosure", "cross_border_transfer"):
        assert nobody in told(shop, locale, purpose)
    assert nobody not in told(shop, locale, "consent_management")


@pytest.mark.parametrize(
    ("cookies", "storage", "lines"),
    [
        ((), (), ["Cookies: None"]),
        ((), ("tally",), ["Local storage: tally"]),
        ((Cookie(name="t", duration=Text({"zh-CN": "90 天", "en": "90 days"})),), (), ["Cookies: t (90 days)"]),
        ((Cookie(name="t"), Cookie(name="u")), ("tally",), ["Cookies: t · u", "Local storage: tally"]),
    ],
)
def test_a_service_says_of_each_name_where_it_is_stored(
    shop: Notice, cookies: tuple[Cookie, ...], storage: tuple[str, ...], lines: list[str]
) -> None:
    notice = replace(shop, services=(replace(SERVICE, cookies=cookies, storage=storage),))
    (purpose,) = (each for each in notice.purposes if each.id == "data_analytics")
    text = "".join(str(html(node)) for node in service_list(View(notice, "en"), purpose, None))
    assert [line for line in lines if f">{line}<" not in text] == []
    assert text.count("Cookies") + text.count("Local storage") == len(lines)


def test_a_guardian_who_can_refuse_it_reads_what_refusing_means(shop: Notice) -> None:
    (purpose,) = (each for each in shop.purposes if each.id == "service_delivery")
    text = str(html(facts(View(shop, "en"), purpose, asked=True)))
    assert "If you refuse" in text
    assert "Why it cannot be switched off" not in text
