"""The browser's opt-out signal (Global Privacy Control): read exactly, shown, and recorded once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from consent_widget import choice_recorded, consent, processing
from consent_widget.choice.state import State
from consent_widget.errors import StoreError
from consent_widget.notice.model import Notice
from consent_widget.web.visitor import gpc_signal

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

ON = {"Sec-GPC": "1"}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app()
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget(locale='en') }}"))
    app.add_url_rule("/zh", "zh", lambda: render_template_string("{{ consent_widget(locale='zh-CN') }}"))
    app.add_url_rule("/marketing", "marketing", lambda: str(consent.granted("marketing")))
    return app


def accept(client: FlaskClient, notice: Notice, action: str = "accept_all", **headers: str) -> None:
    body = choice_body(notice, action)
    assert client.post("/consent/records", json=body, headers={**HERE, **headers}).status_code == 201


def records(app: Flask) -> list[Any]:
    return list(app.extensions["consent_widget"].store.export())


@pytest.mark.parametrize(
    ("header", "on"),
    [
        (None, False), ("", False), ("0", False), ("1", True), (" 1 ", True), ("01", False), ("1;x=1", False), ("?1", False),
        ('"1"', False), ("true", False), ("yes", False), ("11", False), ("1.0", False), ("0,1", True), ("1,0", True),
        ("1, 1", True), ("0, 0", False), ("1;x=1, 1", True), ("2,", False), ("１", False),
    ],
)  # fmt: skip
def test_the_signal_is_exactly_one_whatever_else_is_sent(header: str | None, on: bool) -> None:
    assert gpc_signal(header) is on


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"Dnt": "1", "Sec-GPC": "0"}])
def test_the_older_do_not_track_is_no_opt_out(app: Flask, minimal: Notice, headers: dict[str, str]) -> None:
    client = app.test_client()
    accept(client, minimal)

    assert client.get("/marketing", headers=headers).text == "True"


@pytest.mark.parametrize(("path", "text"), [("/page", "✓ Opt-out request honoured"), ("/zh", "✓ 已遵从退出请求")])
def test_the_small_button_says_that_the_signal_is_honoured(app: Flask, minimal: Notice, path: str, text: str) -> None:
    client = app.test_client()
    accept(client, minimal)

    page = client.get(path, headers=ON).text
    assert f'data-gpc=" {text}"' in page
    assert f" {text}</a></noscript>" in page  # where no script runs
    assert text not in client.get(path).text


def test_the_layer_the_centre_and_the_opt_out_page_say_it_too(app: Flask) -> None:
    for path in ("/page", "/consent/preferences?lang=en", "/consent/do-not-share?lang=en"):
        page = app.test_client().get(path, headers=ON).text
        assert '<p class="cw-small cw-gpc">Opt-out signal (GPC) honoured: advertising and sharing stay off.</p>' in page


def test_looking_at_pages_with_the_signal_is_no_record(app: Flask, minimal: Notice) -> None:
    client = app.test_client()
    for _ in range(3):
        client.get("/page", headers=ON)
    assert records(app) == []

    accept(client, minimal, **ON)
    for _ in range(3):
        client.get("/page", headers=ON)
        client.get("/marketing", headers=ON)
    assert [(each.action, each.signals) for each in records(app)] == [("accept_all", ("gpc",))]


def test_a_signal_that_ends_what_was_allowed_is_one_record(app: Flask, minimal: Notice) -> None:
    client, heard = app.test_client(), list[str]()
    accept(client, minimal)
    with choice_recorded.connected_to(lambda _, choice: heard.append(choice.action), app):
        pages = [client.get("/page", headers=ON).text for _ in range(3)]

    _, opted_out = records(app)
    assert (opted_out.action, opted_out.surface, opted_out.signals) == ("opt_out", "signal", ("gpc",))
    assert opted_out.purposes == {"marketing": False}
    assert heard == ["opt_out"]
    signer = app.extensions["consent_widget"].token_signer
    state = signer.read(client.get_cookie("cw").value)  # type: ignore[union-attr]
    assert state.seq == 2
    assert f'data-token="{signer.write(state)[:40]}' in pages[0]
    assert client.get("/marketing").text == "False"  # the signal is gone, what it ended is not back
    with app.app_context():
        assert not processing.granted(state.subject, "marketing")
        assert processing.granted(state.subject, "analytics")
    history = client.get("/consent/choices?lang=en").text
    assert "The browser’s opt-out signal ended sale and sharing" in history


def test_another_browser_of_the_account_follows_and_records_nothing_again(app: Flask, minimal: Notice) -> None:
    first, second = app.test_client(), app.test_client()
    accept(first, minimal)
    cookie = first.get_cookie("cw")
    assert cookie
    second.set_cookie("cw", cookie.value)

    first.get("/page", headers=ON)
    second.get("/page", headers=ON)
    assert len(records(app)) == 2
    assert first.get_cookie("cw").value == second.get_cookie("cw").value  # type: ignore[union-attr]


def test_while_the_store_is_away_the_signal_counts_all_the_same(
    app: Flask, minimal: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, store = app.test_client(), app.extensions["consent_widget"].store
    accept(client, minimal)

    def away(*_: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as broken:
        for name in ("add", "history"):
            broken.setattr(store, name, away)
        assert client.get("/page", headers=ON).status_code == 200
        assert client.get("/marketing", headers=ON).text == "False"
    client.get("/page", headers=ON)
    assert len(records(app)) == 2


def test_a_store_that_cannot_be_read_back_records_it_once_too(make_app: MakeApp, minimal: Notice) -> None:
    class Blind(list[Any]):
        def add(self, choice: Any) -> Any:
            self.append(choice)
            return choice

    kept = Blind()
    app = make_app(CONSENT_STORE=kept)
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget(locale='en') }}"))
    client = app.test_client()
    accept(client, minimal)
    for _ in range(3):
        assert client.get("/page", headers=ON).status_code == 200

    assert [each.action for each in kept] == ["accept_all", "opt_out"]


def test_visitors_whose_records_were_erased_are_not_recorded_again(app: Flask, minimal: Notice) -> None:
    client = app.test_client()
    accept(client, minimal)
    state: State = app.extensions["consent_widget"].token_signer.read(client.get_cookie("cw").value)  # type: ignore[union-attr]
    with app.app_context():
        processing.erase(state.subject)

    assert client.get("/page", headers=ON).status_code == 200
    assert client.get("/marketing", headers=ON).text == "False"
    assert records(app) == []
