"""Mistakes in the site's own code are told when it starts, or in the log of the developer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Blueprint, Flask, redirect, request, stream_template_string
from flask.views import MethodView

from consent_widget import ConfigurationError, ConsentWidget, Notice, consent, requires_consent

from ..conftest import CONTROLLER, KEY, MakeApp

TYPO = r"no purpose 'data_analytic'.*Did you mean 'data_analytics'\?"


@requires_consent("data_analytic")
def mistaken() -> str:
    return "never"


class Mistaken(MethodView):
    @requires_consent("data_analytic")
    def get(self) -> str:
        return "never"


def by_route(app: Flask) -> None:
    app.add_url_rule("/x", "x", mistaken)


def by_blueprint(app: Flask) -> None:
    blueprint = Blueprint("more", __name__)
    blueprint.add_url_rule("/x", "x", mistaken)
    app.register_blueprint(blueprint)


def by_nested_decorators(app: Flask) -> None:
    app.add_url_rule("/x", "x", requires_consent("data_analytics")(mistaken))


def by_class(app: Flask) -> None:
    app.add_url_rule("/x", view_func=Mistaken.as_view("x"))


WAYS = [by_route, by_blueprint, by_nested_decorators, by_class]


@pytest.mark.parametrize("register", WAYS)
def test_a_view_that_requires_an_unknown_purpose_stops_start_up(
    make_app: MakeApp, shop: Notice, register: Callable[[Flask], None]
) -> None:
    app = make_app(CONSENT_NOTICE=shop)

    with pytest.raises(ConfigurationError, match=TYPO):
        register(app)


@pytest.mark.parametrize("register", WAYS)
def test_it_does_so_too_where_the_widget_comes_after_the_views(shop: Notice, register: Callable[[Flask], None]) -> None:
    app = Flask("host")
    app.config.update(
        CONSENT_KEYS=[KEY], CONSENT_CONTROLLER=CONTROLLER, CONSENT_NOTICE=shop, CONSENT_DATABASE="sqlite://"
    )
    register(app)

    with pytest.raises(ConfigurationError, match=TYPO):
        ConsentWidget(app)


def test_a_view_that_requires_an_unknown_recipient_stops_start_up(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE=shop)

    with pytest.raises(ConfigurationError, match=r"view 'x'.*names no recipient 'acmee' for 'data_analytics'"):
        app.add_url_rule("/x", "x", requires_consent("data_analytics", "acmee")(lambda: ""))


def test_each_app_is_checked_by_its_own_notice(make_app: MakeApp, shop: Notice) -> None:
    def view() -> str:
        return ""

    make_app(CONSENT_NOTICE=shop).add_url_rule("/x", "x", requires_consent("data_analytics")(view))
    make_app(CONSENT_NOTICE="minimal").add_url_rule("/x", "x", requires_consent("analytics")(view))


def test_a_purpose_of_the_draft_may_be_required_before_it_is_published(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE=shop)
    app.test_cli_runner().invoke(args=["consent", "publish"], input="y\n")
    draft = replace(shop, version="9.9.9", purposes=(*shop.purposes, replace(shop.purposes[1], id="brand_new")))
    later = make_app(CONSENT_NOTICE=draft)

    later.add_url_rule("/x", "x", requires_consent("brand_new")(lambda: ""))


def test_an_unknown_id_in_a_template_is_an_error_that_names_the_nearest(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(ConfigurationError, match=TYPO):
        app.jinja_env.from_string("{% if 'data_analytic' is granted %}{% endif %}").render()
    with app.test_request_context(), pytest.raises(ConfigurationError, match=r"no service 'x'"):
        consent.granted_service("x")
    with app.test_request_context(), pytest.raises(ConfigurationError, match=r"no recipient 'x'"):
        app.jinja_env.from_string("{{ consent_partner('x') }}").render()


PAGE = "<!doctype html><html lang=en><meta name=viewport><body>{}<h1>A page</h1></body></html>"
GATED = '<script type="text/plain" data-consent="data_analytics"></script>'


def logged(app: Flask, caplog: pytest.LogCaptureFixture, page: str, debug: bool = True) -> list[str]:
    app.debug = debug
    app.add_url_rule("/page", "page", lambda: page)
    for _ in range(2):
        app.test_client().get("/page")
    return [record.getMessage() for record in caplog.records]


def test_a_page_with_gates_and_without_the_widget_is_told_of_once(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    (told,) = logged(app, caplog, PAGE.format(GATED))

    assert told == (
        "The page of the view 'page' has no widget, so what waits for consent there (data-consent) never opens. "
        "Put {{ consent_widget() }} first in its body."
    )


@pytest.mark.parametrize(
    ("page", "debug"),
    [
        (PAGE.format(GATED), False),
        (PAGE.format(""), True),
        (GATED, True),
        (PAGE.format("<consent-widget></consent-widget>" + GATED), True),
        (PAGE.format('<script async src="https://consent.example/consent/widget.js"></script>' + GATED), True),
    ],
    ids=["in production", "no gates", "a fragment", "embedded", "by tag"],
)
def test_nothing_is_logged_otherwise(app: Flask, caplog: pytest.LogCaptureFixture, page: str, debug: bool) -> None:
    assert logged(app, caplog, page, debug) == []


def test_a_page_that_phones_show_in_tiny_letters_is_told_of(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    page = PAGE.format("<consent-widget></consent-widget>").replace("<meta name=viewport>", "")

    (told,) = logged(app, caplog, page)
    assert "no viewport" in told
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in told


def test_a_streamed_page_is_not_read(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.debug = True
    app.add_url_rule("/page", "page", lambda: stream_template_string(PAGE.format(GATED)))

    assert "A page" in app.test_client().get("/page").text
    assert caplog.records == []


def test_an_app_that_keeps_the_widget_to_those_who_are_signed_in_is_told_of(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.before_request(lambda: None if request.path == "/page" else redirect("/page"))
    app.debug = True
    for path in ("/page", "/other", "/consent/widget.js", "/consent/widget.js", "/consent/choices"):
        app.test_client().get(path)
    (told,) = [record.getMessage() for record in caplog.records]

    assert told.startswith("The app answers 302 for the widget, at /consent/widget.js")
    assert "let `request.blueprint == 'consent_widget'` through" in told


def test_settings_that_come_too_late_are_told_of(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.config["CONSENT_LAYOUT"] = "bar"
    assert [told.partition(" ")[0] for told in logged(app, caplog, "page")] == ["CONSENT_LAYOUT"]


def test_a_cookie_of_another_app_on_this_host_is_told_of_once(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.debug = True
    app.add_url_rule("/page", "page", lambda: str(consent.pending))
    for cookie in ("", "cw=1.another", "cw=1.another"):
        app.test_client(use_cookies=False).get("/page", headers={"Cookie": cookie})
    (told,) = [record.getMessage() for record in caplog.records]

    assert "give one of them a CONSENT_COOKIE_NAME" in told
