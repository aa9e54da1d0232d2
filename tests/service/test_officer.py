"""The officer's page of a site of the service: by a password, over HTTPS only."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import Client, TestResponse

from consent_widget import ConfigurationError
from consent_widget.service.app import HostedSites, create_service
from consent_widget.service.command import main
from consent_widget.service.officer import hashed

from ..support.services import SITES, TOP, written

PASSWORD = "p" * 27
HTTPS = "https://consent.example"
PAGE = "/consent/shop/officer"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[HostedSites]:
    sites = SITES.replace(
        "[sites.shop]\n", f'[sites.shop]\nofficer = {{ lin = "{hashed(PASSWORD)}", "wei.2" = "{hashed("q" * 27)}" }}\n'
    )
    with closing(create_service(written(tmp_path, sites, TOP))) as service:
        yield service


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def get(
    service: HostedSites, headers: dict[str, str], base: str = HTTPS, path: str = PAGE, **more: Any
) -> TestResponse:
    return Client(service).open(path, headers=headers, base_url=base, **more)


@pytest.mark.parametrize("headers", [basic("lin", PASSWORD), {"Authorization": f"Bearer {PASSWORD}"}])
def test_who_has_a_password_sees_the_page(service: HostedSites, headers: dict[str, str]) -> None:
    response = get(service, headers)

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("lin", "wrong"),
        basic("lin", ""),
        basic("wei.2", PASSWORD),
        basic("lin", hashed(PASSWORD)),
        {"Authorization": f"Bearer {PASSWORD[:-1]}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !!!"},
        {"Authorization": f"Digest {PASSWORD}"},
    ],
)
def test_nobody_else_does_and_the_browser_asks_for_one(service: HostedSites, headers: dict[str, str]) -> None:
    response = get(service, headers)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert response.headers["Cache-Control"] == "private, no-store"


def test_without_https_no_password_is_asked_for_or_taken(service: HostedSites) -> None:
    response = get(service, basic("lin", PASSWORD), "http://consent.example")

    assert response.status_code == 403
    assert "WWW-Authenticate" not in response.headers


def test_a_site_without_officers_has_no_such_page(service: HostedSites) -> None:
    assert get(service, basic("lin", PASSWORD), path="/consent/club/officer").status_code == 404


def test_a_page_of_the_site_itself_sends_nothing_in_an_officers_name(service: HostedSites) -> None:
    headers = basic("lin", PASSWORD) | {"Origin": "https://www.shop.example", "Sec-Fetch-Site": "cross-site"}
    response = get(service, headers, path=f"{PAGE}/records", method="POST", data={"what": "0" * 22})

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in get(service, headers).headers


def test_a_program_fetches_an_export_with_the_password(service: HostedSites) -> None:
    headers = {"Authorization": f"Bearer {PASSWORD}", "Origin": HTTPS}
    response = get(service, headers, path=f"{PAGE}/export", method="POST", data={"form": "csv"})

    assert response.status_code == 200
    assert response.text.startswith("id,time,subject")


def test_the_log_names_the_officer(service: HostedSites, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        get(
            service,
            basic("lin", PASSWORD) | {"Sec-Fetch-Site": "same-origin"},
            path=f"{PAGE}/records",
            method="POST",
            data={"what": "0" * 22},
        )

    assert "Officer lin: looked for a visitor's records: none found." in caplog.messages


@pytest.mark.parametrize("value", ['"lin"', '{ lin = "secret" }', '{ "l n" = "' + "0" * 64 + '" }', "{ lin = 1 }"])
def test_a_table_that_cannot_be_used_stops_the_start(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sites\.shop\.officer: must be a table of names and hashes"):
        create_service(written(tmp_path, SITES.replace("[sites.shop]\n", f"[sites.shop]\nofficer = {value}\n"), TOP))


def test_a_command_makes_a_password_and_its_line() -> None:
    said = CliRunner().invoke(main, ["officer", "lin"]).output
    password = re.search(r"alone: (\S+)$", said, re.MULTILINE)
    hash = re.search(r'officer = \{ "lin" = "([0-9a-f]{64})" \}', said)

    assert password
    assert hash
    assert hashed(password[1]) == hash[1]
    assert CliRunner().invoke(main, ["officer", "lin zhang"]).exit_code == 1
