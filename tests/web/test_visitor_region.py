"""A region for each visitor: by the site's function or its proxy's header, and the strictest rules where nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g, render_template_string, request
from flask.testing import FlaskClient

from consent_widget.days import day_of_date
from consent_widget.errors import ConfigurationError
from consent_widget.notice.model import Notice
from consent_widget.settings.config import read_settings
from consent_widget.web.visitor_site import read_region

from ..conftest import HERE, KEY, MakeApp
from ..support.choice_body import choice_body

HEADER = "CF-IPCountry"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_REGION_HEADER=HEADER, CONSENT_AGE={})
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget() }}"))
    return app


def refuse(client: FlaskClient, notice: Notice, **headers: str) -> Any:
    body = choice_body(notice, "reject_all")
    assert client.post("/consent/records", json=body, headers={**HERE, **headers}).status_code == 201
    return list(client.application.extensions["consent_widget"].store.export())[-1]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("CN", "CN"),
        (" de ", "DE"),
        ("us-ca", "US-CA"),
        ("GB-SCT", "GB-SCT"),
        ("US-California", "US"),
        ("", "ZZ"),
        ("XX", "ZZ"),
        ("T1", "ZZ"),
        ("A1", "ZZ"),
        ("AP", "ZZ"),
        ("ZZ", "ZZ"),
        ("US, DE", "ZZ"),
        ("US,US", "ZZ"),
        ("Germany", "ZZ"),
        ("ＵＳ", "ZZ"),
        ("U\x00", "ZZ"),
        ("<b>", "ZZ"),
        ("D" * 5000, "ZZ"),
    ],
)
def test_a_region_is_read_however_it_is_written_and_what_is_none_is_unknown(said: str, code: str) -> None:
    assert read_region(said) == code


@pytest.mark.parametrize(
    ("country", "part", "code"),
    [("US", "CA", "US-CA"), ("US", "", "US"), ("US", None, "US"), (None, "CA", "ZZ"), ("XX", "CA", "ZZ")],
)
def test_two_headers_say_the_country_and_its_part(
    make_app: MakeApp, minimal: Notice, country: str | None, part: str | None, code: str
) -> None:
    app = make_app(CONSENT_REGION_HEADER=["CloudFront-Viewer-Country", "CloudFront-Viewer-Country-Region"])
    sent = {"CloudFront-Viewer-Country": country, "CloudFront-Viewer-Country-Region": part}
    headers = {name: value for name, value in sent.items() if value is not None}

    assert refuse(app.test_client(), minimal, **headers).region == code


@pytest.mark.parametrize(("code", "days"), [("US-TX", 365), ("FR", 180), ("CN", 180), ("T1", 365), (None, 365)])
def test_each_visitors_refusal_lasts_as_the_law_of_their_region_says(
    app: Flask, shop: Notice, code: str | None, days: int
) -> None:
    choice = refuse(app.test_client(), shop, **({HEADER: code} if code else {}))

    assert choice.region == (code if code and code != "T1" else "ZZ")
    assert choice.valid_until - choice.time // 86_400_000 == days


@pytest.mark.parametrize(("code", "age"), [("US", 13), ("FR", 15), ("IN", 18), ("XX", 18)])
def test_each_visitor_is_asked_for_the_age_of_their_region(app: Flask, shop: Notice, code: str, age: int) -> None:
    client = app.test_client()
    page = client.get("/page", headers={HEADER: code, "Accept-Language": "en"}).text

    assert f"Under {age}" in page
    assert page.count('value="age_') == (2 if age == 18 else 3)
    client.post("/consent/records", json=choice_body(shop, "age_child"), headers={**HERE, HEADER: code})
    (choice,) = app.extensions["consent_widget"].store.export()
    assert choice.age_band == f"under_{age}"


def test_a_site_sets_one_age_for_everybody(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_REGION_HEADER=HEADER, CONSENT_AGE={"child_below": 16})

    for code in ("US", "IN"):
        page = app.test_client().get("/consent/preferences?lang=en", headers={HEADER: code}).text
        assert "Under 16" in page


def test_caches_are_told_that_pages_depend_on_the_header(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/page", headers={HEADER: "FR"})
    script = client.get("/consent/widget.js", headers={HEADER: "FR"})

    assert HEADER in page.vary
    assert HEADER in script.vary
    assert script.headers["Cache-Control"].startswith("private")  # some caches know no Vary
    other = client.get("/consent/widget.js", headers={HEADER: "IN", "If-None-Match": script.headers["ETag"]})
    assert other.status_code == 200
    again = client.get("/consent/widget.js", headers={HEADER: "ES", "If-None-Match": script.headers["ETag"]})
    assert again.status_code == 200  # another age
    same = client.get("/consent/widget.js", headers={HEADER: "CZ", "If-None-Match": script.headers["ETag"]})
    assert same.status_code == 304


def test_regions_with_the_same_rules_share_their_files_and_any_visitor_gets_those(app: Flask) -> None:
    client = app.test_client()

    def script(code: str) -> str:
        page = client.get("/page", headers={HEADER: code, "Accept-Language": "en"}).text
        (found,) = re.findall(r'src="(/consent/widget\.[0-9a-f]{16}\.js)', page)
        return str(found)

    assert script("FR") == script("CZ") == script("SI-061")
    assert len({script(code) for code in ("FR", "US", "IN", "CN", "JP")}) == 4  # China and Japan: 14
    answer = client.get(script("FR"), headers={HEADER: "US"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert HEADER not in answer.vary


def test_a_site_in_one_region_tells_caches_nothing_new(make_app: MakeApp) -> None:
    client = make_app(CONSENT_REGION="US").test_client()
    script = client.get("/consent/widget.js")

    assert script.headers["Cache-Control"].startswith("public")
    assert {name.lower() for name in script.vary} == {"accept-language", "accept-encoding"}


def test_the_sites_function_is_asked_once_a_request_and_after_its_own_hooks(make_app: MakeApp, minimal: Notice) -> None:
    asked: list[str] = []

    def region() -> str:
        asked.append(g.country)
        return str(g.country)

    app = make_app(CONSENT_REGION=region)
    app.before_request(lambda: setattr(g, "country", request.headers.get("X-Country", "")))
    choice = refuse(app.test_client(), minimal, **{"X-Country": "us-ca"})

    assert choice.region == "US-CA"
    assert asked == ["us-ca"]
    page = app.test_client().get("/consent/preferences", headers={"X-Country": "DE"})
    assert "*" in page.vary


@pytest.mark.parametrize("region", [lambda: 1 / 0, lambda: g.country, lambda: 7, lambda: object()])
def test_a_function_that_fails_breaks_no_page_and_the_log_says_so(
    make_app: MakeApp, minimal: Notice, caplog: pytest.LogCaptureFixture, region: Callable[[], object]
) -> None:
    app = make_app(CONSENT_REGION=region)
    choice = refuse(app.test_client(), minimal)

    assert choice.region == "ZZ"
    assert "CONSENT_REGION: the function failed." in caplog.text


@pytest.mark.parametrize("region", [lambda: None, lambda: "", lambda: "XX"])
def test_a_function_that_does_not_know_says_so_quietly(
    make_app: MakeApp, minimal: Notice, caplog: pytest.LogCaptureFixture, region: Callable[[], object]
) -> None:
    app = make_app(CONSENT_REGION=region)

    assert refuse(app.test_client(), minimal).region == "ZZ"
    assert not caplog.text


def test_pages_that_caches_keep_have_the_strictest_rules_for_everybody(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_RENDER="cached", CONSENT_REGION_HEADER=HEADER, CONSENT_AGE={})
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget(locale='en') }}"))
    client = app.test_client()
    pages = [client.get("/page", headers={HEADER: code}) for code in ("US", "CN", "XX")]

    assert len({page.text for page in pages}) == 1
    assert "Under 18" in pages[0].text
    assert HEADER not in pages[0].vary
    assert refuse(client, shop, **{HEADER: "US"}).region == "ZZ"  # the rules that were shown


def test_a_rule_takes_effect_on_its_day_without_a_restart(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_REGION="JP", CONSENT_AGE={})

    def shown() -> str:
        return app.test_client().get("/consent/preferences?lang=en").text

    monkeypatch.setattr("consent_widget.regions.today", lambda: day_of_date("2028-07-15"))
    assert "Under 14" in shown()
    monkeypatch.setattr("consent_widget.regions.today", lambda: day_of_date("2028-07-16"))
    assert "Under 16" in shown()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"CONSENT_REGION": "CN", "CONSENT_REGION_HEADER": HEADER}, "leave out either"),
        ({"CONSENT_REGION": lambda: "CN", "CONSENT_REGION_HEADER": HEADER}, "leave out either"),
        ({"CONSENT_REGION_HEADER": "CF IPCountry"}, "must be the name of a header"),
        ({"CONSENT_REGION_HEADER": ""}, "must be the name of a header"),
        ({"CONSENT_REGION_HEADER": []}, "must be the name of a header"),
        ({"CONSENT_REGION_HEADER": ["A", "B", "C"]}, "must be the name of a header"),
        ({"CONSENT_REGION": "California"}, "must be a code of ISO 3166"),
    ],
)
def test_a_region_that_cannot_be_known_stops_start_up(config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"CONSENT_REGION.*{message}"):
        read_settings({"CONSENT_KEYS": [KEY], **config})
