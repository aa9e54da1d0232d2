"""What visitors chose in the tool that the site had before is carried over: by the page's request, or by the script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, Response, render_template_string, stream_with_context
from flask.testing import FlaskClient

from consent_widget import StoreError
from consent_widget.choice.act import Choice
from consent_widget.days import day_of_date, iso_date, today

from ..conftest import HERE, MakeApp

KLARO = {"tool": "klaro", "purposes": {"functional": "fonts", "analytics": "matomo", "marketing": "ads"}}
ALL_REFUSED = quote('{"fonts":false,"matomo":false,"ads":false}')
PAGE = "<!doctype html><body>{{ consent_widget() }}<p>{{ consent.granted(purpose) }}"
SHOP = "https://www.shop.example"
THERE = {"Origin": SHOP, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


def with_page(app: Flask, purpose: str = "analytics") -> Flask:
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE, purpose=purpose))
    return app


def arrive(app: Flask, cookies: str, path: str = "/", **headers: str) -> Any:
    return app.test_client(use_cookies=False).get(path, headers={"Cookie": cookies, "Accept-Language": "en", **headers})


def kept(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return with_page(make_app(CONSENT_CARRY_OVER=KLARO))


def test_who_refused_in_the_earlier_tool_is_not_asked_again(app: Flask) -> None:
    page = arrive(app, f"a=1; klaro={ALL_REFUSED}; b=2")

    assert "accept_all" not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    (choice,) = kept(app)
    assert choice.purposes == {"functional": False, "analytics": False, "marketing": False}
    assert (choice.action, choice.surface, choice.signals) == ("save", "carried", ("carried:klaro",))
    cookies = page.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("klaro=; Max-Age=0; Path=/") for cookie in cookies)
    assert not any(cookie.startswith(("a=", "b=")) for cookie in cookies)
    assert any(cookie.startswith("cw=1.") for cookie in cookies)


def test_what_was_carried_over_is_not_carried_over_twice(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("klaro", ALL_REFUSED)
    client.get("/")
    client.set_cookie(
        "klaro", quote('{"fonts":true,"matomo":true,"ads":true}')
    )  # the tool is on another part of the site

    page = client.get("/")

    assert len(kept(app)) == 1
    assert "klaro=;" not in str(page.headers)


def test_what_the_earlier_tool_did_not_ask_is_asked(app: Flask) -> None:
    page = arrive(app, 'klaro={"ads":false}')

    assert "accept_all" in page.text
    assert [choice.purposes for choice in kept(app)] == [{"marketing": False}]


@pytest.mark.parametrize(
    "cookies", ["klaro={}", "klaro=%FF", "xklaro={}", 'klaro={"matomo":true}', "klaro=" + "[" * 8000, "\xff=\xfe;klaro"]
)
def test_what_says_nothing_here_is_not_recorded(app: Flask, cookies: str) -> None:
    page = arrive(app, cookies)

    assert "accept_all" in page.text
    assert kept(app) == []
    assert "klaro=;" not in str(page.headers)


def test_an_agreement_lasts_from_the_day_on_which_it_was_given(make_app: MakeApp) -> None:
    cookiebot = {"tool": "cookiebot", "purposes": {"analytics": "statistics"}, "grants": ["analytics"]}
    app = with_page(make_app(CONSENT_CARRY_OVER=cookiebot))
    given = (today() - 10) * 86_400_000
    cookie = f"CookieConsent={{stamp:'x'%2Cstatistics:true%2Cmethod:'explicit'%2Cutc:{given}}}"

    page = arrive(app, cookie)

    (choice,) = kept(app)
    assert choice.purposes == {"analytics": True}
    assert choice.valid_until == today() - 10 + 180
    assert choice.signals[0] == "carried:cookiebot"
    assert day_of_date(choice.signals[1].removeprefix("chosen:")) == today() - 10
    assert "<p>True" in page.text


def test_the_opt_out_signal_forbids_what_was_agreed_to_before(make_app: MakeApp) -> None:
    table = KLARO | {"grants": ["marketing"], "since": iso_date(today() - 1)}
    app = with_page(make_app(CONSENT_CARRY_OVER=table))

    arrive(app, 'klaro={"ads":true}', **{"Sec-GPC": "1"})

    assert [choice.purposes for choice in kept(app)] == [{"marketing": False}]


@pytest.mark.parametrize(("band", "granted"), [("adult", True), ("teen", False), ("child", False), (None, False)])
def test_only_who_is_known_to_be_grown_up_brings_an_agreement(
    make_app: MakeApp, band: str | None, *, granted: bool
) -> None:
    table = KLARO | {"grants": ["analytics"], "since": iso_date(today() - 1)}
    age = {"account": lambda: band, "ask": False}
    app = with_page(
        make_app(CONSENT_NOTICE="shop", CONSENT_AGE=age, CONSENT_CARRY_OVER=shop_table(table)), "data_analytics"
    )

    arrive(app, 'klaro={"matomo":true,"ads":false}')

    (choice,) = kept(app)
    assert choice.purposes == {"targeted_advertising": False} | ({"data_analytics": True} if granted else {})


def shop_table(table: dict[str, Any]) -> dict[str, Any]:
    names = {"data_analytics": "matomo", "targeted_advertising": "ads"}
    return table | {"purposes": names, "grants": ["data_analytics"]}


def test_while_nothing_can_be_stored_the_visitor_is_asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(choice: Choice) -> Choice:
        raise StoreError("away")

    store = app.extensions["consent_widget"].store
    monkeypatch.setattr(store, "add", fail)

    page = arrive(app, f"klaro={ALL_REFUSED}")

    assert "accept_all" in page.text
    assert "klaro=;" not in str(page.headers)


def test_no_more_is_recorded_than_one_network_may_send(make_app: MakeApp) -> None:
    app = with_page(make_app(CONSENT_CARRY_OVER=KLARO, CONSENT_RATE_LIMIT=2))

    pages = [arrive(app, f"klaro={ALL_REFUSED}") for _ in range(4)]

    assert len(kept(app)) == 2
    assert "accept_all" in pages[-1].text


def test_of_a_streamed_page_the_script_carries_over(app: Flask) -> None:
    @app.get("/stream")
    def stream() -> Response:
        def parts() -> Iterator[str]:
            yield render_template_string(PAGE, purpose="analytics")

        return Response(stream_with_context(parts()), mimetype="text/html")

    arrive(app, f"klaro={ALL_REFUSED}", "/stream")

    assert kept(app) == []


def sent(app: Flask, body: object, headers: dict[str, str] = HERE) -> Any:
    return app.test_client(use_cookies=False).post("/consent/earlier", json=body, headers=headers)


def test_the_script_sends_what_it_has_found(app: Flask) -> None:
    answer = sent(app, {"left": f"klaro={ALL_REFUSED}", "locale": "zh-CN"})

    assert answer.json["token"].startswith("1.")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("cw=1.")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert [choice.locale for choice in kept(app)] == ["zh-CN"]


def test_the_script_of_another_site_gets_the_token_to_keep_itself(make_app: MakeApp) -> None:
    app = make_app(CONSENT_CARRY_OVER=KLARO, CONSENT_ORIGINS=[SHOP])

    answer = sent(app, {"left": f"klaro={ALL_REFUSED}", "locale": "en"}, THERE)

    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert answer.json["token"].startswith("1.")
    assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"left": "klaro={}", "locale": "en"}, HERE, 200),
        ({"left": 1, "locale": "en"}, HERE, 422),
        ({"left": "klaro={}"}, HERE, 422),
        ([], HERE, 422),
        ({"left": "x" * 30_000, "locale": "en"}, HERE, 413),
        ({"left": "klaro={}", "locale": "en"}, {**HERE, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)  # fmt: skip
def test_what_is_no_earlier_choice_is_refused(app: Flask, body: object, headers: dict[str, str], status: int) -> None:
    answer = sent(app, body, headers)

    assert answer.status_code == status
    assert kept(app) == []
    if status == 200:
        assert answer.json == {"token": None}


def test_a_site_that_carries_nothing_over_takes_nothing(make_app: MakeApp) -> None:
    app = with_page(make_app())

    assert sent(app, {"left": f"klaro={ALL_REFUSED}", "locale": "en"}).status_code == 422
    arrive(app, f"klaro={ALL_REFUSED}")
    assert kept(app) == []


def test_the_visitor_reads_where_their_choice_comes_from_and_changes_it(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    client.set_cookie("klaro", ALL_REFUSED)
    client.get("/")
    note = "What you chose in this site’s earlier privacy settings (Klaro) was carried over."

    assert note in client.get("/consent/preferences?lang=en").text
    assert "已沿用您此前在本站隐私设置（Klaro）中的选择" in client.get("/consent/preferences?lang=zh-CN").text
    history = client.get("/consent/choices?lang=en").text
    assert "Carried over from this site’s earlier privacy settings (Klaro)" in history
    receipt = client.get(f"/consent/records/{kept(app)[0].id}?format=json").json
    assert receipt["carried_over_from"] == {"tool": "Klaro", "chosen": None}
    receipt = client.get(f"/consent/records/{kept(app)[0].id}?lang=en").text
    assert "Carried over from" in receipt

    notice, state = app.extensions["consent_widget"].notice, kept(app)[0]
    body = {
        "key": "k" * 22, "after": f"{state.subject}.1", "notice": notice.digest, "locale": "en", "action": "accept_all",
        "surface": "centre", "purposes": {"functional": True, "analytics": True, "marketing": True},
    }  # fmt: skip
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201
    assert note not in client.get("/consent/preferences?lang=en").text


def test_a_browser_cannot_say_that_its_press_was_carried_over(app: Flask) -> None:
    notice = app.extensions["consent_widget"].notice
    body = {
        "key": "k" * 22, "notice": notice.digest, "locale": "en", "action": "save", "surface": "carried",
        "purposes": {"functional": True, "analytics": True, "marketing": True},
    }  # fmt: skip

    assert app.test_client().post("/consent/records", json=body, headers=HERE).status_code == 422


def test_pages_that_caches_keep_wait_with_the_layer_too(make_app: MakeApp) -> None:
    table = KLARO | {"key": "cookie_punch.v1"}
    app = make_app(CONSENT_RENDER="cached", CONSENT_CARRY_OVER=table)
    app.add_url_rule("/", "home", lambda: render_template_string("<body>{{ consent_widget() }}"))
    page = app.test_client().get("/").text

    assert r"/cw(=1|-outbox)|cookie_punch\.v1/.test(" in page


def test_statistics_tell_them_from_presses(app: Flask) -> None:
    arrive(app, f"klaro={ALL_REFUSED}")

    told = app.test_cli_runner().invoke(args=["consent", "stats"]).output

    assert "1  carried" in told
    assert "save" not in told
