"""Hosts of one domain that share a choice: each keeps what only the other asks, also with databases of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from consent_widget import consent, processing
from consent_widget.notice.model import Notice

from ..conftest import MakeApp
from .test_release import without
from .visitor import Visitor, site_of

Host = Callable[[str, Notice], Flask]


@pytest.fixture(params=["one database", "a database each"])
def host(make_app: MakeApp, tmp_path: Path, request: pytest.FixtureRequest) -> Host:
    def make(name: str, notice: Notice) -> Flask:
        file = "shared" if request.param == "one database" else name
        app = make_app(
            CONSENT_NOTICE=notice,
            CONSENT_COOKIE_DOMAIN="shop.example",
            CONSENT_DATABASE=f"sqlite:///{tmp_path / file}.sqlite",
        )
        app.testing = False
        app.add_url_rule("/", "home", lambda: render_template_string("{{ consent_widget() }}"))
        app.add_url_rule("/granted/<purpose>", "granted", lambda purpose: {"granted": consent.granted(purpose)})
        return app

    return make


def test_what_only_one_host_asks_survives_any_choice_at_the_other(host: Host, minimal: Notice) -> None:
    shop, blog = host("shop", minimal), host("blog", without(minimal, "marketing", version="1.0.0"))
    for action, keys in (("accept_all", ()), ("save", ("functional",)), ("refuse", ("analytics",)), ("close", ())):
        visitor = Visitor((shop, blog), host="www.shop.example")
        visitor.look(shop)
        assert visitor.press("accept_all", shop)
        visitor.host = "blog.shop.example"
        assert not visitor.look(blog)
        if action != "close":
            assert visitor.send(blog, action, *keys).status_code == 201
        visitor.host = "www.shop.example"

        assert not visitor.look(shop)
        assert visitor.is_granted("marketing", shop)
        assert visitor.is_granted("functional", shop)
        assert visitor.is_granted("analytics", shop) is (action in ("accept_all", "close"))
        assert visitor.seen["cookies deleted"] == visitor.seen["lost"] == 0


@pytest.mark.parametrize("action", ["reject_all", "withdraw_all"])
def test_a_refusal_of_everything_ends_also_what_only_the_other_host_asks(
    host: Host, minimal: Notice, action: str
) -> None:
    shop, blog = host("shop", minimal), host("blog", without(minimal, "marketing", version="1.0.0"))
    visitor = Visitor((shop, blog), host="www.shop.example")
    visitor.send(shop, "accept_all")
    visitor.send(blog, action)

    assert not visitor.is_granted("marketing", shop)
    assert not visitor.look(shop)
    visitor.send(shop, "refuse", "functional")  # the next act at the shop tells its records, too
    with shop.app_context():
        assert not processing.granted(visitor.state().subject, "marketing")


def test_who_chose_at_the_smaller_host_is_asked_at_the_other_about_the_rest(host: Host, minimal: Notice) -> None:
    shop, blog = host("shop", minimal), host("blog", without(minimal, "marketing", version="1.0.0"))
    visitor = Visitor((shop, blog), host="blog.shop.example")
    visitor.look(blog)
    visitor.press("accept_all", blog)
    visitor.host = "www.shop.example"
    assert visitor.look(shop)
    assert visitor.press("reject_all", shop)

    assert not visitor.look(blog)
    assert not visitor.is_granted("functional", blog)


def test_back_and_forth_every_act_counts(host: Host, minimal: Notice) -> None:
    shop, blog = host("shop", minimal), host("blog", without(minimal, "marketing", version="1.0.0"))
    visitor = Visitor((shop, blog), host="www.shop.example")
    visitor.send(shop, "save", "marketing")
    for _ in range(3):
        assert visitor.send(blog, "allow", "analytics").status_code == 201
        assert visitor.is_granted("analytics", shop)
        assert visitor.send(shop, "refuse", "analytics").status_code == 201
        assert not visitor.is_granted("analytics", blog)
        assert visitor.is_granted("marketing", shop)
    assert visitor.state().seq == 7


def test_a_late_grant_does_not_undo_what_was_refused_at_the_other_host(host: Host, minimal: Notice) -> None:
    shop, blog = host("shop", minimal), host("blog", without(minimal, "marketing", version="1.0.0"))
    visitor = Visitor((shop, blog), host="www.shop.example")
    visitor.send(shop, "accept_all")
    seen = visitor.state().id
    visitor.send(blog, "reject_all")

    assert visitor.send(shop, "allow", "analytics", after=seen).status_code == 409
    assert not visitor.is_granted("analytics", shop)
    assert not visitor.is_granted("marketing", shop)


@pytest.mark.parametrize("action", ["refuse", "allow"])
def test_no_act_with_a_token_from_before_a_withdrawal_brings_back_what_only_the_other_host_asks(
    host: Host, minimal: Notice, action: str
) -> None:
    shop, blog = host("shop", minimal), host("blog", without(minimal, "marketing", version="1.0.0"))
    visitor = Visitor((shop, blog), host="www.shop.example")
    visitor.send(shop, "accept_all")
    before = dict(visitor.jar)
    visitor.send(blog, "withdraw_all")
    visitor.jar = before
    answer = visitor.send(blog, action, "analytics", after=visitor.state().id)

    assert answer.status_code == (201 if action == "refuse" else 409)
    assert visitor.state().seq > 1
    assert not visitor.is_granted("marketing", shop)
    assert not visitor.is_granted("functional", shop)


def test_without_a_shared_domain_an_erased_visitor_begins_anew(make_app: MakeApp, minimal: Notice) -> None:
    app = make_app(CONSENT_NOTICE=minimal)
    app.add_url_rule("/granted/<purpose>", "granted", lambda purpose: {"granted": consent.granted(purpose)})
    visitor = Visitor((app,))
    visitor.send(app, "accept_all")
    erased = visitor.state().subject
    site_of(app).store.erase(erased)  # type: ignore[attr-defined]

    assert visitor.send(app, "refuse", "analytics").status_code == 201
    assert visitor.state().subject != erased
    assert not visitor.is_granted("functional", app)


def test_an_opt_out_of_sale_at_one_host_ends_also_what_only_the_other_asks(host: Host, shop: Notice) -> None:
    covered = [each.id for each in shop.purposes if each.gpc_opt_out and each.control == "opt_in"]
    large, small = host("shop", shop), host("blog", without(shop, covered[0], version="1.0.0"))
    visitor = Visitor((large, small), host="www.shop.example")
    visitor.send(large, "accept_all")
    assert visitor.is_granted(covered[0], large)
    visitor.open("/consent/do-not-share", small, method="POST", data={"locale": "en"})

    assert not visitor.is_granted(covered[0], large)
    assert not visitor.is_granted(covered[1], small)
