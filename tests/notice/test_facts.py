"""What the shipped notices say of the site's own conduct, and how the site confirms it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from consent_widget import NoticeError, read_notice
from consent_widget.notice.check import texts_in
from consent_widget.notice.facts import warnings
from consent_widget.notice.model import Notice
from consent_widget.text import Text

from ..conftest import CONTROLLER, MakeApp

#: Words of conduct that no software sees to.
CONDUCT = re.compile(
    r"encrypt|licensed|anonymis|irreversibl|months|years|\d days|we do not sell|加密|持牌|匿名|不可逆|个月|年|\d 天|不出售",
    re.IGNORECASE,
)


def test_each_text_of_the_shop_about_its_own_conduct_is_listed(shop: Notice) -> None:
    texts = dict(texts_in(shop))

    assert set(shop.facts) <= texts.keys()
    assert {f"purposes.{purpose.id}.retention" for purpose in shop.purposes} <= set(shop.facts)
    for word in ("encrypt", "licensed", "irreversible", "sell your"):
        found = [place for place, text in texts.items() if word in text["en"] and "sharing_gpc" not in place]
        assert found, word
        assert set(found) <= set(shop.facts), word


def test_the_minimal_notice_asserts_nothing(minimal: Notice) -> None:
    own = {"first_layer_body", "purposes.necessary.retention"}  # how long a choice lasts: the widget sees to that
    own |= {f"purposes.{id}.retention" for id in ("functional", "analytics", "marketing")}
    found = {
        place
        for place, text in texts_in(minimal)
        if any(map(CONDUCT.search, text.values())) and not place.startswith("controller.")
    }

    assert not minimal.facts
    assert list(warnings(minimal)) == []
    assert found <= own
    for place in own:
        assert "180 days" in dict(texts_in(minimal))[place]["en"]


def test_check_lists_what_is_not_confirmed_and_start_up_does_not_mind(make_app: MakeApp, tmp_path: Path) -> None:
    run = make_app(CONSENT_NOTICE="shop").test_cli_runner()
    file = tmp_path / "mine.toml"
    run.invoke(args=["consent", "init", "--from", "shop", str(file)])
    fresh = run.invoke(args=["consent", "check", str(file)])
    place = "purposes.payment_processing.impact"

    assert fresh.exit_code == 0
    assert f"{len(read_notice(file, CONTROLLER).facts)} facts you assert are not confirmed" in fresh.stderr
    assert place in fresh.stderr
    assert "only licensed payment institutions" in fresh.stderr
    assert "我们只委托持牌支付机构处理" in fresh.stderr

    file.write_text(file.read_text("utf-8").replace(f'"{place}" = ""', f'"{place}" = "2026-12-01"'), "utf-8")
    assert place not in run.invoke(args=["consent", "check", str(file)]).stderr


def test_check_lists_them_for_the_notice_in_use_too(make_app: MakeApp, shop: Notice) -> None:
    run = make_app(CONSENT_NOTICE=shop).test_cli_runner()

    assert run.invoke(args=["consent", "publish"]).exit_code == 0
    assert "facts you assert" in run.invoke(args=["consent", "check"]).stderr


def test_confirming_a_fact_is_no_new_version(shop: Notice) -> None:
    confirmed = replace(shop, facts=dict.fromkeys(shop.facts, "2026-12-01"))

    assert confirmed.digest == shop.digest
    assert "facts" not in shop.text
    assert list(warnings(confirmed)) == []


def test_a_fact_is_confirmed_by_a_day(shop: Notice) -> None:
    with pytest.raises(NoticeError, match=r"facts\.purposes\.x\.retention: not a date"):
        replace(shop, facts={"purposes.x.retention": "yes"})


def test_check_says_where_a_listed_text_is_gone(shop: Notice) -> None:
    assert any(
        "facts.data.gone: there is no such text." in each for each in warnings(replace(shop, facts={"data.gone": ""}))
    )


@pytest.mark.parametrize("where", ["purposes.marketing.description", "groups.marketing.description"])
def test_check_finds_a_text_that_speaks_of_separate_consent_where_none_is_needed(minimal: Notice, where: str) -> None:
    name, id, _ = where.split(".")
    promising = Text({"zh-CN": "须经您单独同意。", "en": "It needs your separate consent."})
    parts = (replace(each, description=promising) if each.id == id else each for each in getattr(minimal, name))
    found = f'{where}: speaks of separate consent, and purposes.marketing has consent = "ordinary". Change one of them.'

    assert list(warnings(replace(minimal, **{name: tuple(parts)}))) == [found]  # type: ignore[arg-type]
