"""What is on before a visitor has answered: nothing, but where the law of their region lets the site tell instead of ask."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import render_template_string
from flask.testing import FlaskClient

from consent_widget import Service, consent
from consent_widget.errors import NoticeError
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Cookie
from consent_widget.regions import REGIONS

from ..conftest import CONTROLLER, HERE, MakeApp
from ..support.choice_body import choice_body

NAME = CONTROLLER["name"]["en"]  # type: ignore[index]
OWN = Service(
    id="tally", name={"zh-CN": "自有统计", "en": "Own statistics"}, company=NAME, country="GB",  # type: ignore[arg-type]
    purposes=("analytics",), hosts=("stats.shop.example",),
)  # fmt: skip


@pytest.fixture
def notice(minimal: Notice) -> Notice:
    """Statistics of its own, and advertising from which visitors in the US opt out."""
    changed = {"analytics": {"exemption": "statistics"}, "marketing": {"opt_out": True}}
    purposes = tuple(replace(each, **changed.get(each.id, {})) for each in minimal.purposes)  # type: ignore[arg-type]
    return replace(minimal, purposes=purposes, services=(OWN,), country="GB")


def make(make_app: MakeApp, notice: Notice, **config: Any) -> FlaskClient:
    app = make_app(CONSENT_NOTICE=notice, **config)
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget(locale='en') }}"))
    app.add_url_rule("/zh", "zh", lambda: render_template_string("{{ consent_widget(locale='zh-CN') }}"))
    app.add_url_rule("/granted", "granted", granted)
    return app.test_client()


def granted() -> str:
    purposes = ("functional", "analytics", "marketing")
    on = [id for id in purposes if consent.granted(id)] + ["tally"] * consent.granted_service("tally")
    return " ".join(on)


def choose(client: FlaskClient, notice: Notice, action: str, *granted: str) -> None:
    body = choice_body(notice, action, *granted)
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201


@pytest.mark.parametrize(
    ("region", "on"),
    [
        ("UK", "analytics tally"),
        ("GB", "analytics tally"),
        ("US", "analytics marketing tally"),
        ("US-CA", "analytics marketing tally"),
        *((code, "") for code in ("", "ZZ", "KR", *REGIONS) if code not in ("UK", "GB") and not code.startswith("US")),
    ],
)
def test_only_the_united_kingdom_and_the_states_of_the_us_start_anything(
    make_app: MakeApp, notice: Notice, region: str, on: str
) -> None:
    client = make(make_app, notice, CONSENT_REGION=region)

    assert client.get("/granted").text == on
    assert "#cw-accept-all" not in client.get("/page").text
    assert "cw-layer" in client.get("/page").text  # information, and one press to object
    assert list(client.application.extensions["consent_widget"].store.export()) == []


@pytest.mark.parametrize("region", ["UK", "US-CA"])
@pytest.mark.parametrize("action", ["reject_all", "close", "withdraw_all"])
def test_one_press_ends_it_for_good(make_app: MakeApp, notice: Notice, region: str, action: str) -> None:
    client = make(make_app, notice, CONSENT_REGION=region)
    choose(client, notice, action)

    assert client.get("/granted").text == ""
    (choice,) = client.application.extensions["consent_widget"].store.export()
    assert choice.purposes == {"functional": False, "analytics": False, "marketing": False}


def test_any_first_answer_ends_what_it_does_not_grant(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION="US")
    choose(client, notice, "save", "functional")
    assert client.get("/granted").text == "functional"


def test_accepting_keeps_it_on(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION="UK")
    choose(client, notice, "accept_all")
    assert client.get("/granted").text == "functional analytics marketing tally"


def test_the_opt_out_signal_comes_first(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION="US-CA")

    assert client.get("/granted", headers={"Sec-GPC": "1"}).text == "analytics tally"


def test_where_visitors_may_be_minors_everybody_is_asked(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION="US-CA", CONSENT_AGE={})

    assert client.get("/granted").text == ""
    choose(client, notice, "age_adult")
    assert client.get("/granted").text == ""
    assert "On until" not in client.get("/page").text


def test_each_visitor_by_their_own_region(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION_HEADER="CF-IPCountry")

    found = {code: client.get("/granted", headers={"CF-IPCountry": code}).text for code in ("GB", "FR", "XX", "US")}
    assert found == {"GB": "analytics tally", "FR": "", "XX": "", "US": "analytics marketing tally"}
    texts = {code: client.get("/consent/i18n/en.json", headers={"CF-IPCountry": code}).json for code in ("GB", "FR")}
    starts = {code: [each["key"] for each in data["options"] if each.get("on") == ""] for code, data in texts.items()}  # type: ignore[index]
    assert starts == {"GB": ["analytics"], "FR": []}


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/page", ["On until your first choice: {analytics}, {marketing} (unless your browser opts out). “Reject all” switches"]),
        ("/zh", ["在您首次作出选择之前默认开启：{analytics}、{marketing}（浏览器发出退出信号的除外）。点击“全部拒绝”即可关闭。"]),
    ],
)  # fmt: skip
def test_visitors_are_told_what_is_on_and_how_to_switch_it_off(
    make_app: MakeApp, notice: Notice, path: str, texts: list[str]
) -> None:
    client = make(make_app, notice, CONSENT_REGION="US-CA")
    locale = "en" if path == "/page" else "zh-CN"
    labels = {purpose.id: purpose.label[locale] for purpose in notice.purposes}

    for page in (client.get(path).text, client.get("/consent/preferences", query_string={"lang": locale}).text):
        for text in texts:
            assert text.format(**labels) in page
    choose(client, notice, "accept_all")
    assert texts[0].format(**labels) not in client.get(path).text
    elsewhere = make(make_app, notice, CONSENT_REGION="FR", CONSENT_DATABASE="sqlite://")
    assert texts[0].format(**labels) not in elsewhere.get(path).text


def test_the_switches_stand_as_things_are(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION="UK")

    def on() -> set[str]:
        page = client.get("/consent/preferences?lang=en").text
        return {
            str(re.search(r'value="([^"]+)"', each)[1])  # type: ignore[index]
            for each in re.findall(r"<input[^>]*role=\"switch\"[^>]*>", page)
            if " checked" in each
        }

    assert on() == {"analytics", "analytics@tally"}
    choose(client, notice, "reject_all")
    assert on() == set()


def test_the_notice_does_not_say_that_it_is_off(make_app: MakeApp, notice: Notice) -> None:
    texts = {
        region: make(make_app, notice, CONSENT_REGION=region, CONSENT_DATABASE="sqlite://").get("/consent/notice?lang=en").text
        for region in ("UK", "FR")
    }  # fmt: skip

    assert "Off until you agree: 2 of 4 purposes." in texts["UK"]
    assert "On until you switch it off" in texts["UK"]
    assert "Off until you agree: 3 of 4 purposes." in texts["FR"]
    assert "On until you switch it off" not in texts["FR"]


@pytest.mark.parametrize(
    ("purpose", "change", "services", "message"),
    [
        ("analytics", {"exemption": "statistics", "consent": "separate", "in_accept_all": False}, (), "ordinary opt_in"),
        ("necessary", {"exemption": "appearance"}, (), "ordinary opt_in"),
        ("necessary", {"opt_out": True}, (), "ordinary opt_in"),
        ("analytics", {"exemption": "statistics"}, (replace(OWN, company="Somebody Ltd"),), "is run by 'Somebody Ltd'"),
        *(
            ("analytics", {"exemption": "statistics"}, (replace(OWN, hosts=(host,)),), "contacts")
            for host in ("www.googletagmanager.com", "region1.google-analytics.com", "*.hotjar.com", "*.googletagmanager.com")
        ),
    ],
)  # fmt: skip
def test_what_has_to_be_asked_first_cannot_be_on_before(
    minimal: Notice, purpose: str, change: dict[str, Any], services: tuple[Service, ...], message: str
) -> None:
    purposes = tuple(replace(each, **change) if each.id == purpose else each for each in minimal.purposes)

    with pytest.raises(NoticeError, match=message):
        replace(minimal, purposes=purposes, services=services)


def test_what_is_sensitive_is_asked_first(minimal: Notice) -> None:
    data = tuple(replace(each, sensitive=True) for each in minimal.data)
    purposes = tuple(replace(each, opt_out=each.id == "marketing") for each in minimal.purposes)

    with pytest.raises(NoticeError, match=r"marketing\.opt_out: uses sensitive"):
        replace(minimal, data=data, purposes=purposes)


def test_neither_field_changes_what_was_agreed_to(minimal: Notice, notice: Notice) -> None:
    plain = replace(notice, services=())
    assert [each.fingerprint for each in plain.options.values()] == [
        each.fingerprint for each in minimal.options.values()
    ]
    assert "exemption" not in json.dumps(minimal.text)


def test_a_page_that_caches_keep_starts_nothing_where_regions_differ(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION_HEADER="CF-IPCountry", CONSENT_RENDER="cached")

    assert client.get("/granted", headers={"CF-IPCountry": "GB"}).text == ""


def test_cookies_of_what_is_on_are_left_alone(make_app: MakeApp, minimal: Notice, notice: Notice) -> None:
    with_cookie = replace(notice, services=(replace(OWN, cookies=(Cookie(name="tally_id"),)),))
    found = {}
    for region in ("UK", "FR"):
        client = make(make_app, with_cookie, CONSENT_REGION=region, CONSENT_DATABASE="sqlite://")
        client.set_cookie("tally_id", "1")
        found[region] = client.get("/granted").headers.get("Set-Cookie", "")

    assert found["UK"] == ""
    assert "tally_id=;" in found["FR"]


@pytest.mark.parametrize(
    "config",
    [
        {"CONSENT_CARRY_OVER": {"tool": "klaro", "purposes": {"marketing": ["ads"]}}},
        {"CONSENT_IAB": {"gpp": {"marketing": ["SaleOptOut"]}}},
    ],
)
def test_where_somebody_may_have_refused_elsewhere_nothing_is_on_before(
    make_app: MakeApp, notice: Notice, config: dict[str, Any]
) -> None:
    client = make(make_app, notice, CONSENT_REGION="US-CA", **config)

    assert client.get("/granted").text == ""
    assert "On until" not in client.get("/page").text
    assert "On until" not in client.get("/consent/notice?lang=en").text
    assert all("on" not in option for option in client.get("/consent/i18n/en.json").json["options"])  # type: ignore[index]


def test_who_has_answered_what_nobody_can_read_has_answered(make_app: MakeApp, notice: Notice) -> None:
    client = make(make_app, notice, CONSENT_REGION="US-CA", CONSENT_KEYS=["k" * 43])
    choose(client, notice, "reject_all")
    cookie = client.get_cookie("cw")
    assert cookie is not None
    later = make(make_app, notice, CONSENT_REGION="US-CA", CONSENT_KEYS=["n" * 43], CONSENT_DATABASE="sqlite://")
    assert "data-band" not in later.get("/page").text
    later.set_cookie("cw", cookie.value)

    assert later.get("/granted").text == ""
    assert 'data-band="?"' in later.get("/page").text, "so the script agrees"
    choose(later, notice, "accept_all")
    assert "marketing" in later.get("/granted").text
    assert "data-band" not in later.get("/page").text
