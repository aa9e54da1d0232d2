"""`use = "ga4"` in a notice: the service is written out from the catalogue, and the notice holds what visitors read."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from consent_widget import NoticeError
from consent_widget.notice import catalogued
from consent_widget.notice.changes import changes
from consent_widget.notice.facts import warnings
from consent_widget.notice.file import notice_from, stored_notice
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Service
from consent_widget.text import Text
from consent_widget.vendors.catalogue import read_vendor
from consent_widget.vendors.model import Vendor

from ..conftest import CONTROLLER, MakeApp
from ..support.notices import notice_table

GA4 = {"use": "ga4", "id": "G-ABC123DEF4"}


def notice_using(*services: Mapping[str, Any], **fields: Any) -> Notice:
    return notice_from(notice_table("minimal") | {"services": list(services)} | fields, CONTROLLER)


def service_of(*services: Mapping[str, Any], **fields: Any) -> Service:
    return notice_using(*services, **fields).services[0]


def in_catalogue(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """From now on the catalogue says this of Google Analytics."""
    newer: Vendor = replace(read_vendor("ga4"), **changed)
    monkeypatch.setattr(catalogued, "read_vendor", lambda _: newer)


def test_a_line_says_who_it_is_where_it_is_and_what_it_stores() -> None:
    vendor, service = read_vendor("ga4"), service_of(GA4)

    assert (service.id, service.company, service.country) == ("ga4", vendor.company, "US")
    assert service.purposes == ("analytics",)
    assert service.name == vendor.name
    assert service.description == vendor.description
    assert service.hosts == vendor.hosts
    duration = next(cookie.duration for cookie in service.cookies if cookie.name == "_ga")
    assert duration == {"zh-CN": "2 年", "en": "2 years"}


def test_every_key_can_be_said_in_the_sites_own_words() -> None:
    own: dict[str, Any] = {
        "company": "Google Ireland Limited",
        "country": "IE",
        "purposes": ["marketing"],
        "hosts": ["stats.example"],
        "cookies": [{"name": "_own"}],
        "storage": ["own"],
        "name": {"zh-CN": "谷歌", "en": "Google"},
        "description": {"en": "Counts."},
    }
    service = service_of(GA4 | own)

    assert (service.company, service.country, service.purposes) == ("Google Ireland Limited", "IE", ("marketing",))
    assert (service.hosts, service.storage) == (("stats.example",), ("own",))
    assert [cookie.name for cookie in service.cookies] == ["_own"]
    assert service.name == {"zh-CN": "谷歌", "en": "Google"}
    assert service.description == {**read_vendor("ga4").description, "en": "Counts."}, "the other language is kept"


def test_a_notice_in_one_language_takes_the_texts_of_that_one() -> None:
    table = notice_table("minimal") | {"locales": ["en"], "prevailing_locale": "en"}

    def english(value: Any) -> Any:
        if isinstance(value, dict):
            return value["en"] if {"zh-CN", "en"} == set(value) else {key: english(item) for key, item in value.items()}
        return [english(item) for item in value] if isinstance(value, list) else value

    notice = notice_from(english(table) | {"services": [GA4]}, english(CONTROLLER))

    assert notice.services[0].name == {"en": "Google Analytics 4"}


@pytest.mark.parametrize(("locale", "words"), [
    ("en-GB", "2 years"), ("zh", "2 年"), ("zh-Hans", "2 年"), ("zh-Hans-SG", "2 年"), ("zh-TW", None), ("fr", None),
])  # fmt: skip
def test_a_locale_is_spoken_to_in_the_words_that_its_readers_read(locale: str, words: str | None) -> None:
    entry = catalogued.catalogued(GA4, [locale], ["analytics"])

    assert entry["cookies"][0]["duration"] == ({locale: words} if words else {})


def test_a_language_that_the_catalogue_lacks_is_written_by_the_site() -> None:
    table = notice_table("minimal")
    with pytest.raises(NoticeError, match=r"services\.ga4\.description"):
        notice_from(table | {"services": [GA4], "locales": [*table["locales"], "fr"]}, CONTROLLER)


def test_one_vendor_twice_gets_two_names() -> None:
    notice = notice_using(GA4, GA4 | {"as": "ga4_shop", "id": "G-SECOND1"})

    assert [service.id for service in notice.services] == ["ga4", "ga4_shop"]
    assert "marketing@ga4_shop" in notice_using(GA4 | {"as": "ga4_shop", "purposes": ["marketing"]}).options


WRONG: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a vendor that is not there": ({"use": "gaa4"}, r"no vendor 'gaa4'\. Did you mean 'ga4'"),
    "a vendor by its name": ({"use": "Google Analytics"}, r"Did you mean 'ga4'"),
    "a vendor that is no text": ({"use": 4}, r"no vendor 4\."),
    "a path": ({"use": "../vendors/ga4"}, r"no vendor '\.\./vendors/ga4'"),
    "a film": (
        {"use": "youtube", "video": "x"},
        r'services\.youtube\.video: .* \{\{ consent_embed\("youtube", video="',
    ),
    "no number": ({"use": "ga4"}, r'services\.ga4\.id: is missing\. Write it .* id = "G-'),
    "another kind of number": ({"use": "ga4", "id": "UA-1234"}, r'services\.ga4\.id: is not .* id = "G-'),
    "a number that ends a string": ({"use": "ga4", "id": 'G-A"</script>'}, r"services\.ga4\.id: is not"),
    "a number with an end of line": ({"use": "ga4", "id": "G-ABC123\n"}, r"services\.ga4\.id: is not"),
    "a number in other letters": ({"use": "ga4", "id": "G-ＡＢＣ１２３"}, r"services\.ga4\.id: is not"),
    "a script that runs": (GA4 | {"script": "javascript:alert(1)"}, r"services\.ga4\.script: is no address.*/metrics/"),
    "a script without a path": (GA4 | {"script": "metrics"}, r"services\.ga4\.script: is no address"),
    "a script of anybody": (GA4 | {"script": "//evil.example/x"}, r"services\.ga4\.script: is no address"),
    "a script that ends an attribute": (GA4 | {"script": '/x">'}, r"services\.ga4\.script: is no address"),
    "a script in the open": (GA4 | {"script": "http://a.example/x"}, r"services\.ga4\.script: is no address"),
    "a misspelt key": (GA4 | {"contry": "IE"}, r"services\.ga4\.contry: is not a field of Service"),
    "a purpose that is not there": (GA4 | {"purposes": ["data"]}, r"services\.ga4\.purposes: there is no 'data'"),
    "twice under one name": (GA4, r"services\.ga4: this id is used twice"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_and_how_to_write_it(case: str) -> None:
    entry, message = WRONG[case]
    others = [GA4] if "twice" in case else []

    with pytest.raises(NoticeError, match=message):
        notice_using(entry, *others)


def test_a_notice_without_the_usual_purpose_is_asked_for_one() -> None:
    table = notice_table("shop") | {"services": [GA4], "country": "US"}

    with pytest.raises(NoticeError, match=r"services\.ga4\.purposes: is missing.*data_analytics"):
        notice_from(table, CONTROLLER)


def test_the_law_on_transfers_holds_for_it() -> None:
    with pytest.raises(NoticeError, match=r"services\.ga4\.transfer: is missing\. It is abroad \(country 'US'"):
        notice_using(GA4, country="DE")
    with pytest.raises(NoticeError, match=r"services\.ga4: is abroad \(US\), so it needs separate consent by name"):
        notice_using(GA4, country="CN")

    assert service_of(GA4 | {"transfer": "adequacy"}, country="DE").transfer == "adequacy"


def pasted(table: dict[str, Any], message: str) -> dict[str, Any]:
    """The notice with the lines of the error in it, as somebody would paste them who knows what to write for each `…`."""
    lines = message.split("\n\n", 1)[1].replace('contact = "…"', 'contact = "privacy@vendor.example"')
    changes, _, added = lines.replace('transfer = "…"', 'transfer = "standard_contract"').partition("\n\n")
    for line in changes.splitlines():
        where, _, fields = line.partition(": ")
        name, id = where.split(".")
        fields = tomllib.loads(re.sub(r", (?=\w+ = )", "\n", fields))
        table[name] = [each | fields if each.get("use", each.get("id")) == id else each for each in table[name]]
    for name, parts in tomllib.loads(added).items():
        table[name] = [*table.get(name, []), *parts]
    return table


HOME = {"id": "home", "name": "Home", "company": "本地公司", "country": "CN", "purposes": ["analytics"]}


@pytest.mark.parametrize("others", [[], [HOME]], ids=["alone", "beside a service at home"])
def test_in_china_the_error_has_the_lines_to_paste(others: list[Any]) -> None:
    table = notice_table("minimal") | {"services": [GA4, *others], "country": "CN"}
    with pytest.raises(NoticeError, match="needs separate consent by name") as error:
        notice_from(table, CONTROLLER)

    notice = notice_from(pasted(table, str(error.value)), CONTROLLER)
    (recipient,) = notice.recipients
    assert (recipient.id, recipient.company, recipient.country) == ("ga4", "Google LLC", "US")
    assert recipient.data == ("device_info", "usage_info")
    assert recipient.means["zh-CN"]
    key = "analytics:ga4" if not others else "analytics_by_name:ga4"
    assert not notice.options[key].in_accept_all
    assert ("analytics" in notice.options) is bool(others), "at home it stays as it was"


def test_the_kept_text_is_whole_and_needs_no_catalogue() -> None:
    notice = notice_using(GA4)
    kept = stored_notice(notice.text, notice.digest)

    assert kept is not None
    assert kept.digest == notice.digest
    assert kept.services[0].company == "Google LLC"
    assert kept.services[0].use is None
    assert "G-ABC123DEF4" not in notice.text, "the site's number at the vendor is no part of what visitors read"
    assert "use" not in json.loads(notice.text)["services"][0]


def test_another_number_at_the_vendor_is_the_same_text_for_visitors() -> None:
    assert notice_using(GA4).digest == notice_using(GA4 | {"id": "G-OTHER1"}).digest


NEWER: Mapping[str, tuple[Mapping[str, Any], bool]] = {
    "who runs it": ({"company": "Google Ireland Limited"}, True),
    "a cookie": ({"cookies": ()}, True),
    "a host": ({"hosts": ("other.example",)}, True),
    "who says so": ({"sources": (), "verified": True}, False),
    "how it is loaded": ({"tag": None, "calls": ()}, False),
}


@pytest.mark.parametrize("case", NEWER)
def test_a_newer_catalogue_changes_the_digest_exactly_where_visitors_see_it(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, seen = NEWER[case]
    before = notice_using(GA4)
    in_catalogue(monkeypatch, **changed)
    after = notice_using(GA4)

    assert (before.digest != after.digest) is seen
    assert bool(changes(before, after)) is seen


def test_a_new_company_behind_a_tag_asks_visitors_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = notice_using(GA4)
    in_catalogue(monkeypatch, company="Somebody else Ltd")

    assert [each.where for each in changes(before, notice_using(GA4)) if each.asked] == ["services.ga4.company"]


@pytest.fixture
def published(make_app: MakeApp, tmp_path: Path) -> Any:
    """A site that has published a notice with Google Analytics; it starts anew at each call."""
    settings: dict[str, Any] = {"CONSENT_DATABASE": f"sqlite:///{tmp_path}/consent.sqlite", "CONSENT_REGION": "US"}

    def start(entry: Mapping[str, Any] = GA4, **fields: Any) -> Flask:
        return make_app(CONSENT_NOTICE=notice_using(entry, **fields), **settings)

    assert "Published" in start().test_cli_runner().invoke(args=["consent", "publish"]).output
    return start


def test_a_newer_catalogue_neither_changes_a_published_text_nor_stops_the_site(
    published: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    digest = published().extensions["consent_widget"].notice.digest
    caplog.clear()
    in_catalogue(monkeypatch, company="Somebody else Ltd")
    with caplog.at_level(logging.WARNING):
        app = published()

    assert app.extensions["consent_widget"].notice.digest == digest
    assert "keeps the text that is published" in caplog.text
    assert "services.ga4.company" in caplog.text
    assert "+ [en] Somebody else Ltd" in caplog.text


def test_what_was_unknown_when_it_was_published_is_told_as_it_was(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = published(GA4).extensions["consent_widget"].notice.digest
    in_catalogue(monkeypatch, cookies=None, storage=None)

    assert published(GA4).extensions["consent_widget"].notice.digest == digest


def test_diff_says_that_the_catalogue_is_newer_and_a_new_version_takes_it_in(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_catalogue(monkeypatch, company="Somebody else Ltd")
    same = published().test_cli_runner().invoke(args=["consent", "diff"])
    raised = published(version="2.0.0", effective="2999-01-01").test_cli_runner().invoke(args=["consent", "diff"])

    assert same.exit_code == 1
    assert "That comes from the catalogue of vendors, not from your file" in same.output
    assert raised.exit_code == 0
    assert "consent   services.ga4.company  asks again: analytics" in raised.output


def test_what_the_site_changes_itself_still_needs_a_new_version(published: Any) -> None:
    with pytest.raises(NoticeError, match="take back what was changed"):
        published(GA4 | {"purposes": ["marketing"]})
    with pytest.raises(NoticeError, match="take back what was changed"):
        published(GA4 | {"company": "Somebody else Ltd"})


def test_visitors_read_what_it_does_and_where_each_cookie_is(make_app: MakeApp) -> None:
    elsewhere = {"name": "IDE", "host": "doubleclick.net", "duration": {"zh-CN": "13 个月", "en": "13 months"}}
    notice = notice_using(GA4 | {"cookies": [{"name": "_ga"}, elsewhere]})
    client = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US").test_client()
    page = client.get("/consent/preferences?lang=en").text

    assert read_vendor("ga4").description["en"] in page
    assert "IDE (13 months, doubleclick.net)" in page
    assert read_vendor("ga4").description["zh-CN"] in client.get("/consent/notice?lang=zh-CN").text


@pytest.mark.parametrize(("locale", "heading"), [("en", "Service"), ("zh-CN", "服务")])
def test_the_statement_lists_services_with_what_each_does(make_app: MakeApp, locale: str, heading: str) -> None:
    text = {"zh-CN": "我们使用下列服务。", "en": "We use these services."}
    section = {"id": "services", "title": text, "paragraphs": [{"id": "listed", "text": text, "list": "services"}]}
    notice = notice_using(GA4, sections=[section])
    client = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US").test_client()
    table = client.get(f"/consent/notice?lang={locale}").text.partition("<table")[2].partition("</table>")[0]

    assert f">{heading}<" in table
    assert read_vendor("ga4").description[locale] in table
    assert "Google LLC" in table


BAIDU = {"use": "baidu_tongji", "id": "0123456789abcdef0123456789abcdef"}


@pytest.mark.parametrize(("entry", "locale", "known"), [
    (BAIDU, "zh-CN", "北京百度网讯科技有限公司 · 中国"),
    (BAIDU, "en", "Beijing Baidu Netcom Science and Technology Co., Ltd. · China"),
    (GA4, "zh-CN", "谷歌（Google LLC） · 美国"),
    (GA4, "en", "Google LLC · United States"),
    (GA4 | {"company": "Google Ireland Limited"}, "zh-CN", "Google Ireland Limited · 美国"),
])  # fmt: skip
def test_each_reader_knows_the_company(make_app: MakeApp, entry: Mapping[str, Any], locale: str, known: str) -> None:
    app = make_app(CONSENT_NOTICE=notice_using(entry), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")

    assert known in app.test_client().get(f"/consent/preferences?lang={locale}").text


def test_another_way_to_know_a_company_asks_nobody_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = notice_using(GA4)
    in_catalogue(monkeypatch, known_as=Text({"zh-CN": "谷歌公司", "en": "Google"}))

    assert {each.change_class for each in changes(before, notice_using(GA4))} == {"editorial"}
    assert before.options["analytics"].fingerprint == notice_using(GA4).options["analytics"].fingerprint


@pytest.mark.parametrize("known_as", [None, Text({"zh-CN": "谷歌公司", "en": "Google"})])
def test_a_published_notice_knows_the_company_as_it_did(
    published: Any, monkeypatch: pytest.MonkeyPatch, known_as: Text | None
) -> None:
    digest = published().extensions["consent_widget"].notice.digest
    in_catalogue(monkeypatch, known_as=known_as)

    assert published().extensions["consent_widget"].notice.digest == digest


def test_a_notice_as_a_table_in_the_settings_uses_the_catalogue_too(make_app: MakeApp) -> None:
    table = notice_table("minimal") | {"services": (GA4,)}
    table["locales"] = tuple(table["locales"])
    app = make_app(CONSENT_NOTICE=table, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")

    assert app.extensions["consent_widget"].notice.services[0].company == "Google LLC"
    with pytest.raises(NoticeError, match="Did you mean 'ga4'"):
        make_app(CONSENT_NOTICE=table | {"services": [{"use": "ga5"}]})


def test_a_cookie_of_another_host_is_never_deleted_here(make_app: MakeApp) -> None:
    notice = notice_using(GA4 | {"cookies": [{"name": "_ga"}, {"name": "m", "host": "m.stripe.com"}]})
    app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
    app.add_url_rule("/item", "item", lambda: app.jinja_env.from_string("{{ consent_widget() }}").render())
    client = app.test_client()
    client.set_cookie("_ga", "1")
    client.set_cookie("m", "of-the-site")
    deleted = client.get("/item").headers.getlist("Set-Cookie")
    script = app.extensions["consent_widget"].assets.scripts["en"].whole.content.decode()

    assert any(header.startswith("_ga=;") for header in deleted)
    assert not any(header.startswith("m=;") for header in deleted)
    assert "_ga" in script
    assert re.findall(r'cookies"?:\[([^\]]*)\]', script) == ['"_ga"']


def test_check_names_what_nobody_has_verified_and_the_notice_tells() -> None:
    snap = {"use": "snap_pixel", "id": "12345678-90ab-cdef-1234-567890abcdef"}
    own = snap | {"cookies": [{"name": "_scid"}]}

    (line,) = (each for each in warnings(notice_using(snap)) if "snap_pixel" in each)
    assert "services.snap_pixel: nobody has verified" in line
    assert "cookies._scid" in line, "a collection is a hint"
    assert "company" not in line
    assert "calls" not in line, "nobody is told of these"
    assert not [each for each in warnings(notice_using(own)) if "snap_pixel" in each], (
        "the site's own words are its own"
    )


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """An entry of a vendor of whom nobody knows what it stores."""
    in_catalogue(monkeypatch, cookies=None, storage=None)
    return GA4


@pytest.mark.parametrize(("locale", "words", "none"), [
    ("en", "Cookies: Not known", "Cookies: None"), ("zh-CN", "Cookie：不详", "Cookie：无"),
])  # fmt: skip
def test_what_nobody_knows_is_told_so_and_not_as_nothing(
    make_app: MakeApp, unknown: Mapping[str, Any], locale: str, words: str, none: str
) -> None:
    def page(entry: Mapping[str, Any]) -> str:
        app = make_app(CONSENT_NOTICE=notice_using(entry), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
        return app.test_client().get(f"/consent/preferences?lang={locale}").text

    assert words in page(unknown)
    assert none not in page(unknown)
    assert none in page(unknown | {"cookies": []}), "the site has looked, and found nothing"


def test_check_names_what_nobody_knows_and_what_to_write(unknown: Mapping[str, Any]) -> None:
    (line,) = (each for each in warnings(notice_using(unknown)) if "nobody knows" in each)

    assert "services.ga4: nobody knows what it stores" in line
    assert "cookies = [] for nothing" in line
    assert not [each for each in warnings(notice_using(unknown | {"cookies": []})) if "nobody knows" in each]


def test_that_it_is_unknown_is_part_of_the_kept_text(unknown: Mapping[str, Any]) -> None:
    kept = stored_notice(notice_using(unknown).text, notice_using(unknown).digest)

    assert kept is not None
    assert kept.services[0].storage_unknown


def test_nothing_of_the_catalogue_is_read_where_no_notice_uses_it() -> None:
    code = (
        "import sys; from consent_widget import read_notice; "
        f"read_notice('shop', {CONTROLLER!r}); "
        "sys.exit(any(name.startswith('consent_widget.vendors') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("entry", "place"), [
    (GA4 | {"signals": {"ad_storge": ["marketing"]}}, r"services\.ga4\.signals\.ad_storge: is not a signal of ga4"),
    (GA4 | {"signals": {"ad_storage": ["marketting"]}}, r"services\.ga4\.signals\.ad_storage: there is no 'marketting'"),
    (GA4 | {"signals": ["ad_storage"]}, "signals: must be a table"),
    (GA4 | {"advanced": "yes"}, "advanced: must be true or false"),
    (GA4 | {"tell": 0}, "tell: must be true or false"),
    ({"use": "baidu_tongji", "id": "0" * 32, "advanced": True}, r"services\.baidu_tongji\.advanced: no call tells"),
    ({"use": "meta_pixel", "id": "1" * 15, "limited": "ldu"}, r"services\.meta_pixel\.limited: is not what"),
])  # fmt: skip
def test_what_a_vendor_has_no_calls_for_is_refused(entry: Mapping[str, Any], place: str) -> None:
    with pytest.raises(NoticeError, match=place):
        notice_using(entry)


def test_a_tag_that_comes_before_the_choice_needs_a_purpose_that_tells_of_it() -> None:
    table = notice_table("minimal")
    optional = [purpose for purpose in table["purposes"] if purpose["control"] != "always_on"]

    notice_using(GA4 | {"advanced": True})
    with pytest.raises(NoticeError, match=r"services\.ga4\.advanced: loads the tag before"):
        notice_using(GA4 | {"advanced": True}, purposes=optional)


def test_check_says_what_an_advanced_tag_means_and_which_signals_are_never_granted() -> None:
    told = "\n".join(warnings(notice_using(GA4 | {"advanced": True})))
    plain = "\n".join(warnings(notice_using(GA4, {"use": "gtm", "id": "GTM-ABC1234"})))

    assert "services.ga4.advanced: the tag is loaded before visitors have chosen" in told
    assert "EDPB Guidelines 2/2023" in told
    assert "advanced" not in plain
    assert "signals" not in plain

    table = notice_table("minimal")
    for purpose in table["purposes"]:
        if purpose["id"] == "marketing":
            purpose["id"] = "adverts"
    gtm = {"use": "gtm", "id": "GTM-ABC1234", "purposes": ["analytics"]}
    renamed = "\n".join(warnings(notice_using(gtm, purposes=table["purposes"])))
    said = "\n".join(warnings(notice_using(gtm | {"signals": {"ad_storage": ["adverts"]}}, purposes=table["purposes"])))

    assert "services.gtm.signals.ad_storage: is never granted, as this notice has no purpose 'marketing'" in renamed
    assert "signals.ad_storage" not in said
    assert "signals.ad_user_data" in said
