"""A vendor from the catalogue in one line of the notice: the widget loads its tag after the grant, and nothing before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.vendors.catalogue import all_vendors
from consent_widget.vendors.model import Vendor

from ..conftest import CONTROLLER
from ..support.notices import notice_table
from .conftest import MakeSite, MakeVisitor
from .servers import Site, Static
from .visitor import Visitor

GA4 = {"use": "ga4", "id": "G-ABC123DEF4"}
VENDORS = [vendor for vendor in all_vendors() if vendor.tag and vendor.tag.everywhere]
#: What Google is told before anything else, after a grant, and of the tag itself (tests/js/calls.test.js has every case).
STATE = dict.fromkeys(("ad_storage", "ad_user_data", "ad_personalization"), "denied") | {
    "analytics_storage": "denied", "functionality_storage": "denied", "personalization_storage": "denied",
    "security_storage": "granted",
}  # fmt: skip
BEFORE = [["consent", "default", STATE], ["set", "ads_data_redaction", True]]
AFTER = [*BEFORE, ["consent", "update", STATE | {"analytics_storage": "granted"}], ["js", "now"]]
AFTER = [*AFTER, ["config", "G-ABC123DEF4"]]
#: What a vendor's script makes, for the calls that wait for it: they are written down.
NAMES = sorted({call.to for vendor in VENDORS for call in vendor.calls if call.on == "loaded" and call.to})
SCRIPT = """globalThis.said ??= [];
for (const name of %s) globalThis[name] ??= new Proxy(class {
  constructor(...all) { said.push(["new " + name, ...all]); }
  push(...all) { said.push([name + ".push", ...all]); }
}, { get: (made, key) => key in made ? made[key] : (...all) => said.push([name + "." + String(key), ...all]) });
""" % json.dumps(NAMES)  # noqa: UP031


def notice_using(*services: Mapping[str, Any], **fields: Any) -> Notice:
    return notice_from(notice_table("minimal") | {"services": list(services)} | fields, CONTROLLER)


def entry(vendor: Vendor) -> dict[str, Any]:
    """The vendor in a notice, with its own examples."""
    examples = {name: each.example for name, each in vendor.parameters.items() if not each.each}
    return {"use": vendor.id, "purposes": ["marketing"], **examples}


class Internet:
    """Every host that is not on this machine: what it was asked for. It answers with a script."""

    def __init__(self, context: BrowserContext, script: str = SCRIPT) -> None:
        self.asked: list[str] = []
        self.script = script
        context.route(lambda url: urlsplit(url).hostname not in ("127.0.0.1", "localhost"), self._answer)

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        route.fulfill(content_type="text/javascript", body=self.script, headers={"Access-Control-Allow-Origin": "*"})


def said(visitor: Visitor) -> list[Any]:
    found: list[Any] = visitor.page.evaluate("globalThis.said ?? []")
    return found


@pytest.fixture
def with_ga4(make_site: MakeSite) -> Site:
    return make_site(CONSENT_NOTICE=notice_using(GA4))


def data_layer(visitor: Visitor) -> list[Any]:
    calls: list[Any] = visitor.page.evaluate(
        "dataLayer.map((call) => [...call].map((each) => each instanceof Date ? 'now' : each))"
    )
    return calls


def test_every_vendor_is_asked_for_nothing_before_once_after_and_nothing_after_a_withdrawal(
    make_site: MakeSite, visit: MakeVisitor
) -> None:
    visitor = visit(make_site(CONSENT_NOTICE=notice_using(*map(entry, VENDORS))))
    internet = Internet(visitor.context)
    visitor.go().rest()
    assert internet.asked == []

    visitor.accept()
    waiting = sum(any(call.on == "loaded" for call in vendor.calls) for vendor in VENDORS)
    visitor.wait_until(f"globalThis.said?.filter(([name]) => /init$|^new /.test(name)).length >= {waiting}")
    visitor.rest()
    tags = [vendor.tag for vendor in VENDORS if vendor.tag]
    scripts = [
        (each, vendor) for vendor, tag in zip(VENDORS, tags, strict=True) for each in (tag.first, tag.script) if each
    ]
    assert sorted(internet.asked) == sorted(each.format_map(entry(vendor)) for each, vendor in scripts), (
        "each script once"
    )

    with visitor.page.expect_navigation():
        visitor.open_centre().press_in_centre("reject_all")
    internet.asked.clear()
    visitor.go("/two").rest()
    assert internet.asked == []


def test_calls_wait_in_memory_in_their_order_and_the_pages_own_follow(with_ga4: Site, visit: MakeVisitor) -> None:
    visitor = visit(with_ga4)
    internet = Internet(visitor.context)
    visitor.go().rest()
    visitor.page.evaluate("gtag('event', 'press')")
    before = data_layer(visitor)
    visitor.accept()
    visitor.wait_until("globalThis.said")

    assert before == [*BEFORE, ["event", "press"]]
    assert data_layer(visitor) == [*AFTER, ["event", "press"]]
    assert internet.asked == ["https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4"]
    assert visitor.stored_keys() == [each for each in visitor.stored_keys() if each.startswith("cw")], "in memory only"


def test_a_script_of_the_page_that_follows_can_call_at_once(with_ga4: Site, visit: MakeVisitor) -> None:
    with_ga4.body = "<script type=module>gtag('event', 'early')</script>"
    visitor = visit(with_ga4).go().rest()

    assert data_layer(visitor)[-1] == ["event", "early"]


def test_a_stub_that_the_page_has_already_stays(with_ga4: Site, visit: MakeVisitor) -> None:
    with_ga4.head = "<script>dataLayer = [['own']]; function gtag() { dataLayer.push(arguments); }</script>"
    visitor = visit(with_ga4).go().rest()

    assert data_layer(visitor) == [*BEFORE, ["own"]]


def test_elements_that_are_called_as_a_stub_or_a_setting_take_no_place_of_it(
    make_site: MakeSite, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(GA4, {"use": "fullstory", "org": "ABC123"}))
    names = ("_fs_host", "_fs_org", "FS", "dataLayer", "gtag")
    site.body = "".join(f"<a id={name} href=https://evil.example></a>" for name in names)
    visitor = visit(site).go().rest()

    assert visitor.page.evaluate("[_fs_host, _fs_org, typeof FS]") == ["fullstory.com", "ABC123", "function"]
    assert data_layer(visitor) == BEFORE


def test_a_returning_visitor_who_agreed_gets_the_tag_on_every_page(with_ga4: Site, visit: MakeVisitor) -> None:
    visitor = visit(with_ga4)
    internet = Internet(visitor.context)
    visitor.go().accept()
    visitor.wait_until("globalThis.said")
    visitor.go("/two")
    visitor.wait_until("globalThis.said")

    assert len(internet.asked) == 2
    assert data_layer(visitor) == AFTER


def test_calls_that_need_the_script_follow_it(make_site: MakeSite, visit: MakeVisitor) -> None:
    la = {"use": "la51", "id": "abcdefgh12345678"}
    uet = {"use": "microsoft_uet", "id": 123456}
    aegis = {"use": "tencent_aegis", "id": "abcDEF123456789012"}
    visitor = visit(make_site(CONSENT_NOTICE=notice_using(la, uet, aegis)))
    Internet(visitor.context)
    visitor.go().accept()
    visitor.wait_until("globalThis.said?.length >= 4")
    calls = {call[0]: call[1:] for call in said(visitor)}

    assert calls["LA.init"] == [{"id": "abcdefgh12345678", "ck": "abcdefgh12345678"}]
    assert calls["new Aegis"] == [{"id": "abcDEF123456789012", "spa": True}]
    assert calls["new UET"][0]["ti"] == "123456"
    assert calls["UET.push"] == ["pageLoad"]


def test_what_a_script_looks_for_is_there_before_it(make_site: MakeSite, visit: MakeVisitor) -> None:
    arms = {"use": "aliyun_arms", "pid": "abcdefghij@0123456789abcdef", "endpoint": "x.rum.aliyuncs.com"}
    visitor = visit(make_site(CONSENT_NOTICE=notice_using(arms)))
    Internet(visitor.context)
    visitor.go().rest()

    assert visitor.page.evaluate("__rum") == {"pid": arms["pid"], "endpoint": "https://x.rum.aliyuncs.com"}
    assert visitor.page.evaluate("__rum.hasOwnProperty('pid')"), "as an object of the page's own"


def test_a_strict_policy_lets_it_load_by_the_pages_nonce(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_NOTICE=notice_using(GA4), strict="nonce"))
    internet = Internet(visitor.context)
    visitor.go().rest()
    assert internet.asked == []
    visitor.accept()
    visitor.wait_until("globalThis.said")

    assert len(internet.asked) == 1


def test_by_script_tag_a_static_page_needs_nothing_else(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(GA4), CONSENT_ORIGINS=[static.url])
    static.page = f'<!doctype html><title>Static</title><script async src="{site.url}/consent/widget.js"></script>'
    visitor = visit(site)
    internet = Internet(visitor.context)
    visitor.page.goto(static.url)
    expect(visitor.layer).to_be_visible()
    assert internet.asked == []
    visitor.accept()
    visitor.wait_until("globalThis.said")

    assert len(internet.asked) == 1


def test_a_service_refused_alone_is_not_loaded(make_site: MakeSite, visit: MakeVisitor) -> None:
    baidu = {"use": "baidu_tongji", "id": "0" * 32}
    visitor = visit(make_site(CONSENT_NOTICE=notice_using(GA4, baidu)))
    internet = Internet(visitor.context)
    visitor.go().open_centre().unfold().set_switches("analytics", "analytics@baidu_tongji")
    visitor.switch("analytics@ga4").set_checked(False)
    visitor.press_in_centre("save")
    visitor.expect_saved()
    visitor.wait_until("globalThis.said")

    assert [urlsplit(url).hostname for url in internet.asked] == ["hm.baidu.com"]


def test_a_site_with_markup_of_its_own_gates_it_by_the_service(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(GA4 | {"load": False}))
    site.page = site.page.replace(
        "{{ head }}",
        '<script type="text/plain" {{ consent_service("ga4") }} data-src="https://own.example/tag.js"></script>',
    )
    visitor = visit(site)
    internet = Internet(visitor.context)
    visitor.go().rest()
    assert internet.asked == []
    visitor.accept()
    visitor.wait_until("globalThis.said")

    assert internet.asked == ["https://own.example/tag.js"]
    assert data_layer(visitor) == AFTER[:3], "what it is told of the choice, and nothing else"


def test_a_choice_is_one_update_in_every_tab_and_no_copy_of_the_page_gets_a_second_default(
    with_ga4: Site, visit: MakeVisitor
) -> None:
    visitor = visit(with_ga4)
    Internet(visitor.context)
    visitor.go()
    first, other = visitor.page, visitor.context.new_page()
    other.goto(with_ga4.url)
    visitor.accept()
    other.wait_for_function("globalThis.said")
    copy = """async () => {  // a library that swaps pages runs the scripts of the new one, and replaces the body
      const tag = [...document.scripts].find(({ src }) => src.includes("/consent/widget."));
      const again = document.createElement("script");
      await new Promise((done) => { again.onload = done; again.src = tag.src; document.head.append(again); });
      document.body = document.body.cloneNode(true);
    }"""

    for page in (first, other):
        visitor.page = page
        page.evaluate(copy)
        assert data_layer(visitor) == AFTER
    other.goto(with_ga4.url + "/two")
    other.go_back()
    other.wait_for_function("globalThis.said")
    assert data_layer(visitor) == AFTER


def test_by_script_tag_markup_of_the_sites_own_runs_after_what_is_said_of_the_choice(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(GA4 | {"load": False}), CONSENT_ORIGINS=[static.url])
    static.page = (
        f'<!doctype html><title>Static</title><script async src="{site.url}/consent/widget.js"></script>'
        '<script type="text/plain" data-consent="analytics" data-consent-service="ga4">'
        "globalThis.read = globalThis.dataLayer?.map((each) => [...each].slice(0, 2));</script>"
    )
    visitor = visit(site)
    visitor.page.goto(static.url)
    visitor.accept()
    visitor.page.reload()  # a returning visitor's gates open as early as they can
    visitor.wait_until("'read' in globalThis")

    assert visitor.page.evaluate("read") == [
        ["consent", "default"], ["set", "ads_data_redaction"], ["consent", "update"],
    ]  # fmt: skip
