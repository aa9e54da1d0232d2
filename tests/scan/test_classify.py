"""What counts as a leak, as a table: by whom, when, and whose it is."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from consent_widget import Cookie, Service, read_notice
from consent_widget.notice.model import Notice
from consent_widget.scan.classify import classify
from consent_widget.scan.headers import cookie_name
from consent_widget.scan.html import as_html
from consent_widget.scan.observed import PHASES, Observations, Phase, Request, Stored
from consent_widget.scan.propose import propose
from consent_widget.scan.report import as_json, terminal
from consent_widget.text import Text

from ..conftest import CONTROLLER

SHOP = "https://www.shop.example/"
EMPTY = Observations(
    url=SHOP, site="shop.example", engine="Chrome 1", date="2026-11-29 12:00 UTC", home="https://consent.other.example/c/",
    pages=(SHOP,), phases=PHASES,
)  # fmt: skip


def service(id: str, *purposes: str, **more: object) -> Service:
    return Service(id=id, name=Text({"zh-CN": id, "en": id}), company="X", country="NL", purposes=purposes, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def notice() -> Notice:
    return replace(
        read_notice("minimal", CONTROLLER),
        country="NL",
        services=(
            service(
                "tally", "analytics", hosts=("*.tally.example",), cookies=(Cookie(name="t_*"),), storage=("tally",)
            ),
            service("both", "analytics", "marketing", hosts=("both.example:8080",)),
            service("shared", "necessary", hosts=("both.example", "fonts.example"), cookies=(Cookie(name="basket"),)),
            service("youtube", "marketing", hosts=("www.youtube-nocookie.com",)),
        ),
    )


def sent(url: str, phase: Phase, **more: str) -> Request:
    return Request(url=url, phase=phase, page=more.pop("page", SHOP), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "guilty"),
    [
        ("https://www.shop.example/app.js", {}),
        ("https://cdn.shop.example/app.js", {}),
        ("https://consent.other.example/c/widget.js", {}),
        ("https://fonts.example/f.woff2", {}),
        ("https://both.example/x", {}),
        ("https://a.tally.example/t.js", {"new": "leak", "refused": "leak", "withdrawn": "leak"}),
        ("https://nobody.example/p", dict.fromkeys(PHASES, "leak") | {"accepted": "untold"}),
        ("https://shop.example.evil.example/p", dict.fromkeys(PHASES, "leak") | {"accepted": "untold"}),
        ("https://notshop.example/p", dict.fromkeys(PHASES, "leak") | {"accepted": "untold"}),
        ("wss://nobody.example/socket", dict.fromkeys(PHASES, "leak") | {"accepted": "untold"}),
        ("https://www.shop.example/g/collect?v=2", dict.fromkeys(PHASES, "leak") | {"accepted": "untold"}),
        ("https://www.shop.example/x?id=GTM-ABC", dict.fromkeys(PHASES, "leak") | {"accepted": "untold"}),
        ("https://www.shop.example/x?product_id=GTM-ABC", {}),
        ("https://www.shop.example/maps", {}),
        ("https://www.shop.example/wp-content/plugins/shop.js", {}),
    ],
)
def test_a_request_is_judged_by_its_host_and_by_the_marks_of_its_address(
    notice: Notice, url: str, guilty: dict[str, str]
) -> None:
    for phase in PHASES:
        found = classify(replace(EMPTY, requests=(sent(url, phase),)), notice)
        assert [each.kind for each in found] == ([guilty[phase]] if phase in guilty else []), phase


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://127.0.0.1:5000/app.js", False),
        ("http://127.0.0.1:6000/p.gif", True),
        ("http://localhost:5000/p.gif", True),
        ("http://127.0.0.1:8000/consent/widget.js", False),
        ("http://[::1]:6000/p.gif", True),
    ],
)
def test_on_ones_own_computer_each_port_is_another_host(notice: Notice, url: str, found: bool) -> None:
    here = replace(EMPTY, url="http://127.0.0.1:5000/", site="127.0.0.1", home="http://127.0.0.1:8000/consent/")
    seen = replace(
        here,
        requests=(sent(url, "new"),),
        stored=(Stored(place="local", name="cw-clock", host="127.0.0.1", phase="new"),),
    )

    assert bool(classify(seen, notice)) == found
    assert classify(seen, notice, ("127.0.0.1:6000", "localhost:5000", "[::1]:6000", "::1:6000")) == ()


def test_a_name_without_a_port_among_those_told_makes_no_port_count_for_another(notice: Notice) -> None:
    seen = replace(EMPTY, requests=(sent("http://localhost:6000/p.gif", "new"),))

    assert classify(seen, notice, ("cdn.example", "localhost:5000"))


def test_all_purposes_of_a_service_count_and_a_named_recipient_is_not_in_accept_all(notice: Notice) -> None:
    separate = service("acme", "marketing", hosts=("acme.example",), recipient="acme")
    hidden = replace(notice)
    object.__setattr__(hidden, "services", (separate,))
    seen = replace(EMPTY, requests=(sent("https://acme.example/p", "accepted"),))

    assert [each.service for each in classify(seen, hidden)] == ["acme"]


@pytest.mark.parametrize(
    ("place", "name", "host", "guilty"),
    [
        ("cookie", "cw", "www.shop.example", ""),
        ("cookie", "__Host-cw", "www.shop.example", ""),
        ("cookie", "cwx", "www.shop.example", "new refused accepted withdrawn"),
        ("local", "cw-outbox.1", "www.shop.example", ""),
        ("cookie", "session", "www.shop.example", ""),
        ("cookie", "basket", "shop.example", ""),
        ("cookie", "t_id", "shop.example", "new refused withdrawn"),
        ("local", "tally", "www.shop.example", "new refused withdrawn"),
        ("database", "else", "www.shop.example", "new refused accepted withdrawn"),
        ("worker", "/sw.js", "www.shop.example", "new refused accepted withdrawn"),
        ("cookie", "id", "a.tally.example", "new refused withdrawn"),
        ("cookie", "id", "nobody.example", "new refused accepted withdrawn"),
    ],
)
def test_what_is_stored_is_judged_by_name_and_host(
    notice: Notice, place: str, name: str, host: str, guilty: str
) -> None:
    for phase in PHASES:
        stored = Stored(place=place, name=name, host=host, phase=phase)  # type: ignore[arg-type]
        found = classify(replace(EMPTY, stored=(stored,)), notice)
        assert bool(found) == (phase in guilty.split()), phase


def test_what_is_named_as_the_sites_own_is_no_finding(notice: Notice) -> None:
    seen = replace(
        EMPTY,
        requests=(sent("https://static.elsewhere.example/a.css", "new"),),
        stored=(Stored(place="local", name="theme_dark", host="www.shop.example", phase="new"),),
    )

    assert len(classify(seen, notice)) == 2
    assert classify(seen, notice, ("*.elsewhere.example", "theme_*")) == ()


def test_one_leak_is_one_finding_with_all_its_visitors_pages_and_cookies(notice: Notice) -> None:
    address = "https://frame.example/f"
    seen = replace(
        EMPTY,
        requests=(
            sent(address + "?1", "new", initiator=SHOP + ":3"),
            sent("https://frame.example/inside.js", "new", page=address),
            replace(sent(address, "refused", page=SHOP + "two"), cookies=("uid",)),
        ),
        stored=(Stored(place="local", name="inside", host="frame.example", phase="new"),),
    )
    (found,) = classify(seen, notice)

    assert (found.host, found.place, found.phases) == ("frame.example", "/f", ("new", "refused"))
    assert found.cookies == ("uid",)
    assert "sets uid" in terminal(seen, [found])
    assert '"frame.example"' in as_json(seen, [found])


def test_a_vendor_behind_a_name_of_the_site_is_found_by_where_it_leads(notice: Notice) -> None:
    seen = replace(
        EMPTY, requests=(sent("https://m.shop.example/x", "new"),), aliases={"m.shop.example": "hm.baidu.com"}
    )

    assert [each.vendor for each in classify(seen, notice)] == ["baidu_tongji"]


def test_without_a_notice_nothing_may_go_to_others() -> None:
    seen = replace(EMPTY, requests=(sent("https://fonts.example/f", "new"), sent(SHOP, "new")))

    assert [each.host for each in classify(seen)] == ["fonts.example"]


def test_a_proposal_has_the_sites_number_and_leaves_the_unknown_to_fill_in(notice: Notice) -> None:
    import tomllib

    seen = replace(
        EMPTY,
        requests=(
            sent("https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4&l=dataLayer", "new"),
            sent("https://hm.baidu.com/hm.js?0123456789abcdef0123456789abcdef", "new"),
            replace(sent("https://nobody.example/p", "new"), cookies=("uid",)),
            sent("https://a.tally.example/t.js", "new"),
        ),
        stored=(Stored(place="cookie", name="_ga", host="shop.example", phase="new"),),
    )
    baidu, ga4, unknown = tomllib.loads(propose(seen, notice))["services"]

    assert ga4 == {"use": "ga4", "id": "G-ABC123DEF4", "purposes": ["analytics"]}
    assert (baidu["use"], baidu["id"]) == ("baidu_tongji", "0123456789abcdef0123456789abcdef")
    assert unknown["hosts"] == ["nobody.example"]
    assert unknown["cookies"][0]["name"] == "uid"
    assert tomllib.loads(propose(EMPTY, notice)) == {}


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("a=1", "a"),
        ("a=1; Max-Age=60; Path=/", "a"),
        (" a = 1 ; HttpOnly", "a"),
        ("a=; Max-Age=0; Path=/", ""),
        ("a=; max-age=-1", ""),
        ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""),
        ("a=; expires=Thu, 01-Jan-1970 00:00:00 GMT; Max-Age=60", "a"),
        ("a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "a"),
        ("a=1; Expires=whenever", "a"),
        ("a=1; Expires=Mon, 01 Jan 2030 00:00:00 +99999999999", "a"),
        ("nothing", ""),
    ],
)
def test_an_answer_that_deletes_a_cookie_sets_none(header: str, name: str) -> None:
    assert cookie_name(header) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("k\x1b[2J\x1b]0;title\x07", r"k\x1b[2J\x1b]0;title\x07"),
        ("clean\u202egro.live\x9b31m", r"clean\u202egro.live\x9b31m"),
        ("half\ud800", r"half\ud800"),
        ('a" }]\n[[services]]\x7f', r'a" }]\n[[services]]\x7f'),
    ],
)
def test_what_a_site_calls_its_keys_steers_no_terminal_and_breaks_no_report(name: str, shown: str) -> None:
    stored = tuple(Stored(place=place, name=name, host="shop.example", phase="new") for place in ("local", "cookie"))
    request = replace(sent("https://nobody.example/p", "new"), cookies=(name,))
    seen = replace(EMPTY, stored=stored, requests=(request,))
    findings = classify(seen)
    assert terminal(seen, findings).count(shown) == 3
    assert as_html(seen, findings).encode()
    assert as_json(seen, findings).encode()
    services = tomllib.loads(propose(seen))["services"]
    assert {cookie["name"] for service in services for cookie in service["cookies"]} == {shown}


def test_a_site_that_stores_without_end_gets_a_report_that_has_one() -> None:
    stored = tuple(Stored(place="local", name=f"{n}-{'x' * 9999}", host=SHOP, phase="new") for n in range(999))
    seen = replace(EMPTY, stored=stored)
    report = terminal(seen, classify(seen))
    assert "and 979 more" in report
    assert len(report) < 100_000
