"""The server deletes what it sees of a service that may not run: also what no script can see (HttpOnly)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import Cookie, Service
from consent_widget.notice.model import Notice
from consent_widget.text import Text
from consent_widget.web.cookie import MOST_BYTES

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

NAME = Text({"zh-CN": "V", "en": "V"})


@pytest.fixture
def notice(shop: Notice) -> Notice:
    def service(id: str, purpose: str, *names: str) -> Service:
        cookies = tuple(Cookie(name=name) for name in names)
        return Service(id=id, name=NAME, company="V", country="CN", purposes=(purpose,), cookies=cookies)

    return replace(
        shop,
        services=(
            service("tally", "data_analytics", "tally_*", "__Host-tally", "a[b]?", "名字", "shared", "c*"),
            service("cart", next(each.id for each in shop.purposes if each.control == "always_on"), "shared"),
        ),
    )


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://")
    app.add_url_rule("/deep/item", "item", lambda: app.jinja_env.from_string("{{ consent_widget() }}").render())
    return app


@pytest.fixture
def sender(app: Flask) -> FlaskClient:
    """A browser that sends what a test says."""
    return app.test_client(use_cookies=False)


def deleted(sender: FlaskClient, cookie: str, host: str = "https://www.shop.example") -> list[str]:
    """What a page deletes for a browser that sends these cookies."""
    response = sender.get("/deep/item", base_url=host, headers={"Cookie": cookie})
    assert response.status_code == 200
    return [each for each in response.headers.getlist("Set-Cookie") if "Max-Age=0" in each]


def test_a_cookie_is_deleted_wherever_it_may_have_been_set(sender: FlaskClient) -> None:
    headers = deleted(sender, "tally_id=1")

    assert {place(header) for header in headers} == {
        (path, domain, parted)
        for path in ("/", "/deep", "/deep/", "/deep/item")
        for domain in ("", "www.shop.example", "shop.example")
        for parted in (True, False)
    }
    assert all("; Secure" in header for header in headers)
    assert [place(header) for header in headers[:3]] == [
        ("/", domain, False) for domain in ("", "www.shop.example", "shop.example")
    ]


def place(header: str) -> tuple[str, str, bool]:
    attributes = dict(part.strip().partition("=")[::2] for part in header.split(";")[1:])
    return attributes["Path"], attributes.get("Domain", ""), "Partitioned" in attributes


@pytest.mark.parametrize(
    ("sent", "gone"),
    [
        ("tally_id=1; basket=2", {"tally_id"}),
        ("tally_id=1; tally_x; =1; ;; tally_y = 2", {"tally_id", "tally_y"}),
        ("a[b]?=1; ab=1; a[b]x=1", {"a[b]?"}),
        ("名字=1", {"名字"}),
        ("__Host-tally=1", {"__Host-tally"}),
        ("shared=1; session=1; tally=1", set()),
        ("Tally_id=1", set()),
    ],
)
def test_only_what_the_notice_declares_of_a_service_that_may_not_run_is_deleted(
    sender: FlaskClient, sent: str, gone: set[str]
) -> None:
    sent = sent.encode().decode("latin-1")

    names = {each.split("=")[0].encode("latin-1").decode() for each in deleted(sender, sent)}

    assert names == gone


def test_the_visitors_choice_is_no_cookie_of_a_service_whatever_the_notice_says(
    client: FlaskClient, notice: Notice
) -> None:
    client.post("/consent/records", json=choice_body(notice, "reject_all"), headers=HERE)
    client.set_cookie("country", "1")
    response = client.get("/deep/item")

    assert [each.split("=")[0] for each in response.headers.getlist("Set-Cookie")][:1] == ["country"]
    assert client.get_cookie("cw") is not None
    assert client.get_cookie("country") is None


def test_what_may_run_keeps_its_cookies(client: FlaskClient, notice: Notice) -> None:
    client.post("/consent/records", json=choice_body(notice, "accept_all"), headers=HERE)
    client.set_cookie("tally_id", "1")
    client.get("/deep/item")

    assert client.get_cookie("tally_id") is not None


def test_of_a_visitor_whose_choice_cannot_be_read_here_nothing_is_deleted(
    make_app: MakeApp, sender: FlaskClient, notice: Notice
) -> None:
    """Another process may have the key that signed it."""
    other = make_app(CONSENT_NOTICE=notice, CONSENT_KEYS=["another-key-of-another-process"]).test_client()
    other.post("/consent/records", json=choice_body(notice, "accept_all"), headers=HERE)
    cookie = other.get_cookie("cw")
    assert cookie

    assert deleted(sender, f"cw={cookie.value}; tally_id=1", host="http://localhost") == []


def test_an_answer_stays_small_however_many_there_are_and_the_next_ones_go_on(sender: FlaskClient) -> None:
    sent = [f"tally_{n}" for n in range(150)]
    rounds = 0
    while sent:
        headers = deleted(sender, "; ".join(f"{name}=1" for name in sent), host="http://localhost")
        assert 0 < sum(map(len, headers)) <= MOST_BYTES
        sent = [name for name in sent if f"{name}=; Max-Age=0; Path=/" not in headers]
        rounds += 1
    assert rounds < 20


def test_behind_a_proxy_that_hides_the_host_the_one_that_the_browser_names_counts_too(
    sender: FlaskClient, notice: Notice
) -> None:
    headers = HERE | {"Origin": "https://www.shop.example", "Cookie": "tally_id=1"}
    body = choice_body(notice, "reject_all")
    response = sender.post("/consent/records", json=body, base_url="http://app:8000", headers=headers)

    assert response.status_code == 201
    told = response.headers.getlist("Set-Cookie")
    assert {"tally_id=; Max-Age=0; Path=/", "tally_id=; Max-Age=0; Path=/; Domain=shop.example"} <= set(told)


@pytest.mark.parametrize("host", ["http://127.0.0.1:5000", "http://[::1]:5000"])
def test_an_address_has_no_parent_domains(sender: FlaskClient, host: str) -> None:
    headers = deleted(sender, "tally_id=1", host=host)

    assert headers[0] == "tally_id=; Max-Age=0; Path=/"
    assert not [each for each in headers if "Domain" in each]
