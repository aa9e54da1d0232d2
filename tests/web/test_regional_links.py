"""Links and words that the law of a region asks for: Your Privacy Choices, limiting sensitive uses, and complaints."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget.errors import NoticeError
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.parties import ACME
from .test_pages import Page

URL = "/consent/do-not-share"
CHOICES = {
    "en": '<span class="cw-options" aria-hidden="true"></span>Your Privacy Choices</a>',
    "zh-CN": '<span class="cw-options" aria-hidden="true"></span><span lang="en">Your Privacy Choices</span>（您的隐私选择）</a>',
}
LIMIT = {
    "en": "<h2>Limit the Use of My Sensitive Personal Information</h2>",
    "zh-CN": '<h2><span lang="en">Limit the Use of My Sensitive Personal Information</span>（限制使用我的敏感个人信息）</h2>',
}


@pytest.fixture
def notice(shop: Notice) -> Notice:
    marked = ("personalized_recommendations", "partner_sharing")
    purposes = tuple(replace(each, sensitive_use=each.id in marked) for each in shop.purposes)
    acme = replace(ACME, purposes=("partner_sharing", "third_party_disclosure"))
    return replace(shop, purposes=purposes, recipients=(acme, replace(acme, id="other")))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    return make_app(CONSENT_NOTICE=notice, CONSENT_REGION="US-CA")


def records(app: Flask) -> list[Any]:
    return list(app.extensions["consent_widget"].store.export())


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_in_california_the_link_has_the_statutory_words_and_icon(client: FlaskClient, lang: str) -> None:
    for path in ("preferences", "notice"):
        page = client.get(f"/consent/{path}", query_string={"lang": lang}).text
        assert f'href="/consent/do-not-share?lang={lang}"' in page
        assert CHOICES[lang] in page
    (sheet,) = re.findall(r'href="(/consent/widget\.[^"]+\.css)"', page)
    assert ".cw-options" in client.get(sheet).text


@pytest.mark.parametrize("region", ["", "US", "US-CO", "UK", "CN"])
def test_elsewhere_the_link_says_what_it_does(make_app: MakeApp, notice: Notice, region: str) -> None:
    client = make_app(CONSENT_NOTICE=notice, CONSENT_REGION=region).test_client()
    page = client.get("/consent/preferences?lang=en").text

    assert ">Do Not Sell or Share My Personal Information</a>" in page
    assert "Your Privacy Choices" not in page
    (sheet,) = re.findall(r'href="(/consent/widget\.[^"]+\.css)"', page)
    assert ".cw-options" not in client.get(sheet).text
    assert "Limit the Use" not in client.get(f"{URL}?lang=en").text


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_page_has_both_rights_with_a_button_for_each(client: FlaskClient, notice: Notice, lang: str) -> None:
    page = client.get(URL, query_string={"lang": lang}).text

    assert {"en": "<h1><span>Your Privacy Choices</span></h1>"}.get(
        lang, '<h1><span><span lang="en">Your Privacy Choices</span>（您的隐私选择）</span></h1>'
    ) in page
    assert LIMIT[lang] in page
    shares, limits = page.split(LIMIT[lang])
    for purpose in notice.purposes:
        row = f"<li>{purpose.label[lang]}</li>"
        assert (row in shares) is purpose.gpc_opt_out
        assert (row in limits) is purpose.sensitive_use
    assert re.findall(r'name="action" value="(\w+)"', page) == ["opt_out", "refuse"]


def test_limiting_denies_exactly_the_sensitive_uses_and_is_confirmed(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    client.post("/consent/records", json=choice_body(notice), headers=HERE)
    client.post("/consent/records", json=choice_body(notice, "allow", "partner_sharing:acme"), headers=HERE)
    fields = {name: values[-1] for name, values in Page(client.get(f"{URL}?lang=en").text).inputs.items()}
    answer = client.post(URL, data=fields | {"action": "refuse"}, headers=HERE)

    limited = records(app)[-1]
    assert (limited.action, limited.surface) == ("refuse", "page")
    assert limited.purposes == {
        "personalized_recommendations": False, "partner_sharing:acme": False, "partner_sharing:other": False
    }  # fmt: skip
    assert "Confirmed, " in answer.text
    assert re.findall(r'name="action" value="(\w+)"', answer.text) == ["opt_out"]  # the other right is still open
    now = client.get("/consent/choices?format=json").json
    assert now
    assert now["now"]["targeted_advertising"]["granted"]
    assert not now["now"]["personalized_recommendations"]["granted"]


def test_a_notice_with_sensitive_uses_alone_has_the_page_too(make_app: MakeApp, notice: Notice) -> None:
    purposes = tuple(replace(each, gpc_opt_out=False) for each in notice.purposes)
    client = make_app(CONSENT_NOTICE=replace(notice, purposes=purposes), CONSENT_REGION="US-CA").test_client()

    page = client.get(f"{URL}?lang=en").text
    assert re.findall(r'name="action" value="(\w+)"', page) == ["refuse"]
    answer = client.post(URL, data={"action": "opt_out", "locale": "en"}, headers=HERE)
    assert answer.status_code == 422


def test_what_is_always_on_cannot_be_limited(shop: Notice) -> None:
    always = tuple(replace(each, sensitive_use=each.id == "service_delivery") for each in shop.purposes)

    with pytest.raises(NoticeError, match=r"service_delivery\.sensitive_use"):
        replace(shop, purposes=always)


@pytest.mark.parametrize(
    ("region", "texts"),
    [
        ("UK", ["within 30 days", "You can also complain to ", "https://ico.org.uk/make-a-complaint/"]),
        ("FR", ["the data protection authority of your country"]),
        ("IN", ["If our answer does not settle it", "the Data Protection Board of India"]),
        ("BR", ["https://www.gov.br/anpd/"]),
        ("JP", ["Personal Information Protection Commission"]),
    ],
)
def test_where_the_law_asks_for_it_visitors_read_where_to_complain(
    make_app: MakeApp, region: str, texts: list[str]
) -> None:
    client = make_app(CONSENT_NOTICE="shop", CONSENT_REGION=region).test_client()
    link = '<a href="/consent/complaint?lang=en">Complain about how we handled your information</a>'

    assert link in client.get("/consent/notice?lang=en").text
    assert link in client.get("/consent/choices?lang=en").text
    client.post(
        "/consent/records",
        json=choice_body(client.application.extensions["consent_widget"].notice),
        headers=HERE,
    )
    assert link in client.get("/consent/choices?lang=en").text
    page = client.get("/consent/complaint?lang=en").text
    assert "mailto:privacy@shop.example?subject=" in page
    for text in texts:
        assert text in page
    assert ("30 days" in page) is (region == "UK")
    assert "投诉" in client.get("/consent/complaint?lang=zh-CN").text


@pytest.mark.parametrize("region", ["", "CN", "US-CA"])
def test_elsewhere_no_link_is_added(make_app: MakeApp, region: str) -> None:
    client = make_app(CONSENT_NOTICE="shop", CONSENT_REGION=region).test_client()

    for path in ("notice", "choices"):
        assert "complaint" not in client.get(f"/consent/{path}?lang=en").text
    assert client.get("/consent/complaint?lang=en").status_code == 200
