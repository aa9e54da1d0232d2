"""What the account of a visitor says about their age."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import (
    ConfigurationError,
    consent,
    processing,
)
from consent_widget.notice.model import Notice

from ...conftest import HERE
from ...support.minors import grant, granted, records, subject_of, tell


def test_an_account_with_an_unknown_age_band_is_an_error_for_the_developer(app: Flask) -> None:
    with app.test_request_context(headers={"X-Account-Band": "13"}), pytest.raises(ConfigurationError, match="adult"):
        _ = consent.band


def test_the_accounts_band_wins_over_the_browsers(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    grant(client, notice)

    assert granted(client, **{"X-Account-Band": "child"}) == set()
    assert grant(client, notice, **{"X-Account-Band": "child"}).status_code == 403
    assert len(granted(client)) == 7  # nothing was recorded by asking


def test_a_page_records_what_the_account_says_once(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    grant(client, notice)
    for _ in range(3):
        page = client.get("/page", headers={"X-Account-Band": "child"}).text
        assert 'data-band="c"' in page

    assert [(each.action, each.surface) for each in records(app)][2:] == [("age_child", "account")]
    with app.app_context():
        assert not processing.can_message(subject_of(client))
    assert grant(client, notice).status_code == 403  # also once they have signed out


def test_nothing_is_stored_for_a_child_who_has_not_chosen(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/page", headers={"X-Account-Band": "child"})

    assert "small files" in page.text
    assert "Set-Cookie" not in page.headers
    assert records(app) == []


def test_only_the_account_makes_a_child_older_and_they_are_asked_again(
    app: Flask, child: FlaskClient, notice: Notice, link: str
) -> None:
    app.test_client().post(link, data={"action": "save", "grant": "data_analytics"}, headers=HERE)
    assert granted(child) == {"data_analytics"}

    assert granted(child, **{"X-Account-Band": "teen"}) == set()
    page = child.get("/page", headers={"X-Account-Band": "teen"}).text
    assert 'value="accept_all"' in page
    with app.app_context():
        assert not processing.granted(subject_of(child), "data_analytics")
