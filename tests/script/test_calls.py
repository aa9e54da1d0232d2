"""What each vendor is told of the visitor's choice: the exact calls in their exact order, in every case.

The script's own module runs in Deno, in a page where each queue is written down (tests/js/calls.js).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import brotli
import pytest

from consent_widget.notice.file import notice_from
from consent_widget.script.tags import STARTING, filled
from consent_widget.vendors.catalogue import all_vendors, read_vendor

from ..conftest import CONTROLLER, MakeApp
from ..support.notices import notice_table
from ..support.script import deno

OPTIONAL = ("functional", "analytics", "marketing")
Choice = Mapping[str, bool]
EVERY: list[Choice] = [dict(zip(OPTIONAL, each, strict=True)) for each in product((False, True), repeat=3)]
NOTHING, ALL = EVERY[0], EVERY[-1]
GA4 = {"use": "ga4", "id": "G-ABC123DEF4"}
ADS = {"use": "google_ads", "id": "AW-123456789"}
GTM = {"use": "gtm", "id": "GTM-ABC1234", "purposes": ["functional"]}

TYPES = (
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage",
    "personalization_storage",
)  # fmt: skip
DENIED = dict.fromkeys(TYPES, "denied") | {"security_storage": "granted"}
DEFAULT = [["consent", "default", DENIED], ["set", "ads_data_redaction", True]]


def choice(*granted: str) -> Choice:
    return {purpose: purpose in granted for purpose in OPTIONAL}


def update(*types: str) -> list[Any]:
    return ["consent", "update", DENIED | dict.fromkeys(types, "granted")]


class Page:
    """A page of a site with these services, for any number of visits at once."""

    def __init__(self, make_app: MakeApp, *services: Mapping[str, Any], **settings: Any) -> None:
        notice = notice_from(notice_table("minimal") | {"services": list(services)}, CONTROLLER)
        app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US", **settings)
        self.data = json.loads(app.extensions["consent_widget"].assets.payloads["en"].content)

    def visits(self, *visits: Mapping[str, Any], gpc: bool = False, **all_visits: Any) -> list[dict[str, Any]]:
        """Each visit: what was decided before (`was`), what the page says itself (`says`), and `acts`, one by one."""
        asked = [{"data": self.data, "queues": ["dataLayer"], **all_visits, **visit} for visit in visits]
        made: list[dict[str, Any]] = json.loads(
            deno("run", "tests/js/calls.js", *(["gpc"] if gpc else []), stdin=json.dumps(asked))
        )
        return made

    def layers(self, *visits: Mapping[str, Any], **all_visits: Any) -> list[list[Any]]:
        """Google's data layer at the end of each visit. Every call is one of `gtag`: an array Google would ignore."""
        return [calls(visit["queues"]["dataLayer"]) for visit in self.visits(*visits, **all_visits)]


def calls(queue: list[Any]) -> list[Any]:
    """The arguments of each call. What is no function's call stays an object."""
    assert not any(isinstance(each, list) for each in queue)
    return [each.get("args", each) for each in queue]


def acts(*choices: Choice, **how: Any) -> list[dict[str, Any]]:
    return [{"decided": each, **how} for each in choices]


#: What was decided before the page, and what is decided in it: nothing, one thing, and another after it.
CASES = [(was, then) for was in (None, *EVERY) for number in range(3) for then in product(EVERY, repeat=number)]
VISITS = [{"was": was, "acts": acts(*then)} for was, then in CASES]


def google(states: Iterable[Choice | None]) -> Iterator[Any]:
    """What Google is to be told in one page with GA4, Google Ads and a container, as the visitor's state changes."""
    yield from DEFAULT
    told: set[str] | None = None
    loaded: set[str] = set()
    purposes: Choice | None = None
    for state in states:
        if state is None:
            continue
        types = {name for name in TYPES[:3] if state["marketing"]} | {name for name in TYPES[3:4] if state["analytics"]}
        types |= {name for name in TYPES[4:] if state["functional"]}
        if types != told:
            yield update(*types)
            told = types
        for purpose, id in (("analytics", "G-ABC123DEF4"), ("marketing", "AW-123456789")):
            if state[purpose] and purpose not in loaded:
                yield from [["config", id]] if loaded - {"functional"} else [["js", "now"], ["config", id]]
                loaded.add(purpose)
        if state["functional"] and "functional" not in loaded:
            yield {"event": "gtm.js", "gtm.start": "now"}
            loaded.add("functional")
        if state != purposes:
            yield {"event": "consent_update", "consent_purposes": state}
            purposes = state


