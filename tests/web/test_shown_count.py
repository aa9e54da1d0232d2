"""How often visitors are asked: counted where the layer is really given, and nothing about any of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from consent_widget import SQLStore
from consent_widget.choice.tally import Showing
from consent_widget.days import today
from consent_widget.site import showings
from consent_widget.site.showings import Showings

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body


def counted(app: Flask) -> dict[Showing, int]:
    site = app.extensions["consent_widget"]
    site.showings.flush()
    return dict(site.store.shown(0, 100_000, site.settings.site))


def page(app: Flask) -> Any:
    app.add_url_rule("/", view_func=lambda: app.jinja_env.from_string("{{ consent_widget() }}").render())
    return app.test_client()


@pytest.fixture
def asking(make_app: MakeApp) -> Flask:
    return make_app(CONSENT_OFFICER=lambda: False, CONSENT_REGION="CN", CONSENT_LAYOUT="bar")


def test_each_page_with_the_layer_counts_by_day_language_layout_region_and_notice(asking: Flask) -> None:
    client, digest = page(asking), asking.extensions["consent_widget"].notice.digest
    for locale in ("en", "en", "zh-CN"):
        client.get("/", headers={"Accept-Language": locale})

    assert counted(asking) == {
        Showing(today(), "", "en", "bar", "CN", digest): 2,
        Showing(today(), "", "zh-CN", "bar", "CN", digest): 1,
    }


def test_who_has_chosen_is_not_counted(asking: Flask, minimal: Any) -> None:
    client = page(asking)
    client.post("/consent/records", json=choice_body(minimal, "reject_all"), headers=HERE)
    client.get("/")

    assert counted(asking) == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    ],
)
def test_what_is_fetched_ahead_and_programs_that_say_so_are_not_counted(asking: Flask, headers: dict[str, str]) -> None:
    client = page(asking)
    client.get("/", headers=headers)
    client.head("/")

    assert counted(asking) == {}


def test_where_the_script_draws_the_layer_its_requests_without_a_cookie_count(make_app: MakeApp) -> None:
    app = make_app(CONSENT_OFFICER=lambda: False, CONSENT_RENDER="script")
    client = page(app)
    client.get("/")
    client.get("/consent/widget.js?lang=en")
    client.set_cookie("cw", "1.whatever")
    client.get("/consent/widget.js?lang=en")

    assert list(counted(app).values()) == [1]


def test_on_the_host_of_a_service_nobody_can_tell_so_nothing_is_counted(make_app: MakeApp) -> None:
    app = make_app(
        CONSENT_OFFICER=lambda: False,
        CONSENT_RENDER="script",
        CONSENT_SITE="shop",
        CONSENT_ORIGINS=["https://www.shop.example"],
    )
    app.test_client().get("/consent/widget.js")

    assert counted(app) == {}


def test_nothing_is_counted_where_nobody_looks_at_it(make_app: MakeApp) -> None:
    assert make_app().extensions["consent_widget"].showings is None


def test_the_numbers_of_processes_add_up(store: SQLStore) -> None:
    showing, other = (
        Showing(20_000, "shop", "en", "box", "", "a" * 64),
        Showing(20_001, "shop", "en", "box", "", "a" * 64),
    )
    store.add_shown([(showing, 3), (other, 1)])
    store.add_shown([(showing, 4)])

    assert dict(store.shown(20_000, 20_002, "shop")) == {showing: 7, other: 1}
    assert store.shown(20_000, 20_001, "shop") == [(showing, 7)]
    assert store.shown(0, 30_000, "other") == []


def test_a_number_that_the_database_did_not_take_is_added_later(store: SQLStore) -> None:
    counter = Showings(store, "")
    counter.add("en", "box", "", "a" * 64)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE consent_shown RENAME TO away")
    counter.flush()
    with store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO consent_shown")
    counter.add("en", "box", "", "a" * 64)
    showings.flush_all()

    assert [number for _, number in store.shown(0, 100_000)] == [2]


def test_in_a_copy_of_the_process_nothing_counts_twice(store: SQLStore) -> None:
    counter = Showings(store, "")
    counter.add("en", "box", "", "a" * 64)
    counter._begin_anew()
    counter.flush()

    assert store.shown(0, 100_000) == []
