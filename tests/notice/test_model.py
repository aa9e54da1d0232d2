from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from consent_widget import Change, NoticeError, Recipient, Service, read_notice
from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.text import Text

from ..conftest import CONTROLLER
from ..support.notices import notice_table

ACCEPT_ALL = {
    "personalized_recommendations",
    "marketing_messages",
    "targeted_advertising",
    "marketing_measurement",
    "service_research",
    "data_analytics",
    "service_improvement",
}
GPC_OFF = {
    "targeted_advertising",
    "marketing_measurement",
    "partner_sharing",
    "credit_risk_exchange",
    "third_party_disclosure",
}


def raw(name: str = "minimal") -> dict[str, Any]:
    return notice_table(name)


def both(text: str) -> Text:
    return Text({"zh-CN": text, "en": text})


def test_the_shop_notice_has_the_twenty_two_purposes(shop: Notice) -> None:
    kinds = [purpose.control for purpose in shop.purposes]

    assert (kinds.count("always_on"), kinds.count("opt_in"), kinds.count("just_in_time")) == (7, 9, 6)


def test_accept_all_means_exactly_the_seven_ordinary_opt_ins(shop: Notice) -> None:
    assert {option.key for option in shop.options.values() if option.in_accept_all} == ACCEPT_ALL


def test_the_signal_speaks_of_exactly_five_purposes(shop: Notice) -> None:
    assert {purpose.id for purpose in shop.purposes if purpose.gpc_opt_out} == GPC_OFF


def test_a_notice_cannot_be_changed(shop: Notice) -> None:
    with pytest.raises(FrozenInstanceError):
        shop.version = "2.0.0"  # type: ignore[misc]


def test_the_controller_has_no_default() -> None:
    with pytest.raises(NoticeError, match="controller: nobody is named"):
        read_notice("minimal")


@pytest.mark.parametrize("field", ["name", "address", "email", "phone"])
def test_every_part_of_the_controllers_identity_is_needed(field: str) -> None:
    with pytest.raises(NoticeError, match=f"controller.{field}: is missing"):
        read_notice("minimal", {k: v for k, v in CONTROLLER.items() if k != field})


def test_an_empty_identity_is_no_identity() -> None:
    with pytest.raises(NoticeError, match=r"controller.email: no text for 'zh-CN'"):
        read_notice("minimal", CONTROLLER | {"email": " "})


def test_what_the_notice_says_of_the_controller_must_be_known() -> None:
    with pytest.raises(NoticeError, match=r"speaks of controller\.storage_location, which is not set"):
        read_notice("shop", {k: v for k, v in CONTROLLER.items() if k != "storage_location"})


def test_a_missing_text_is_named_by_purpose_field_and_locale() -> None:
    broken = raw("shop")
    purpose = next(p for p in broken["purposes"] if p["id"] == "data_analytics")
    del purpose["if_refused"]["en"]

    with pytest.raises(NoticeError, match=r"purposes\.data_analytics\.if_refused: no text for 'en'"):
        notice_from(broken, CONTROLLER)


