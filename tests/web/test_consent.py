"""`consent` in the views of a site."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, Notice, Service, consent

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body


@pytest.fixture
def notice(shop: Notice) -> Notice:
    tally = Service(id="tally", name=shop.title, company="Tally", country="CN", purposes=("data_analytics",))
    return replace(shop, services=(tally,))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    app = make_app(CONSENT_NOTICE=notice)
    app.add_url_rule("/tally", "tally", lambda: str(consent.granted_service("tally")))
    return app


def test_a_service_runs_once_its_purposes_are_granted(client: FlaskClient, notice: Notice) -> None:
    answers = [client.get("/tally").text]
    for action in ("accept_all", "withdraw_all"):
        client.post("/consent/records", json=choice_body(notice, action), headers=HERE)
        answers.append(client.get("/tally").text)

    assert answers == ["False", "True", "False"]


def test_the_opt_out_signal_stops_a_service_that_it_covers(make_app: MakeApp, shop: Notice) -> None:
    ads = Service(id="ads", name=shop.title, company="Ads", country="CN", purposes=("targeted_advertising",))
    notice = replace(shop, services=(ads,))
    app = make_app(CONSENT_NOTICE=notice)
    app.add_url_rule("/ads", "ads", lambda: str(consent.granted_service("ads")))
    client = app.test_client()
    client.post("/consent/records", json=choice_body(notice), headers=HERE)

    assert client.get("/ads").text == "True"
    assert client.get("/ads", headers={"Sec-GPC": "1"}).text == "False"


def test_an_id_that_the_notice_does_not_have_is_an_error_that_says_what_to_do(app: Flask) -> None:
    with app.test_request_context():
        with pytest.raises(ConfigurationError, match=r"no service 'taly'\. Check the id"):
            consent.granted_service("taly")
        with pytest.raises(ConfigurationError, match=r"no purpose 'data_analytic'\. Check the id"):
            consent.granted("data_analytic")
