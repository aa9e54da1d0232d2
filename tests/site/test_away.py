"""A database that is away when a site starts: the shop is open, refusals count, and what is stored comes later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from consent_widget import SQLStore
from consent_widget.errors import NoticeError
from consent_widget.notice.model import Notice
from consent_widget.service.app import create_service

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.hanging import silent
from ..support.services import SHOP, TOP, written


def choose(client: FlaskClient, notice: Notice, action: str = "accept_all") -> Any:
    return client.post("/consent/records", json=choice_body(notice, action), headers=HERE)


def until(holds: Callable[[], bool]) -> None:
    end = monotonic() + 60
    while not holds():
        assert monotonic() < end


def until_healthy(client: Client, path: str = "/consent/health") -> None:
    until(lambda: client.get(path).status_code == 200)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A folder that is not mounted yet."""
    return tmp_path / "volume"


def test_the_site_is_open_and_the_log_says_once_what_is_wrong_and_what_to_do(
    make_app: MakeApp, volume: Path, minimal: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_app(CONSENT_DATABASE=f"sqlite:///{volume}/consent.sqlite").test_client()

    for page in ("widget.js", "notice", "preferences", "changes"):
        assert client.get(f"/consent/{page}").status_code == 200
    for _ in range(3):
        answer = choose(client, minimal)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/consent/health").status_code == 503
    assert client.get("/consent/choices").status_code == 503
    (record,) = caplog.records
    assert f"The folder {volume} is not there: make it" in record.message


def test_once_the_database_is_there_everything_works_by_itself(
    make_app: MakeApp, volume: Path, minimal: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(CONSENT_DATABASE=f"sqlite:///{volume}/consent.sqlite")
    client = app.test_client()
    assert choose(client, minimal).status_code == 503
    volume.mkdir()
    until_healthy(client)

    assert choose(client, minimal).status_code == 201
    assert "The database can be used now." in caplog.text
    store = app.extensions["consent_widget"].store
    assert (len(list(store.export())), store.notice(minimal.digest)) == (1, minimal.text)
    store.close()


def test_the_published_notice_is_shown_once_the_database_is_there(
    make_app: MakeApp, tmp_path: Path, volume: Path, minimal: Notice
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    published = replace(minimal, version="0.9.0")
    with closing(SQLStore(f"sqlite:///{aside}/consent.sqlite")) as store:
        store.publish(published)
    app = make_app(CONSENT_DATABASE=f"sqlite:///{volume}/consent.sqlite")
    client = app.test_client()
    assert client.get("/consent/notice/0.9.0.en").status_code == 404
    aside.rename(volume)
    until_healthy(client)

    assert client.get("/consent/notice/0.9.0.en").status_code == 200
    assert choose(client, minimal).status_code == 409
    assert choose(client, published).status_code == 201
    app.extensions["consent_widget"].store.close()


def test_a_database_that_does_not_fit_the_notice_is_told_of_and_stops_only_choices(
    make_app: MakeApp, tmp_path: Path, volume: Path, minimal: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    with closing(SQLStore(f"sqlite:///{aside}/consent.sqlite")) as store:
        store.publish(replace(minimal, id="another"))
    client = make_app(CONSENT_DATABASE=f"sqlite:///{volume}/consent.sqlite").test_client()
    aside.rename(volume)
    told = "this site cannot use it yet. id: 'minimal' is new"
    until(lambda: client.get("/consent/notice").status_code == 200 and told in caplog.text)

    assert choose(client, minimal).status_code == 503
    with pytest.raises(NoticeError):  # as at any other start
        make_app(CONSENT_DATABASE=f"sqlite:///{volume}/consent.sqlite")


@pytest.mark.slow
def test_a_server_that_hangs_stops_no_start_and_no_page(make_app: MakeApp, minimal: Notice) -> None:
    with silent() as url:
        client = make_app(CONSENT_DATABASE=url).test_client()
        for _ in range(5):
            assert client.get("/consent/notice").status_code == 200
        assert choose(client, minimal).status_code == 503


def test_a_service_is_healthy_once_all_its_sites_have_found_the_database(
    tmp_path: Path, volume: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path, top=f'{TOP}database = "sqlite:///{volume}/c.sqlite"\n')
    with closing(create_service(path)) as service:
        client = Client(service)
        notice = service.sites["shop"].extensions["consent_widget"].notice

        def choice() -> int:
            return client.post("/consent/shop/records", json=choice_body(notice), headers={"Origin": SHOP}).status_code

        assert (choice(), client.get("/health").status_code) == (503, 503)
        (record,) = caplog.records
        assert "CONSENT_" not in record.message
        volume.mkdir()
        until_healthy(client, "/health")
        assert choice() == 201