def test_google_is_told_one_default_and_one_update_for_each_decision_in_every_case(make_app: MakeApp) -> None:
    layers = Page(make_app, GA4, ADS, GTM).layers(*VISITS)

    assert len(CASES) == 9 * 73
    for (was, then), layer in zip(CASES, layers, strict=True):
        assert layer == list(google((was, *then))), (was, then)
        assert sum(isinstance(call, list) and call[1] == "default" for call in layer) == 1


@dataclass(frozen=True)
class Told:
    """What a vendor is told: before everything else, when its tag starts, and on each refusal and grant after that.
    `queue` is where it is kept, or the object of the vendor's script, whose methods are called.
    """

    queue: str
    before: tuple[list[Any], ...] = ()
    start: tuple[list[Any], ...] = ()
    deny: tuple[list[Any], ...] = ()
    grant: tuple[list[Any], ...] = ()


VENDORS = {
    "meta_pixel": Told(
        queue="fbq.queue",
        before=(["consent", "revoke"],),
        start=(["init", "{id}"], ["consent", "grant"], ["track", "PageView"]),
        deny=(["consent", "revoke"],),
        grant=(["consent", "grant"],),
    ),
    "pinterest_tag": Told(
        queue="pintrk.queue",
        before=(["setconsent", False],),
        start=(["load", "{id}"], ["setconsent", True], ["page"]),
        deny=(["setconsent", False],),
        grant=(["setconsent", True],),
    ),
    "reddit_pixel": Told(
        queue="rdt.callQueue",
        start=(["init", "{id}"], ["track", "PageVisit"], ["enableFirstPartyCookies"]),
        deny=(["disableFirstPartyCookies"],),
        grant=(["enableFirstPartyCookies"],),
    ),
    "matomo": Told(
        queue="_paq",
        before=(["requireConsent"],),
        start=(
            ["setTrackerUrl", "https://{host}/matomo.php"], ["setSiteId", "{site}"], ["trackPageView"],
            ["enableLinkTracking"], ["setConsentGiven"],
        ),
        deny=(["forgetConsentGiven"],),
        grant=(["setConsentGiven"],),
    ),
    "tiktok_pixel": Told(
        queue="ttq",
        before=(["holdConsent"],),
        start=(["page"], ["grantConsent"]),
        deny=(["revokeConsent"],),
        grant=(["grantConsent"],),
    ),
    "posthog": Told(
        queue="posthog",
        start=(["opt_in_capturing", {"captureEventName": False}],),
        deny=(["opt_out_capturing"],),
        grant=(["opt_in_capturing", {"captureEventName": False}],),
    ),
    "mixpanel": Told(
        queue="mixpanel",
        start=(["opt_in_tracking", {"track": False}],),
        deny=(["opt_out_tracking"],),
        grant=(["opt_in_tracking", {"track": False}],),
    ),
    "volc_datafinder": Told(
        queue="collectEvent.q",
        start=(["init", {"app_id": "{app}", "channel": "cn"}], ["config", {}], ["start"]),
        grant=(["start"],),
    ),
    "hubspot": Told(queue="_hsq", deny=(["revokeCookieConsent"],)),
    # these once their script is there
    "sensors": Told(
        queue="sensors._q",
        start=(["sensors.enableSDK"],),
        deny=(["sensors.disableSDK"],),
        grant=(["sensors.enableSDK"],),
    ),
    "thinkingdata": Told(
        queue="ta._q",
        start=(["ta.optInTracking"],),
        deny=(["ta.optOutTracking"],),
        grant=(["ta.optInTracking"],),
    ),
    "amplitude": Told(
        queue="amplitude",
        start=(["init", "{key}"], ["setOptOut", False]),
        deny=(["setOptOut", True],),
        grant=(["setOptOut", False],),
    ),
}  # fmt: skip


#: What vendors' scripts make.
OBJECTS = sorted({call.to for vendor in all_vendors() for call in vendor.calls if call.to and call.to != "dataLayer"})


def told(vendor: Told, states: Iterable[bool | None]) -> Iterator[list[Any]]:
    """What it is to be told in one page, as the service is granted and refused."""
    yield from vendor.before
    was: bool | None = None
    for state in states:
        if state and was is None:
            yield from vendor.start
        elif was is not None and state != was:
            yield from vendor.grant if state else vendor.deny
        was = state if state or was is not None else None