@pytest.mark.parametrize("where", range(200))
def test_no_text_can_go_missing_unnoticed(where: int) -> None:
    broken, texts = raw("shop"), []

    def gather(value: Any, path: str) -> None:
        if isinstance(value, dict) and value.keys() == {"zh-CN", "en"}:
            texts.append((path, value))
        elif isinstance(value, dict):
            for key, item in value.items():
                gather(item, f"{path}.{key}")
        elif isinstance(value, list):
            for n, item in enumerate(value):
                gather(item, f"{path}.{item.get('id', n) if isinstance(item, dict) else n}")

    gather(broken, "")
    path, text = texts[where * len(texts) // 200]
    text["en"] = ""

    with pytest.raises(NoticeError) as caught:
        notice_from(broken, CONTROLLER)
    assert f"{path[1:]}: no text for 'en'" in str(caught.value) or "{zh-CN, en}" in path


@pytest.mark.parametrize(
    ("purpose", "change", "message"),
    [
        ("analytics", {"consent": "separate"}, "only an ordinary opt_in"),
        ("analytics", {"control": "just_in_time"}, "only an ordinary opt_in"),
        ("necessary", {"consent": "ordinary"}, "always_on goes with consent 'none'"),
        ("analytics", {"consent": "maybe"}, "must be one of none, ordinary, separate, single_use"),
        ("analytics", {"data": ["unheard_of"]}, "there is no 'unheard_of'"),
        ("analytics", {"group": "elsewhere"}, "there is no 'elsewhere'"),
        ("analytics", {"id": "Analytics!"}, "an id is lower-case letters"),
        ("analytics", {"id": "marketing"}, "this id is used twice"),
        ("analytics", {"in_acept_all": True}, "is not a field of Purpose"),
        ("analytics", {"gpc_opt_out": "yes"}, "must be true or false"),
        ("analytics", {"revision": 1.5}, "must be a whole number"),
        ("analytics", {"necessity": {"zh-CN": "是", "en": "yes"}}, "both necessity and impact"),
    ],
)
def test_a_contradiction_stops_start_up(purpose: str, change: dict[str, Any], message: str) -> None:
    broken = raw()
    next(p for p in broken["purposes"] if p["id"] == purpose).update(change)

    with pytest.raises(NoticeError, match=message):
        notice_from(broken, CONTROLLER)


def test_a_catch_all_may_not_be_used(shop: Notice) -> None:
    analytics = next(purpose for purpose in shop.purposes if purpose.id == "data_analytics")
    greedy = replace(analytics, data=(*analytics.data, "other_entity_info"))
    purposes = tuple(greedy if purpose is analytics else purpose for purpose in shop.purposes)

    with pytest.raises(NoticeError, match="'other_entity_info' is a catch-all"):
        replace(shop, purposes=purposes)


def test_sensitive_information_needs_necessity_and_impact(shop: Notice) -> None:
    silent = tuple(
        replace(purpose, necessity=None, impact=None) if purpose.id == "identity_verification" else purpose
        for purpose in shop.purposes
    )

    with pytest.raises(NoticeError, match="uses sensitive 'identity_documents'"):
        replace(shop, purposes=silent)


def test_json_and_toml_make_the_same_notice(minimal: Notice, tmp_path: Path) -> None:
    (tmp_path / "notice.json").write_text(json.dumps(raw()), "utf-8")

    assert read_notice(tmp_path / "notice.json", CONTROLLER).digest == minimal.digest


@pytest.mark.parametrize(("text", "message"), [("a = [", "not well formed"), ("locales = 3", "id: is missing")])
def test_a_broken_file_says_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.toml").write_text(text, "utf-8")

    with pytest.raises(NoticeError, match=rf"mine\.toml.*{message}"):
        read_notice(tmp_path / "mine.toml", CONTROLLER)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoticeError, match="cannot be read"):
        read_notice(tmp_path / "nowhere.toml", CONTROLLER)


def test_another_word_is_another_digest_but_the_same_question(minimal: Notice) -> None:
    reworded = replace(minimal, purposes=(*minimal.purposes[:-1], replace(minimal.purposes[-1], label=both("新"))))

    assert reworded.digest != minimal.digest
    assert [option.fingerprint for option in reworded.options.values()] == [
        option.fingerprint for option in minimal.options.values()
    ]


def test_another_meaning_is_another_question_for_that_purpose_alone(minimal: Notice) -> None:
    *others, marketing = minimal.purposes
    wider = replace(minimal, purposes=(*others, replace(marketing, revision=2)))

    changed = {key for key, option in wider.options.items() if option.fingerprint != minimal.options[key].fingerprint}
    assert changed == {"marketing"}


