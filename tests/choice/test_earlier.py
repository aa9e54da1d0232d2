"""What other consent tools left in visitors' browsers, as it was found in the world, and what it means here."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

from consent_widget import ConfigurationError
from consent_widget.choice.earlier import (
    CarryOver,
    answers_here,
    check_carry_over,
    read_carry_over,
    signals_of,
    source_of,
)
from consent_widget.choice.earlier_tools import TOOLS
from consent_widget.days import day_of_date
from consent_widget.notice.model import Notice

from ..support.for_each import for_each

VANILLA_3 = (
    "cc_cookie=%7B%22categories%22%3A%5B%22necessary%22%2C%22analytics%22%5D%2C%22revision%22%3A0%2C%22data%22%3Anull%2C"
    "%22consentTimestamp%22%3A%222024-05-28T06%3A43%3A23.433Z%22%2C%22services%22%3A%7B%22necessary%22%3A%5B%5D%2C"
    "%22analytics%22%3A%5B%22ga%22%5D%2C%22marketing%22%3A%5B%5D%7D%2C%22lastConsentTimestamp%22%3A"
    "%222024-06-01T06%3A43%3A23.433Z%22%7D"
)
VANILLA_2 = (
    'cc_cookie={"categories":["necessary","analytics"],"level":["necessary","analytics"],"revision":1,"data":null,'
    '"rfc_cookie":false,"consent_date":"2023-06-17T15:02:36.705Z","last_consent_update":"2023-06-18T15:02:36.705Z"}'
)
COOKIEBOT = (
    "CookieConsent={stamp:%27oJ35SLjkzW4RaUoGqC9nv0TjIDn9KP==%27%2Cnecessary:true%2Cpreferences:false%2Cstatistics:true"
    "%2Cmarketing:false%2Cmethod:%27explicit%27%2Cver:1%2Cutc:1687287902728%2Cregion:%27gb%27}"
)
ONETRUST = (
    "OptanonConsent=isGpcEnabled=0&datestamp=Sun+Apr+06+2025+17%3A01%3A47+GMT%2B0200+(heure+d%E2%80%99%C3%A9t%C3%A9)&"
    "version=202312.1.0&interactionCount=1&hosts=&landingPath=NotLandingPage&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0%2C"
    "STACK42%3A0&geolocation=FR%3B&AwaitingReconsent=false"
)
COOKIEYES = "cookieyes-consent=consentid:d0owaVVvazVQ,consent:{},action:{},necessary:yes,analytics:yes,advertisement:no"
AXEPTIO = (
    "axeptio_cookies={%22$$token%22:%22h1gr%22%2C%22$$date%22:%222021-08-08T10:41:59.523Z%22%2C%22$$completed%22:{}"
    "%2C%22google_analytics%22:true%2C%22Criteo%22:false}"
)
IUBENDA = (
    "_iub_cs-50053366=%7B%22timestamp%22%3A%222025-02-05T15%3A40%3A00.391Z%22%2C%22version%22%3A%221.75.1%22%2C"
    "%22purposes%22%3A%7B%221%22%3Atrue%2C%224%22%3Atrue%2C%225%22%3Afalse%7D%2C%22id%22%3A50053366%7D"
)
DJANGO = 'cookie_consent="optional=-1|social=2013-06-04T03:17:01.421395"'
#: A cookie, two names in it, and what the visitor said to each.
SAMPLES: list[tuple[str, str, dict[str, bool | None], str | None]] = [
    ("vanilla-cookieconsent", VANILLA_3, {"analytics": True, "marketing": False, "new": None}, "2024-06-01"),
    ("vanilla-cookieconsent", VANILLA_3, {"analytics.ga": True, "analytics.matomo": False, "new.x": None}, "2024-06-01"),
    ("vanilla-cookieconsent", VANILLA_2, {"analytics": True, "marketing": False}, "2023-06-18"),
    ("vanilla-cookieconsent", 'cc_cookie={"level":["necessary"]}', {"necessary": True, "analytics": False}, None),
    ("klaro", "klaro=%7B%22matomo%22%3Afalse%2C%22youtube%22%3Atrue%7D", {"matomo": False, "youtube": True, "x": None}, None),
    ("klaro", 'klaro={"__proto__":true,"matomo":"yes"}', {"matomo": None}, None),
    ("tarteaucitron", "tarteaucitron=!id=a5c8!gtag=true!hotjar=false!vimeo=wait",
     {"gtag": True, "hotjar": False, "vimeo": None}, None),
    ("osano", "cookieconsent_status=deny", {"anything": False}, None),
    ("osano", "cookieconsent_status=allow", {"anything": True}, None),
    ("django-cookie-consent", DJANGO, {"optional": False, "social": True, "x": None}, "2013-06-04"),
    ("cookiebot", COOKIEBOT, {"statistics": True, "marketing": False, "ver": None}, "2023-06-20"),
    ("onetrust", ONETRUST + "; OptanonAlertBoxClosed=2024-04-03T05:46:58.824Z",
     {"C0002": True, "C0004": False}, "2024-04-03"),
    ("onetrust", ONETRUST, {"C0002": True, "C0004": False}, None),
    ("onetrust", ONETRUST.replace("AwaitingReconsent=false", "AwaitingReconsent=true"), {"C0002": None, "C0004": False}, None),
    ("cookieyes", COOKIEYES.format("yes", "yes"), {"analytics": True, "advertisement": False}, None),
    ("cookieyes", COOKIEYES.format("no", "yes"), {"analytics": None, "advertisement": False}, None),
    ("complianz", "cmplz_banner-status=dismissed; cmplz_statistics=allow; cmplz_marketing=deny",
     {"statistics": True, "marketing": False, "preferences": None}, None),
    ("complianz", "cmplz_statistics=allow; cmplz_marketing=deny", {"statistics": None, "marketing": False}, None),
    ("axeptio", AXEPTIO.replace("{}", "true", 1), {"google_analytics": True, "Criteo": False}, "2021-08-08"),
    ("iubenda", IUBENDA + "; _iub_cs-50053366-granular=%7B%7D", {"4": True, "5": False, "3": None}, "2025-02-05"),
    ("c15t", "c15t=c.necessary:1,c.measurement:1,i.sid:sub_111AEMh5,i.t:1756684800000,i.y:custom",
     {"measurement": True, "marketing": False}, "2025-09-01"),
    ("c15t", 'c15t={"consents":{"measurement":true,"marketing":false},"consentInfo":{"time":1756684800000}}',
     {"measurement": True, "marketing": False, "new": None}, "2025-09-01"),
    ("iubenda", "_iub_cs-71=%7B%22consent%22%3Atrue%7D", {"4": True}, None),
]  # fmt: skip


def carry(tool: str, purposes: dict[str, Any] | None = None, **more: Any) -> CarryOver:
    return read_carry_over({"tool": tool, "purposes": purposes or {"analytics": ["x"]}, **more})


@pytest.mark.parametrize(("tool", "cookies", "expected", "date"), SAMPLES)
def test_each_tool_is_read_as_it_writes(
    tool: str, cookies: str, expected: dict[str, bool | None], date: str | None
) -> None:
    found = carry(tool)
    said = found.read(found.find(f"session=1; {cookies}; _ga=GA1.1"))

    assert said is not None
    assert {name: said.of(name) for name in expected} == expected
    assert said.day == (day_of_date(date) if date else None)


NOTHING = {
    "klaro": ["klaro=", "klaro=null", "klaro=[]", "klaro={", "klaro=%FF%FE", "klaro=" + "[" * 8000, "klaro=" + "x" * 9000,
              "xklaro={}", "klaro"],
    "tarteaucitron": ["tarteaucitron=!gtag=wait!vimeo=wait", "tarteaucitron=!id=a5"],
    "osano": ["cookieconsent_status=dismiss", "cookieconsent_status=ALLOW"],
    "cookiebot": [
        "CookieConsent={stamp:%27-1%27%2Cnecessary:true%2Cstatistics:true%2Cmethod:%27implied%27%2Cutc:1786616896228}",
        "CookieConsent={stamp:%270%27%2Cnecessary:true%2Cstatistics:false}",
        "CookieConsent=0",
    ],
    "onetrust": [ONETRUST.replace("interactionCount=1", "interactionCount=0"), "OptanonConsent=groups=C0002:0"],
    "cookieyes": [COOKIEYES.format("no", ""), COOKIEYES.format("yes", "no")],
    "axeptio": [AXEPTIO.replace("{}", "false", 1)],
    "iubenda": ["_iub_cs-90483436=%7B%22id%22%3A90483436%7D"],
    "vanilla-cookieconsent": ['cc_cookie={"categories":"all"}', "cc_cookie=%7Bnot-json"],
    "django-cookie-consent": ["cookie_consent=accepted", "cookie_consent=social=yesterday"],
    "c15t": ["c15t=v=3", "c15t=c.marketing:1", "c15t={}", 'c15t={"consents":{"marketing":false},"consentInfo":null}'],
    "complianz": ["cmplz_consented_services=; cmplz_policy_id=16"],
}  # fmt: skip


@pytest.mark.parametrize(("tool", "cookies"), [(tool, each) for tool, all in NOTHING.items() for each in all])
def test_where_nobody_has_pressed_anything_nothing_is_said(tool: str, cookies: str) -> None:
    found = carry(tool)

    assert found.read(found.find(cookies)) is None


def test_every_tool_has_a_sample() -> None:
    assert {tool for tool, *_ in SAMPLES} == set(TOOLS)


@pytest.mark.parametrize(
    ("cookies", "analytics"),
    [
        ('klaro={"a":true}; klaro={"a":false}', False),
        ('klaro={"a":false}; klaro={"a":true}; klaro={"a":true}', False),
        ('klaro={"a":true}; klaro={}', True),
        ('klaro={"a":true}; klaro={"b":true}', None),
        ('klaro={"a":true}; klaro={"a":true}', True),
    ],
)
def test_of_several_cookies_of_one_name_a_refusal_in_any_counts(cookies: str, analytics: bool | None) -> None:
    found = carry("klaro")
    said = found.read(found.find(cookies))

    assert said is not None
    assert said.of("a") is analytics


def here(notice: Notice, table: CarryOver, cookies: str, today: str = "2024-07-01", **more: Any) -> dict[str, bool]:
    said = table.read(table.find(cookies))
    assert said is not None
    return answers_here(table, notice, said, day_of_date(today), **{"may_grant": True} | more)


def test_a_refusal_counts_always_and_an_agreement_only_where_the_site_says_so(minimal: Notice) -> None:
    both = {"analytics": "analytics", "marketing": "marketing"}

    assert here(minimal, carry("vanilla-cookieconsent", both), VANILLA_3) == {"marketing": False}
    granting = carry("vanilla-cookieconsent", both, grants=["analytics"])
    assert here(minimal, granting, VANILLA_3) == {"analytics": True, "marketing": False}
    assert here(minimal, granting, VANILLA_3, may_grant=False) == {"marketing": False}


def test_one_refused_category_refuses_all_that_it_stands_for(minimal: Notice) -> None:
    table = carry("klaro", {"analytics": ["matomo", "hotjar"], "marketing": ["hotjar"]})

    assert here(minimal, table, 'klaro={"matomo":true,"hotjar":false}') == {"analytics": False, "marketing": False}


@pytest.mark.parametrize(
    ("today", "since", "granted"),
    [
        ("2024-07-01", None, True),
        ("2024-07-01", "2024-06-01", True),
        ("2024-07-01", "2024-06-02", False),
        ("2024-11-28", None, True),
        ("2024-11-29", None, False),
        ("2024-05-01", None, True),
    ],
)
def test_an_agreement_counts_for_as_long_as_one_that_was_given_here(
    minimal: Notice, today: str, since: str | None, granted: bool
) -> None:
    table = carry("vanilla-cookieconsent", {"analytics": "analytics"}, grants=["analytics"], since=since)
    assert minimal.lifetime_days == 180

    assert here(minimal, table, VANILLA_3, today) == ({"analytics": True} if granted else {})


def test_an_agreement_without_a_date_counts_from_the_day_that_the_site_names(minimal: Notice) -> None:
    names, cookie = {"analytics": "matomo"}, 'klaro={"matomo":true}'

    assert here(minimal, carry("klaro", names, grants=["analytics"]), cookie) == {}
    dated = carry("klaro", names, grants=["analytics"], since="2024-06-01")
    assert here(minimal, dated, cookie) == {"analytics": True}
    assert here(minimal, dated, cookie, "2025-06-01") == {}
    assert here(minimal, dated, cookie, "2024-05-31") == {}, "nothing was agreed to on a day to come"


def test_a_tool_whose_cookie_was_renamed_is_found(minimal: Notice) -> None:
    table = carry("klaro", {"analytics": "matomo"}, key="cookie_punch")

    assert here(minimal, table, 'klaro={"matomo":true}; cookie_punch={"matomo":false}') == {"analytics": False}
    assert table.keys == ("cookie_punch",)


def test_the_record_says_where_a_choice_comes_from() -> None:
    table = carry("vanilla-cookieconsent")
    said = table.read(table.find(VANILLA_3))
    assert said is not None

    assert signals_of(table, said) == ("carried:vanilla-cookieconsent", "chosen:2024-06-01")
    assert source_of(("gpc", *signals_of(table, said))) == ("CookieConsent", "2024-06-01")
    assert source_of(("gpc",)) == ("", "")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "must be a table"),
        ({"tool": "klaro"}, "must be a table"),
        ({"tool": "klaro", "purposes": {"a": "b"}, "extra": 1}, "must be a table"),
        ({"tool": "cookie-monster", "purposes": {"a": "b"}}, "tool must be one of vanilla"),
        ({"tool": "klaro", "purposes": {}}, "purposes must map"),
        ({"tool": "klaro", "purposes": {"a": []}}, "purposes must map"),
        ({"tool": "klaro", "purposes": {"a": [1]}}, "purposes must map"),
        ({"tool": "klaro", "purposes": {"a": ""}}, "purposes must map"),
        ({"tool": ["klaro"], "purposes": {"a": "b"}}, "tool must be one of vanilla"),
        ({"tool": "klaro", "purposes": {"a": "b"}, "grants": ["c"]}, "grants must be"),
        ({"tool": "klaro", "purposes": {"a": ["b", "c"]}, "grants": ["a"]}, "one to one"),
        ({"tool": "klaro", "purposes": {"a": "b", "c": "b"}, "grants": ["a"]}, "one to one"),
        ({"tool": "klaro", "purposes": {"a": "b"}, "since": "May"}, "since must be a day"),
        ({"tool": "klaro", "purposes": {"a": "b"}, "key": 1}, "key must be"),
        ({"tool": "klaro", "purposes": {"a": "b"}, "key": "</script>"}, "key must be"),
        ({"tool": "complianz", "purposes": {"a": "b"}, "key": "cmplz"}, "key must be"),
    ],
)
def test_an_unusable_table_says_what_to_write(table: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_carry_over(table)


def test_the_notice_has_to_have_what_is_carried_over(minimal: Notice, shop: Notice) -> None:
    check_carry_over(carry("klaro", {"analytics": "x"}, grants=["analytics"]), minimal)

    for notice, key, message in (
        (minimal, "statistics", "the notice has no statistics"),
        (minimal, "necessary", "the notice has no necessary"),
        (shop, "cross_border_transfer", "the notice has no cross_border_transfer"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            check_carry_over(carry("klaro", {key: "x"}), notice)
    unusual = [key for key, option in shop.options.items() if not option.in_accept_all]
    for key in unusual:
        with pytest.raises(ConfigurationError, match="needs a consent of its own"):
            check_carry_over(carry("klaro", {key: "x"}, grants=[key]), shop)
    assert unusual


def test_nothing_sensitive_is_granted_from_a_cookie(minimal: Notice) -> None:
    sensitive = replace(minimal, data=tuple(replace(each, sensitive=True) for each in minimal.data))
    table = carry("vanilla-cookieconsent", {"analytics": "analytics"}, grants=["analytics"])

    with pytest.raises(ConfigurationError, match="sensitive"):
        check_carry_over(table, sensitive)
    assert here(sensitive, table, VANILLA_3) == {}


@for_each(product(TOOLS, ["a", "a:", "-", "{", "%", "=", "!", "|", '"', "[", "a=1&", ":,", "é", '{"a":']))
def test_no_text_breaks_a_reader(given: tuple[str, str]) -> None:
    tool, part = given
    found = carry(tool)
    key = found.keys[0].replace("*", "1")

    for text in (part * (8000 // len(part)), part, part * 2 + "true"):
        said = found.read(found.find(f"{key}={text}"))
        assert said is None or True not in said.answers.values()


def test_more_cookies_of_one_name_than_any_tool_sets_say_nothing() -> None:
    found = carry("klaro")

    assert found.read(found.find('klaro={"a":true};' * 8))
    assert found.read(found.find('klaro={"a":true};' * 9)) is None


def test_other_cookies_may_be_as_long_as_they_like() -> None:
    found = carry("klaro")

    assert found.read(found.find("session=" + "x" * 20_000 + '; klaro={"a":false}'))
    assert found.read(found.find("klaro=" + quote('{"a":false,"b":"' + "x" * 9000 + '"}'))) is None