def test_there_is_such_a_table_for_every_vendor_that_is_told_of_consent() -> None:
    vendors = [vendor for vendor in all_vendors() if vendor.tag and vendor.tag.everywhere]
    consenting = {vendor.id for vendor in vendors if any(call.on not in STARTING for call in vendor.calls)}

    assert consenting - set(VENDORS) == {
        "ga4", "google_ads", "google_adsense", "gtm", "microsoft_uet", "clarity", "amazon_ads",
    }  # fmt: skip


@pytest.mark.parametrize("id", VENDORS)
def test_every_vendor_is_told_exactly_this_in_every_case(make_app: MakeApp, id: str) -> None:
    vendor, expected = read_vendor(id), VENDORS[id]
    examples = {name: each.example for name, each in vendor.parameters.items() if each.default is None}
    page = Page(make_app, {"use": id, "purposes": ["analytics", "marketing"], **examples})
    objects = [call.to for call in vendor.calls if call.to]
    visits = page.visits(*VISITS, queues=[expected.queue], objects=objects)

    for (was, then), visit in zip(CASES, visits, strict=True):
        permitted = [state and (state["analytics"] and state["marketing"]) for state in (was, *then)]
        queue = visit["queues"][expected.queue]
        made = [each if isinstance(each, list) else each["args"] for each in queue or ()]
        made += [[name.removeprefix(f"{expected.queue}."), *args] for name, *args in visit["said"]]
        assert made == filled(list(told(expected, permitted)), examples), (was, then)


def test_uet_is_told_its_one_key_before_its_tag_and_afterwards(make_app: MakeApp) -> None:
    page = Page(make_app, {"use": "microsoft_uet", "id": "123456789"})
    new, accepted, refused, changed = page.visits(
        {}, {"acts": acts(ALL)}, {"acts": acts(NOTHING)}, {"was": ALL, "acts": acts(NOTHING, ALL)},
        queues=["uetq"], objects=OBJECTS,
    )  # fmt: skip
    default = ["consent", "default", {"ad_storage": "denied"}]
    granted, denied = (["consent", "update", {"ad_storage": value}] for value in ("granted", "denied"))
    made = ["new UET", {"ti": "123456789", "q": [*default, *granted], "enableAutoSpaTracking": True}]

    assert new["queues"]["uetq"] == default
    assert refused["queues"]["uetq"] == [*default, *denied]
    assert accepted["said"] == [made, ["UET.push", "pageLoad"]]
    assert changed["said"] == [
        made, ["UET.push", "pageLoad"], ["UET.push", *denied], ["UET.push", *granted],
    ]  # fmt: skip


def test_amazon_is_told_before_its_tag_reads_anything_and_afterwards(make_app: MakeApp) -> None:
    tag = "12345678-90ab-cdef-1234-567890abcdef"
    page = Page(make_app, {"use": "amazon_ads", "tag": tag, "region": "EU", "visitors": "FR"})
    new, refused, changed = page.visits(
        {}, {"acts": acts(NOTHING)}, {"was": ALL, "acts": acts(NOTHING, ALL)}, queues=["amzn.q"], objects=["window"]
    )
    granted, denied = (
        ["window.amznConsent", {"countryCode": "FR", "enableAdStorage": said, "enableUserData": said}]
        for said in (True, False)
    )

    for visit in (new, refused):
        assert (visit["queues"]["amzn.q"], visit["said"], visit["scripts"]) == ([], [], [])
    assert changed["said"] == [granted, denied, granted]
    assert [each[0]["args"] for each in changed["queues"]["amzn.q"]] == [
        ["setRegion", "EU"], ["addTag", tag], ["trackEvent", "PageView"],
    ]  # fmt: skip
    assert [script["data-src"].rpartition("/")[2] for script in changed["scripts"]] == ["amzn-consent.js", "amzn.js"]


def test_clarity_is_told_both_keys_with_a_capital_letter_as_both_change(make_app: MakeApp) -> None:
    page = Page(make_app, {"use": "clarity", "id": "abcdefghij"})
    visits = page.visits(*VISITS, queues=["clarity.q"])

    for (was, then), visit in zip(CASES, visits, strict=True):
        expected: list[Any] = []
        for state in filter(None, (was, *then)):
            ad = "granted" if state["analytics"] and state["marketing"] else "denied"
            analytics = "granted" if state["analytics"] else "denied"
            call = ["consentv2", {"ad_Storage": ad, "analytics_Storage": analytics}]
            expected += [call] if expected[-1:] != [call] else []
        assert calls(visit["queues"]["clarity.q"]) == expected, (was, then)


