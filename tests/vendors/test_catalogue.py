"""Every file of the catalogue says what it has to say, in both languages, and nothing that could be misused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from consent_widget.cli.group import commands
from consent_widget.notice.catalogued import OF_THE_TAG, catalogued
from consent_widget.notice.parts import Service
from consent_widget.service.command import main
from consent_widget.vendors.catalogue import all_vendors, read_vendor, similar_ids, vendor_ids
from consent_widget.vendors.lifetimes import lifetime_text
from consent_widget.vendors.model import Call, Vendor
from docs import vendors as page

from ..support.for_each import for_each

HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
#: What ends a string, an attribute, an element, an address or a line; and schemes that run.
HOSTILE = (
    "", " ", '"', "'", "`", "<", ">", "&", "\\", "\n", "\0", "{id}", "${x}", "%22", "#", "?a=b", "//evil.example",
    "javascript:alert(1)", "data:text/html,x", "</script>", "..", "../x", "ａ", "\u2028",
)  # fmt: skip


def placeholders(value: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", json.dumps(value, ensure_ascii=False)))


def addresses(vendor: Vendor) -> Iterator[str]:
    if vendor.tag:
        yield from filter(None, (vendor.tag.script, vendor.tag.first, vendor.tag.frame))


def with_examples(text: str, vendor: Vendor) -> str:
    for name, parameter in vendor.parameters.items():
        text = text.replace(f"{{{name}}}", parameter.example)
    return text


for_each_vendor = for_each(map(read_vendor, vendor_ids()))


def test_there_are_enough_of_them() -> None:
    vendors = list(all_vendors())

    assert len(vendors) >= 70
    assert sum(vendor.country == "CN" for vendor in vendors) >= 25


@for_each_vendor
def test_it_is_named_and_told_in_both_languages(vendor: Vendor) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,39}", vendor.id)
    for text in (vendor.name, vendor.description):
        assert set(text) == {"zh-CN", "en"}
        assert all(each and each == each.strip() for each in text.values())
    assert vendor.description["zh-CN"].endswith("。")
    assert vendor.description["zh-CN"].count("。") == 1, "one sentence"
    assert re.fullmatch(r"[A-Z][^.]*(\.[a-z][^.]*)*\.", vendor.description["en"]), "one sentence"
    assert not re.search(r"[,.;:()] ?", vendor.description["zh-CN"].replace(".com", "")), "Chinese punctuation"


@for_each_vendor
def test_somebody_in_some_country_runs_it(vendor: Vendor) -> None:
    assert vendor.company
    assert re.fullmatch(r"[A-Z]{2}", vendor.country)
    assert vendor.hosts
    assert len(set(vendor.hosts)) == len(vendor.hosts)
    assert [host for host in vendor.hosts if not HOST.fullmatch(with_examples(host, vendor))] == []


@for_each_vendor
def test_what_it_stores_has_a_name_and_a_lifetime(vendor: Vendor) -> None:
    names = [(cookie.name, cookie.host) for cookie in vendor.cookies or ()]
    assert len(set(names)) == len(names)
    for cookie in vendor.cookies or ():
        assert set(lifetime_text(cookie.lifetime)) == {"zh-CN", "en"}
        assert cookie.host is None or HOST.fullmatch(cookie.host)
    for name in [name for name, host in names if host is None] + [key.name for key in vendor.storage or ()]:
        assert re.fullmatch(r"[^\s*;=]{2,}\*?", name), "a pattern that deletes no more than the vendor's own"


@for_each_vendor
def test_that_it_stores_nothing_is_said_by_somebody(vendor: Vendor) -> None:
    said = [fact for fact in vendor.facts if fact.place in ("cookies", "storage")]

    assert [fact.place for fact in said if not fact.verified] == [], "leave the key out where nobody knows"
    assert bool(said) is (vendor.cookies == () or vendor.storage == ())


@for_each_vendor
def test_it_tells_nothing_that_nobody_has_said(vendor: Vendor) -> None:
    """Visitors read these. A name that somebody has seen, with a lifetime that nobody knows, is `unknown`. Of who runs it
    the site's contract says more than we know: `check` asks for it.
    """
    unsaid = {fact.place for fact in vendor.facts if not fact.sources}

    assert unsaid <= {"company", "country"}


@for_each_vendor
def test_a_mark_stands_in_no_other_address_by_chance(vendor: Vendor) -> None:
    for mark in (*vendor.marks.address, *vendor.marks.script):
        assert len(mark) >= 5
        assert mark == mark.strip()


def test_scripts_of_several_vendors_on_one_host_are_told_apart_by_their_marks() -> None:
    tags = [each for each in all_vendors() if each.tag and each.tag.script]
    addresses = {each.id: urlsplit(with_examples(str(each.tag and each.tag.script), each)) for each in tags}
    for vendor in tags:
        address = addresses[vendor.id]
        others = [each for each in tags if each is not vendor and addresses[each.id].hostname == address.hostname]
        for each in (vendor, *others) if others else ():
            found = any(mark in f"{address.path}?{address.query}" for mark in each.marks.address)
            assert found is (each is vendor), (vendor.id, each.id)


def test_a_cookie_that_is_named_after_the_site_is_filled_in() -> None:
    parameters = {"account": "0123456789abcdef", "source": "fedcba9876543210", "host": "napi.growingio.com"}
    entry = catalogued({"use": "growingio", **parameters}, ["en"], ["analytics"])

    assert "0123456789abcdef_gr_*" in [cookie["name"] for cookie in entry["cookies"]]


@for_each_vendor
def test_a_parameter_lets_its_example_through_and_nothing_that_ends_a_text(vendor: Vendor) -> None:
    for name, parameter in vendor.parameters.items():
        assert name == "id" or name not in {field.name for field in fields(Service)} | set(OF_THE_TAG)
        for fitting in (parameter.example, parameter.default):
            assert not fitting or re.fullmatch(parameter.pattern, fitting, re.ASCII)
        for hostile in HOSTILE:
            for value in (hostile, parameter.example + hostile if hostile else hostile, hostile + parameter.example):
                if value not in (parameter.example, parameter.default):
                    assert not re.fullmatch(parameter.pattern, value, re.ASCII), (name, value)


@for_each_vendor
def test_every_parameter_is_used_and_every_placeholder_is_a_parameter(vendor: Vendor) -> None:
    tag = vendor.tag
    used = placeholders(list(addresses(vendor)))
    if tag:
        used |= placeholders([dict(tag.globals), dict(tag.attributes), dict(tag.queue.fields) if tag.queue else {}])
    used |= placeholders([call.call for call in vendor.calls]) | placeholders(vendor.hosts)
    used |= placeholders([cookie.name for cookie in vendor.cookies or ()])

    assert used - {"now", "queue", "purposes", "wait", "element", "done"} == {*vendor.parameters, *vendor.signals}
    assert not set(vendor.parameters) & set(vendor.signals)


@for_each_vendor
def test_its_tag_comes_over_https_from_one_of_its_hosts(vendor: Vendor) -> None:
    hosts = [with_examples(host, vendor) for host in vendor.hosts]
    for address in addresses(vendor):
        url = urlsplit(with_examples(address, vendor))
        assert url.scheme == "https"
        assert url.hostname in hosts


@for_each_vendor
def test_a_tag_that_the_widget_loads_is_one_that_somebody_has_seen(vendor: Vendor) -> None:
    if vendor.tag and vendor.tag.everywhere:
        assert vendor.tag.script
        assert next(fact for fact in vendor.facts if fact.place == "tag").verified
        assert not any(parameter.each for parameter in vendor.parameters.values())


@for_each_vendor
def test_calls_are_data(vendor: Vendor) -> None:
    def is_data(value: object) -> bool:
        if isinstance(value, dict):
            return all(map(is_data, value.values()))
        return all(map(is_data, value)) if isinstance(value, list) else isinstance(value, str | bool | int)

    def goes_somewhere(call: Call) -> bool:
        return bool(call.to or (vendor.tag and vendor.tag.queue))

    assert all(is_data(list(call.call)) and goes_somewhere(call) for call in vendor.calls)
    assert all(re.fullmatch(r"[\w$.]+", call.to) for call in vendor.calls if call.to)
    assert not vendor.tag or all(is_data(value) for value in vendor.tag.globals.values())


@for_each_vendor
def test_it_is_called_verified_exactly_where_every_fact_is(vendor: Vendor) -> None:
    open_places = [fact.place for fact in vendor.facts if not fact.verified]

    assert vendor.verified is not bool(open_places or vendor.storage_unknown), open_places


@for_each_vendor
def test_every_source_has_its_day_and_covers_something(vendor: Vendor) -> None:
    for source in vendor.sources:
        assert date.fromisoformat(source.date).isoformat() == source.date
        for place in source.of:
            assert any(fact.place == place or fact.place.startswith(f"{place}.") for fact in vendor.facts), place
        assert source.url is None or source.url.startswith("https://")


def test_a_vendor_is_found_by_its_name_in_either_language() -> None:
    assert "baidu_tongji" in similar_ids("百度统计")
    assert "ga4" in similar_ids("google analytics")
    assert similar_ids("zzzz") == []


@pytest.mark.parametrize(("lifetime", "zh", "en"), [
    ("1 year", "1 年", "1 year"), ("13 months", "13 个月", "13 months"), ("30 minutes", "30 分钟", "30 minutes"),
    ("session", "关闭浏览器后失效", "until the browser closes"),
])  # fmt: skip
def test_lifetimes_are_said_as_each_language_says_them(lifetime: str, zh: str, en: str) -> None:
    assert lifetime_text(lifetime) == {"zh-CN": zh, "en": en}


def test_a_lifetime_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="a while"):
        lifetime_text("a while")


def test_the_page_of_the_docs_is_current() -> None:
    text = page.PAGE.read_text("utf-8")

    assert text == page.page(text), "Write it again: python -m docs.vendors"


def run(*arguments: str) -> str:
    """What both commands say: they are the same."""
    mine, service = (CliRunner().invoke(group, ["vendors", *arguments]).output for group in (commands, main))
    assert mine == service
    return mine


def test_the_command_lists_every_vendor() -> None:
    assert [line.split()[0] for line in run().splitlines()] == list(vendor_ids())


def test_the_command_tells_everything_of_one_with_the_age_of_each_fact() -> None:
    text = run("ga4")

    assert 'id = "G-' in text
    assert "cookie   _ga  2 years" in text
    assert "signal   analytics_storage  granted with the service\n" in text
    assert "signal   ad_storage  never granted, unless the notice says" in text
    assert "signal   ad_storage  granted with the service and 'marketing'" in run("gtm")
    assert re.search(r"\d+ days?   cookies\._ga  \[Cookie usage on websites", text)


def test_the_command_tells_what_nobody_has_looked_at_for_long() -> None:
    assert run("ga4", "--older-than", "9999").splitlines()[0].startswith(("no source", "No fact"))
    assert "ga4.cookies._ga" not in run("--older-than", "9999")


def test_the_command_knows_what_may_be_meant() -> None:
    assert "Did you mean 'ga4'?" in run("ga5")
