"""What the tests of others get: visitors who have chosen."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, render_template_string, session
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, choice_recorded, consent, processing
from consent_widget.notice.model import Notice
from consent_widget.notice.options import Option
from consent_widget.testing import SETTINGS, granted_client, refusing_client

from ..conftest import CONTROLLER, MakeApp
from ..support.parties import ACME
from ..support.vendors import with_vendors

PAGE = Path(__file__).parents[2] / "docs/testing.md"


@pytest.fixture
def shop_app(make_app: MakeApp, shop: Notice) -> Flask:
    acme = replace(ACME, purposes=("partner_sharing", "identity_verification"))
    return with_page(make_app(CONSENT_NOTICE=replace(shop, recipients=(acme,)), **SETTINGS))


def with_page(app: Flask) -> Flask:
    @app.get("/granted")
    def granted() -> dict[str, bool]:
        notice = app.extensions["consent_widget"].notice
        return {option.key: consent.granted(*option.key.split(":")) for option in options(notice)} | {
            "pending": consent.pending
        }

    return app


def options(notice: Notice) -> list[Option]:
    return [option for option in notice.options.values() if option.service is None and not option.for_guardian]


def granted(client: FlaskClient, base_url: str | None = None) -> set[str]:
    answer = client.get("/granted", base_url=base_url).json
    assert answer
    return {key for key, value in answer.items() if value}


@pytest.mark.parametrize(
    "keys",
    [
        ("data_analytics",),
        ("data_analytics", "targeted_advertising"),
        ("partner_sharing:acme",),
        ("identity_verification:acme", "data_analytics"),
    ],
)
def test_a_visitor_has_agreed_to_what_is_named_and_to_nothing_else(shop_app: Flask, keys: tuple[str, ...]) -> None:
    assert granted(granted_client(shop_app, *keys)) == set(keys)


def test_who_refuses_is_asked_no_more(shop_app: Flask) -> None:
    assert granted(shop_app.test_client()) == {"pending"}
    assert granted(refusing_client(shop_app)) == set()


def test_the_choice_is_on_record_as_any_other(shop_app: Flask) -> None:
    heard = []
    with choice_recorded.connected_to(lambda app, choice: heard.append(choice)):
        client = granted_client(shop_app, "data_analytics")
    shop_app.add_url_rule("/who", "who", lambda: str(consent.subject))
    subject = client.get("/who").text

    assert [choice.subject for choice in heard] == [subject]
    with shop_app.app_context():
        assert processing.granted(subject, "data_analytics")
    assert "data_analytics" in client.get("/consent/choices").text


def test_each_client_is_another_visitor(shop_app: Flask) -> None:
    shop_app.add_url_rule("/who", "who", lambda: str(consent.subject))
    subjects = {granted_client(shop_app, "data_analytics").get("/who").text for _ in range(100)}

    assert len(subjects) == 100


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("data_analitics", "Did you mean 'data_analytics'?"),
        ("partner_sharing", "Say which recipient is meant"),
        ("partner_sharing:acne", "Did you mean 'acme'?"),
        ("service_delivery", "does not rest on consent"),
        ("data_analytics@tally", "no service 'tally'"),
        ("", "no purpose ''"),
    ],
)
def test_what_nobody_can_agree_to_is_an_error_with_the_nearest_name(shop_app: Flask, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        granted_client(shop_app, key)


def test_to_agree_to_nothing_is_no_grant(shop_app: Flask) -> None:
    with pytest.raises(ConfigurationError, match="refusing_client"):
        granted_client(shop_app)


def test_a_service_is_granted_alone_or_with_its_purpose(make_app: MakeApp, minimal: Notice) -> None:
    app = make_app(CONSENT_NOTICE=with_vendors(minimal), **SETTINGS)
    service = app.extensions["consent_widget"].notice.services[0]
    key = f"{service.purposes[0]}@{service.id}"
    app.add_url_rule("/may", "may", lambda: str(consent.granted_service(service.id)))

    assert granted_client(app, key).get("/may").text == "True"
    assert granted_client(app, *service.purposes).get("/may").text == "True"
    assert refusing_client(app).get("/may").text == "False"


@pytest.mark.parametrize(
    ("config", "base_url"),
    [
        ({}, "https://localhost"),
        ({}, "https://shop.example:8443/shop"),
        ({"SERVER_NAME": "shop.example"}, None),
        ({"SERVER_NAME": "shop.example", "PREFERRED_URL_SCHEME": "https"}, None),
        ({"CONSENT_COOKIE_DOMAIN": "shop.example"}, "http://www.shop.example"),
        ({"CONSENT_COOKIE_NAME": "blog-consent"}, None),
        ({"CONSENT_SITE": "shop", "CONSENT_ORIGINS": ["https://www.shop.example"]}, "https://consent.example"),
        ({"CONSENT_AGE": {}}, None),
    ],
)
def test_the_visitor_is_known_wherever_the_tests_ask(
    make_app: MakeApp, config: dict[str, object], base_url: str | None
) -> None:
    app = with_page(make_app(**SETTINGS | config))
    if "CONSENT_AGE" in config:
        app = with_page(make_app(CONSENT_NOTICE="shop", **SETTINGS | config))
    key = "data_analytics" if "CONSENT_AGE" in config else "analytics"

    assert granted(granted_client(app, key, base_url=base_url), base_url) == {key}
    assert granted(refusing_client(app, base_url=base_url), base_url) == set()


def test_a_client_that_is_signed_in_stays_so(make_app: MakeApp) -> None:
    app = with_page(make_app(SECRET_KEY="s" * 40, **SETTINGS))
    app.before_request(lambda: None if session else ("Who are you?", 401))
    client = app.test_client()
    with client.session_transaction() as signed_in:
        signed_in["user"] = 1

    assert granted(granted_client(app, "analytics", client=client)) == {"analytics"}


def test_the_page_in_the_docs_runs_as_it_stands_and_writes_no_file(tmp_path: Path) -> None:
    for name, code in re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        (tmp_path / name).write_text(code, "utf-8")
    run = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",  # a plugin of our own tests
        "-p",
        "no:xdist",
        str(tmp_path),
    ]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")

    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert not list(tmp_path.rglob("*.sqlite*"))
    assert not (tmp_path / "instance").exists()


def test_the_widget_brings_no_plugin_to_the_test_suites_of_others() -> None:
    from importlib.metadata import entry_points

    assert not [each for each in entry_points(group="pytest11") if each.value.startswith("consent_widget")]


def test_pages_of_a_visitor_who_has_chosen_show_no_layer(make_app: MakeApp) -> None:
    app = make_app(CONSENT_CONTROLLER=CONTROLLER, **SETTINGS)
    app.add_url_rule("/", "home", lambda: render_template_string("{{ consent_widget() }}"))

    assert "cw-layer" in app.test_client().get("/").text
    assert "cw-layer" not in granted_client(app, "analytics").get("/").text