def test_a_new_vendor_is_another_question(minimal: Notice) -> None:
    tally = Service(id="tally", name=both("Tally"), company="Tally Ltd", country="SG", purposes=("analytics",))
    wider = replace(minimal, services=(tally,))

    changed = {key for key, option in minimal.options.items() if option.fingerprint != wider.options[key].fingerprint}
    assert changed == {"analytics"}
    assert wider.options.keys() - minimal.options.keys() == {"analytics@tally"}


def test_a_separate_purpose_is_offered_for_each_named_recipient_only(shop: Notice) -> None:
    acme = Recipient(
        id="acme",
        name=both("Acme"),
        recipient_class="partners",
        company="Acme Ltd",
        contact="privacy@acme.example",
        country="CN",
        means=both("API"),
        data=("order_info",),
        purposes=("partner_sharing",),
    )
    named = replace(shop, recipients=(acme,))

    assert "partner_sharing" not in named.options
    assert named.options["partner_sharing:acme"].recipient == acme
    assert not named.options["partner_sharing:acme"].in_accept_all


def test_markup_in_a_text_is_text() -> None:
    marked = raw()
    marked["title"] = {"zh-CN": "<b>声明</b>", "en": "<script>alert(1)</script>"}

    assert notice_from(marked, CONTROLLER).title["en"] == "<script>alert(1)</script>"


def test_what_changed_is_said_in_every_locale(minimal: Notice) -> None:
    change = Change(version="1.1.0", date="2026-12-01", change_class="notice", summary=both("新"))

    assert replace(minimal, changes=(change,)).digest != minimal.digest
    with pytest.raises(NoticeError, match=r"changes\.0\.summary: no text for 'en'"):
        replace(minimal, changes=(replace(change, summary=Text({"zh-CN": "新"})),))
    with pytest.raises(NoticeError, match=r"changes\.1\.date: not a date"):
        replace(minimal, changes=(change, replace(change, date="tomorrow")))


@pytest.mark.parametrize(
    "date",
    [
        "20260101", "2026-W01-1", "2026W011", "2026-1-1", "2026-01-1", "26-01-01", " 2026-01-01", "2026-01-01\n",
        "2026/01/01", "2026-01-01T00:00:00", "2026-001", "2026-02-29", "2026-13-01", "２０２６-01-01", "2026-01-01Z",
        "-2026-01-01", "", 20260101,
    ],
)  # fmt: skip
def test_a_date_has_one_spelling(minimal: Notice, date: Any) -> None:
    change = Change(version="1.1.0", date="2026-12-01", change_class="notice", summary=both("新"))

    with pytest.raises(NoticeError, match=r"effective: not a date\. Write it as YYYY-MM-DD"):
        replace(minimal, effective=date)
    with pytest.raises(NoticeError, match=r"changes\.0\.date: not a date"):
        replace(minimal, changes=(replace(change, date=date),))


def test_a_notice_can_be_offered_in_some_of_its_languages(shop: Notice) -> None:
    english = shop.offered_in(("en",))
    turned = shop.offered_in(("en", "zh-CN"))

    assert (english.locales, turned.locales) == (("en",), ("en", "zh-CN"))
    assert set(english.title) == set(english.purposes[0].label) == set(english.sections[0].paragraphs[0].text) == {"en"}
    assert [option.fingerprint for option in english.options.values()] == [
        option.fingerprint for option in shop.options.values()
    ]
    assert len({shop.digest, english.digest, turned.digest}) == 3


def test_a_locale_that_is_not_offered_does_not_prevail(shop: Notice) -> None:
    chinese = replace(shop, prevailing_locale="zh-CN")

    assert chinese.offered_in(("en",)).prevailing_locale is None
    assert chinese.offered_in(("en", "zh-CN")).prevailing_locale == "zh-CN"


def test_a_language_that_a_notice_does_not_have_cannot_be_offered(shop: Notice) -> None:
    with pytest.raises(NoticeError, match=r"there is no 'fr'\. The notice has: zh-CN, en"):
        shop.offered_in(("fr",))
