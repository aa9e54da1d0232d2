"""What a change of the notice calls for: silence, telling, or asking again."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from consent_widget import Text
from consent_widget.choice.policy import decision, permits, permits_service, undecided
from consent_widget.notice.changes import asked_again, changes, entries_since, gravest
from consent_widget.notice.diff import lines
from consent_widget.notice.fields import ChangeClass
from consent_widget.notice.model import Notice
from consent_widget.notice.news import make_news
from consent_widget.notice.publishing import Version

from ..support.changing import TABLE, TODAY, both, chosen, edited

BASE = edited()
CHANGES: dict[str, Any] = TABLE["changes"]


def change_class(before: Notice, after: Notice) -> ChangeClass:
    return gravest(changes(before, after), entries_since(before, after))


def changed(name: str) -> Notice:
    return edited(*CHANGES[name]["edits"], version="1.1.0")


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: f"{row['change']} · {row['choice']}")
def test_what_survives_a_change_and_what_is_asked(row: dict[str, Any]) -> None:
    after, state = changed(row["change"]), chosen(BASE, row["choice"])
    standing = {key: decision(option, state, TODAY) for key, option in after.options.items()}

    def permitted(key: str) -> bool:
        purpose, _, recipient = key.partition(":")
        return permits(after, state, purpose, gpc=False, today=TODAY, recipient=recipient or None)

    assert [key for key in after.options if permitted(key)] == in_order(after, row["survives"])
    assert {key for key, found in standing.items() if found and not found.granted} == set(row["refused"])
    asked = {key for key, found in standing.items() if found is None}
    assert {key for key in asked if "@" not in key} == set(row["asked"])
    assert {key.partition("@")[0] for key in asked if "@" in key} <= set(row["asked"])  # a service follows its purpose
    assert bool(undecided(after, state, TODAY)) is row["layer"]
    news = make_news(after, None, [Version(BASE, BASE.digest, 1), Version(after, after.digest, 2)])
    told = news.get(state.notice) if state else None
    assert bool(told and told.worth_telling and not row["layer"]) is row["bar"]


def in_order(notice: Notice, keys: list[str]) -> list[str]:
    return [key for key in notice.options if key in keys]


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(TABLE["rows"]) >= 40


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_has_its_class_and_asks_again_exactly_what_has_another_fingerprint(name: str) -> None:
    after = changed(name)
    found = changes(BASE, after)

    assert change_class(BASE, after) == CHANGES[name]["class"]
    assert sorted(key for each in found for key in each.asked) == sorted(CHANGES[name]["asked"])
    assert set(asked_again(BASE, after)) == {
        key
        for key, each in after.options.items()
        if each.service is None and each.fingerprint not in {old.fingerprint for old in BASE.options.values()}
    }
    for each in found:
        assert (each.change_class == "consent") is bool(each.asked), each


def test_every_change_in_a_notice_is_found() -> None:
    court = {"id": "court", "label": both("Court"), "description": both("On order.")}
    service = {"id": "tally", "name": "Tally", "company": "Tally", "country": "NL", "purposes": ["necessary"]}
    edits: list[tuple[Any, ...]] = [
        ("circumstances", "+", court), ("disclosures", "+", court), ("services", "+", service),
        ("first_layer_title", both("x")), ("first_layer_body", both("x")), ("child_body", both("x")),
        ("controller.phone", "+86 1"), ("title", both("x")), ("lifetime_days", 90), ("prevailing_locale", "en"),
        ("purposes.analytics.if_refused", both("x")), ("purposes.analytics.necessity", both("x")),
        ("purposes.analytics.legal_basis", {"gdpr": "6"}), ("purposes.analytics.gpc_opt_out", True),
        ("recipients.acme.name", "Acme & Co"), ("recipients.acme.rights", "Ask"), ("recipients.acme.data", []),
        ("recipients.acme.transfer", "standard_contract"), ("recipient_classes.partners.role", "processor"),
        ("country", "US"),
        ("data.usage_info.sensitive", True), ("data.device_info.examples", [both("x")]),
        ("recipient_classes.partners.functions", [both("x")]), ("recipient_classes.partners.label", both("x")),
        ("groups.marketing.label", both("x")), ("sections.about.title", both("x")),
    ]  # fmt: skip
    for path, value, *part in edits:
        extra = [("purposes.analytics.impact", both("x"))] if path.endswith("necessity") else []
        (found, *_) = changes(BASE, edited((path, value, *part), *extra))
        assert found.where == (f"{path}.{part[0]['id']}" if part else path)
        assert found.after is not None or value == [], path
    told_apart = {"id", "version", "effective", "changes", "locales", "facts", "records_months"}
    assert {path.partition(".")[0] for path, *_ in edits} == {each.name for each in fields(Notice)} - told_apart


def test_a_service_that_no_longer_names_its_recipient_needs_a_new_answer() -> None:
    acme = {"id": "acme_ads", "name": "Acme", "recipient_class": "partners", "company": "Acme", "contact": "p@a.example",
            "country": "US", "means": "By wire", "data": ["usage_info"], "purposes": ["analytics"]}  # fmt: skip
    alone = {"id": "tag", "name": "Tag", "company": "Acme", "country": "US", "purposes": ["analytics"]}
    before = edited(("recipients", "+", acme), services=[alone | {"recipient": "acme_ads"}])
    after = edited(("recipients", "+", acme), services=[alone], version="1.1.0")
    state = chosen(before, "accept_all")  # which leaves the recipient off

    assert not permits_service(before, state, "tag", gpc=False, today=TODAY)
    assert not permits_service(after, state, "tag", gpc=False, today=TODAY)
    assert [(each.where, each.asked) for each in changes(before, after)] == [("services.tag.recipient", ("analytics",))]


def test_the_text_before_and_after_is_there_in_every_locale() -> None:
    (found,) = changes(BASE, edited(("purposes.analytics.retention", {"zh-CN": "两年。", "en": "Two years."})))

    assert found.where == "purposes.analytics.retention"
    assert found.title == BASE.purposes[2].label
    assert found.before == {"zh-CN": "最长十三个月。", "en": "Thirteen months at most."}
    assert found.after == {"zh-CN": "两年。", "en": "Two years."}


def test_ids_are_shown_by_their_names() -> None:
    (found,) = changes(BASE, changed("data"))

    assert found.after
    assert found.after["en"] == "Device information, Browsing information, Settings"
    assert "、" in found.after["zh-CN"]


def test_wording_and_meaning_that_change_together_are_classed_separately() -> None:
    found = changes(BASE, edited(*CHANGES["purpose_wording"]["edits"], *CHANGES["data"]["edits"]))

    assert [(each.where, each.change_class) for each in found] == [
        ("purposes.analytics.data", "consent"),
        ("purposes.analytics.label", "editorial"),
        ("purposes.analytics.description", "editorial"),
    ]


def test_an_added_language_is_no_difference(minimal: Notice) -> None:
    before = edited(locales=["en"], **only_english())

    assert {each.where for each in changes(before, BASE)} == {"locales"}
    assert change_class(before, BASE) == "editorial"


def test_an_added_language_asks_nobody_again_about_a_recipient() -> None:
    chinese = {"zh-CN": "通过专线传送", "en": "By wire"}
    both_told = edited(("recipients.acme.means", chinese))

    assert asked_again(both_told.offered_in(("zh-CN",)), both_told) == ()


def test_what_is_removed_while_a_language_is_added_is_named_in_both() -> None:
    (gone, _) = changes(edited().offered_in(("en",)), edited(("purposes.event", None)))

    assert gone.where == "purposes.event"
    assert gone.title == Text(both("Event"))


def only_english() -> dict[str, Any]:
    from ..support.changing import raw

    def only(value: Any) -> Any:
        if isinstance(value, dict):
            return value["en"] if set(value) == {"zh-CN", "en"} else {k: only(v) for k, v in value.items()}
        return [only(each) for each in value] if isinstance(value, list) else value

    return {k: v for k, v in only(raw()).items() if k not in ("locales", "version", "effective")}


def entry(change_class: str, version: str = "1.1.0", **more: Any) -> dict[str, Any]:
    return {"version": version, "date": "2026-12-01", "change_class": change_class, "summary": both("So it is.")} | more


def test_a_site_may_raise_the_class_of_a_change_and_never_lower_it() -> None:
    wording, meaning = CHANGES["purpose_wording"]["edits"], CHANGES["data"]["edits"]

    assert change_class(BASE, edited(*wording, version="1.1.0", changes=[entry("notice")])) == "notice"
    assert change_class(BASE, edited(*meaning, version="1.1.0", changes=[entry("editorial")])) == "consent"


def test_only_entries_for_later_versions_count() -> None:
    old = edited(changes=[entry("notice", "1.0.0")])

    assert (
        entries_since(old, edited(version="1.1.0", changes=[entry("editorial"), entry("notice", "1.0.0")]))[0].version
        == "1.1.0"
    )
    assert (
        change_class(old, edited(version="1.1.0", changes=[entry("editorial"), entry("notice", "1.0.0")]))
        == "editorial"
    )


def test_a_successor_is_always_told() -> None:
    after = edited(
        version="1.1.0", changes=[entry("editorial", successor={"name": "Beta", "contact": "p@beta.example"})]
    )

    assert change_class(BASE, after) == "notice"
    assert after.changes[0].successor
    assert after.changes[0].successor.name == Text(both("Beta"))


def test_visitors_who_missed_a_version_are_told_of_all_changes_since() -> None:
    second = edited(("purposes.analytics.retention", both("Two years.")), version="1.1.0")
    third = edited(
        ("purposes.analytics.retention", both("Two years.")), ("purposes.analytics.label", both("x")), version="1.2.0"
    )
    news = make_news(third, None, [Version(each, each.digest, n) for n, each in enumerate((BASE, second, third))])

    assert [news[each.digest[:8]].change_class for each in (BASE, second)] == ["notice", "editorial"]
    assert third.digest[:8] not in news


def test_lines_for_the_terminal_show_class_place_title_and_both_texts() -> None:
    assert lines(changes(BASE, changed("retention"))) == [
        "notice    purposes.analytics.retention  (访问统计 / Visit statistics)",
        "    - [zh-CN] 最长十三个月。",
        "    + [zh-CN] Two years.",
        "    - [en] Thirteen months at most.",
        "    + [en] Two years.",
    ]


def told(path: str, before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What is told of one text, without the line that says where it is."""
    return lines(changes(edited((path, before)), edited((path, after))))[1:]