def test_what_the_page_says_comes_after_what_is_said_of_the_choice(make_app: MakeApp) -> None:
    page = Page(make_app, GA4, ADS)
    early, late = ["event", "early"], ["event", "late"]
    before = "var dataLayer = []; function gtag() { dataLayer.push(arguments); } gtag('event', 'early');"
    says = [["gtag", *late]]
    new, granted, partly = page.layers(
        {}, {"acts": acts(ALL)}, {"acts": acts(choice("analytics"), ALL)}, page=before, says=says
    )
    head = [*DEFAULT, update(*TYPES[:4]), ["js", "now"], ["config", "G-ABC123DEF4"], ["config", "AW-123456789"]]

    assert new == [*DEFAULT, early, late]
    assert granted == [*head, early, late]
    assert partly == [
        *DEFAULT, update("analytics_storage"), ["js", "now"], ["config", "G-ABC123DEF4"], early, late,
        update(*TYPES[:4]), ["config", "AW-123456789"],
    ]  # fmt: skip


def test_what_the_page_says_to_who_was_refused_is_never_sent(make_app: MakeApp) -> None:
    def visit(call: str) -> dict[str, Any]:
        early, late, granted = ([["eval", call.replace("WHAT", when)]] for when in ("early", "late", "granted"))
        refused, accepted = {"decided": NOTHING, "then": late}, {"decided": ALL, "then": granted}
        return {"says": early, "acts": [refused, accepted], "queues": ["dataLayer", "_hmt"]}

    baidu = {"use": "baidu_tongji", "id": "0" * 32}
    google = Page(make_app, GA4).visits(visit("gtag('event', 'WHAT')"))[0]["queues"]["dataLayer"]
    alone = Page(make_app, baidu).visits(visit("_hmt.push(['WHAT'])"))[0]["queues"]["_hmt"]
    beside = Page(make_app, baidu, GA4).visits(visit("_hmt.push(['WHAT'])"))[0]["queues"]["_hmt"]

    assert [call for call in calls(google) if call[0] == "event"] == [["event", "granted"]]
    assert alone == beside == [["granted"]]


def test_a_type_can_need_several_purposes_or_others_than_its_service(make_app: MakeApp) -> None:
    own = {"ad_personalization": ["analytics", "functional"], "ad_user_data": []}
    page = Page(make_app, ADS | {"signals": own}, GA4 | {"signals": {"functionality_storage": ["functional"]}})
    states = [choice("marketing"), choice("marketing", "analytics"), ALL, choice("functional"), choice("analytics")]
    layers = page.layers(*[{"was": state} for state in states])
    types = [{name for name, value in layer[2][2].items() if value == "granted"} for layer in layers]

    assert [each - {"security_storage"} for each in types] == [
        {"ad_storage", "ad_user_data"},
        {"ad_storage", "ad_user_data", "analytics_storage"},
        {"ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage"},
        set(),
        {"analytics_storage"},
    ]


def test_a_service_refused_alone_grants_nothing(make_app: MakeApp) -> None:
    page = Page(make_app, GA4, ADS | {"purposes": ["analytics"]})
    alone = {**choice("analytics"), "analytics@google_ads": False}

    assert page.layers({"was": alone})[0][2] == update("analytics_storage")


def test_who_is_asked_again_is_taken_at_their_word_until_they_answer(make_app: MakeApp) -> None:
    page = Page(make_app, GA4, ADS)

    refused, granted = page.layers({"was": {"analytics": False}}, {"was": {"analytics": True}})
    assert refused == DEFAULT, "nothing is granted, and nothing was said of marketing"
    assert granted[2:] == [update("analytics_storage"), ["js", "now"], ["config", "G-ABC123DEF4"]]


def test_a_refusal_does_not_wait_for_a_grant_that_the_server_does_not_answer(make_app: MakeApp) -> None:
    swapped = {"was": choice("marketing"), "acts": acts(choice("analytics"), away=True)}
    layer = Page(make_app, GA4, ADS).layers(swapped)[0]

    assert [call for call in layer if call[:2] == ["consent", "update"]] == [
        update(*TYPES[:3]), update(), update("analytics_storage"),
    ]  # fmt: skip


def test_an_advanced_tag_is_loaded_at_once_and_told_to_wait(make_app: MakeApp) -> None:
    page = Page(make_app, GA4 | {"advanced": True}, ADS)
    started = [["js", "now"], ["config", "G-ABC123DEF4"]]
    new, refused, changed = page.visits({}, {"was": NOTHING}, {"acts": acts(choice("analytics"), choice("marketing"))})

    assert calls(new["queues"]["dataLayer"]) == [*DEFAULT, *started]
    assert [(each["data-consent"], each.get("data-consent-service")) for each in new["scripts"]] == [
        ("necessary", None)
    ]
    assert calls(refused["queues"]["dataLayer"]) == [*DEFAULT, update(), *started]
    assert calls(changed["queues"]["dataLayer"]) == [
        *DEFAULT, *started, update("analytics_storage"), update(*TYPES[:3]), ["config", "AW-123456789"],
    ]  # fmt: skip
    assert len(changed["scripts"]) == 2


def test_an_advanced_service_that_is_refused_is_granted_nothing_by_another(make_app: MakeApp) -> None:
    page = Page(make_app, GA4 | {"advanced": True}, GA4 | {"as": "shop", "id": "G-SHOP1", "purposes": ["marketing"]})

    assert page.layers({"was": choice("marketing")})[0][2] == update()
    assert page.layers({"was": ALL})[0][2] == update("analytics_storage")


def test_google_waits_for_the_choice_only_where_it_may_come_late(make_app: MakeApp) -> None:
    here = Page(make_app, GA4).layers({})[0]
    elsewhere = Page(make_app, GA4, CONSENT_ORIGINS=["https://shop.example"]).layers({})[0]

    assert "wait_for_update" not in here[0][2]
    assert elsewhere[0] == ["consent", "default", DENIED | {"wait_for_update": 500}]


def test_a_site_with_the_tag_in_its_own_markup_gets_the_calls_for_consent_alone(make_app: MakeApp) -> None:
    page = Page(make_app, GA4 | {"load": False}, {"use": "meta_pixel", "id": "1" * 15, "load": False})
    visit = page.visits({"was": ALL, "acts": acts(NOTHING)}, queues=["dataLayer", "fbq.queue"])[0]

    assert calls(visit["queues"]["dataLayer"]) == [*DEFAULT, update("analytics_storage"), update()]
    assert calls(visit["queues"]["fbq.queue"]) == [["consent", "revoke"], ["consent", "grant"], ["consent", "revoke"]]
    assert visit["scripts"] == []


def test_a_site_that_tells_the_vendor_itself_gets_none_of_them(make_app: MakeApp) -> None:
    silent = Page(make_app, GA4 | {"tell": False})
    nothing = Page(make_app, GA4 | {"tell": False, "load": False})

    assert silent.layers({"was": ALL}) == [[["js", "now"], ["config", "G-ABC123DEF4"]]]
    assert all("tag" not in service for service in nothing.data["services"])


def test_a_vendor_that_is_told_nothing_costs_nothing_for_it(make_app: MakeApp) -> None:
    def script(*services: Mapping[str, Any]) -> str:
        notice = notice_from(notice_table("minimal") | {"services": list(services)}, CONTROLLER)
        app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
        return str(app.extensions["consent_widget"].assets.scripts["en"].whole.content.decode())

    baidu = {"use": "baidu_tongji", "id": "0" * 32}
    umeng = {"use": "umeng_web", "id": "1234567890"}
    visit = Page(make_app, baidu, umeng).visits(
        {"says": [["eval", "_hmt.push(['_trackEvent'])"]]}, queues=["_hmt", "_czc"]
    )

    assert "may not have waited" in script(baidu, GA4)
    assert "may not have waited" not in script(baidu, umeng)
    assert visit[0]["queues"] == {"_hmt": [["_trackEvent"]], "_czc": [["_setAccount", "1234567890"]]}
    assert [each["data-consent-service"] for each in visit[0]["scripts"]] == ["baidu_tongji", "umeng_web"]


@pytest.mark.parametrize(
    "id", sorted({*VENDORS, "ga4", "google_ads", "google_adsense", "gtm", "microsoft_uet", "clarity"})
)
def test_the_calls_of_a_vendor_are_few_bytes_beyond_its_stub(make_app: MakeApp, id: str) -> None:
    vendor = read_vendor(id)
    examples = {name: each.example for name, each in vendor.parameters.items()}

    def size(**how: Any) -> int:
        services = Page(make_app, {"use": id, "purposes": ["marketing"], **examples, **how}).data["services"]
        return len(brotli.compress(json.dumps(services).encode()))

    assert size() - size(tell=False) <= 400