def test_of_a_text_only_what_changed_is_shown_word_by_word_and_in_chinese_character_by_character() -> None:
    long = "Statistics of the site are kept by us for {} months after the visit, and then they are deleted for good."
    chinese = "统计信息在访问结束后由本网站保存{}个月，期满后予以删除，不再用于任何其他用途，也不会提供给任何人。"

    assert told(
        "purposes.analytics.retention",
        {"zh-CN": chinese.format("十二"), "en": long.format("twelve")},
        {"zh-CN": chinese.format("十三"), "en": long.format("thirteen")},
    ) == [
        "    [zh-CN] 统计信息在访问结束后由本网站保存十[-二-]{+三+}个月，期满后予以删除，不再用于任何其他用途，也不…",
        "    [en] …are kept by us for [-twelve-]{+thirteen+} months after the …",
    ]


def test_a_language_in_which_nothing_changed_is_not_shown() -> None:
    before = {"zh-CN": "保存十二个月。", "en": "Kept for twelve months."}

    assert told("purposes.analytics.retention", before, before | {"en": "Kept for thirteen months."}) == [
        "    [en] Kept for [-twelve-]{+thirteen+} months."
    ]


def test_the_same_words_with_another_meaning_are_not_repeated() -> None:
    shown = lines(changes(BASE, edited(("purposes.analytics.revision", 2))))

    assert shown == [
        "consent   purposes.analytics.revision  asks again: analytics  (访问统计 / Visit statistics)",
        "    the words are the same, and mean something else now",
    ]