def test_limited_data_use_is_said_before_meta_begins_where_the_site_wants_it(make_app: MakeApp) -> None:
    page = Page(make_app, {"use": "meta_pixel", "id": "1" * 15, "limited": "LDU"})
    visit = page.visits({"was": ALL}, queues=["fbq.queue"])[0]

    assert calls(visit["queues"]["fbq.queue"])[:3] == [
        ["consent", "revoke"], ["dataProcessingOptions", ["LDU"], 0, 0], ["init", "1" * 15],
    ]  # fmt: skip


@pytest.mark.parametrize(("own", "warning"), [
    ("var dataLayer = [['consent', 'default', {}]];", 'remove this page\'s own gtag("consent", "default", …)'),
    ("var dataLayer = []; dataLayer.push = (each) => [].push.call(dataLayer, each);", "ga4 is in this page already"),
])  # fmt: skip
def test_a_developer_is_told_where_the_page_does_it_too(make_app: MakeApp, own: str, warning: str) -> None:
    visit = Page(make_app, GA4).visits({"page": own})[0]

    assert [each for each in visit["warnings"] if warning in each]
    assert visit["queues"]["dataLayer"][0] == {"args": DEFAULT[0]}


def test_a_page_that_sets_another_data_layer_later_gets_everything_again_in_that(make_app: MakeApp) -> None:
    later = {"says": [["eval", "dataLayer = [{ early: 1 }]"]], "acts": acts(ALL)}

    assert Page(make_app, GA4).layers(later) == [
        [*DEFAULT, update("analytics_storage"), ["js", "now"], ["config", "G-ABC123DEF4"], {"early": 1}]
    ]


@pytest.mark.parametrize("hostile", [
    "globalThis.dataLayer = Object.freeze([]);",
    "Object.defineProperty(globalThis, 'dataLayer', { value: Object.freeze(['x']) });",
    "globalThis.dataLayer = 5;",
    "globalThis.dataLayer = new Proxy([], { get() { throw Error('no'); } });",
    "Object.defineProperty(globalThis, 'dataLayer', { get() { throw Error('no'); } });",
])  # fmt: skip
def test_a_queue_that_takes_no_call_loads_no_tag_and_stops_no_other(make_app: MakeApp, hostile: str) -> None:
    page = Page(make_app, GA4, {"use": "meta_pixel", "id": "1" * 15})
    visit = page.visits({"page": hostile, "was": ALL}, queues=["fbq.queue"])[0]

    assert [script["data-consent-service"] for script in visit["scripts"]] == ["meta_pixel"]
    assert calls(visit["queues"]["fbq.queue"])[-1] == ["track", "PageView"]
    assert visit["warnings"]


def test_what_the_browser_signals_is_never_granted(make_app: MakeApp) -> None:
    page = Page(make_app, GA4, ADS)
    for option in page.data["options"]:
        if option["key"].startswith("marketing"):
            option["gpc"] = 1

    assert page.layers({"was": ALL}, gpc=True)[0][2] == update("analytics_storage")
    assert page.layers({"was": ALL})[0][2] == update(*TYPES[:4])


def test_a_decision_that_ends_while_the_page_is_open_is_one_update(make_app: MakeApp) -> None:
    ended = {"was": ALL, "acts": [{"days": 1}]}

    assert Page(make_app, GA4).layers(ended)[0][2:] == [
        update("analytics_storage"), ["js", "now"], ["config", "G-ABC123DEF4"], update(),
    ]  # fmt: skip


def test_what_another_tab_decided_is_one_update_here(make_app: MakeApp) -> None:
    """A choice of another tab comes as one change: nothing is pending in this one."""
    there = {"was": choice("analytics"), "acts": [{"decided": choice("marketing"), "elsewhere": True}]}

    assert [call for call in Page(make_app, GA4, ADS).layers(there)[0] if call[:2] == ["consent", "update"]] == [
        update("analytics_storage"), update(*TYPES[:3]),
    ]  # fmt: skip


def test_what_is_on_before_an_answer_is_granted_until_it_is_refused(make_app: MakeApp) -> None:
    page = Page(make_app, GA4, ADS)
    for option in page.data["options"]:
        if option["key"] == "analytics":
            option["on"] = ""  # the law of the region asks nobody first
    started = [*DEFAULT, update("analytics_storage"), ["js", "now"], ["config", "G-ABC123DEF4"]]
    new, refused = page.layers({}, {"acts": acts(NOTHING)})

    assert new == started
    assert refused == [*started, update()]
