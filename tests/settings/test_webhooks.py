from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from consent_widget import ConfigurationError
from consent_widget.settings.config import read_settings
from consent_widget.settings.model import Settings
from consent_widget.settings.webhooks import EVENTS, read_webhooks

from ..conftest import KEY
from ..support.receiving import SECRET

URL = "https://crm.shop.example/consent"


def settings(**receiver: Any) -> Settings:
    table = {"crm": {"url": URL, "secret": SECRET} | receiver}
    return read_settings({"CONSENT_KEYS": [KEY], "CONSENT_WEBHOOKS": table})


def test_a_receiver_has_an_address_and_a_secret_and_is_told_everything() -> None:
    (receiver,) = settings().webhooks

    assert (receiver.name, receiver.url, receiver.host) == ("crm", URL, "crm.shop.example")
    assert receiver.secrets == (b"secret for tests only, 32 bytes!",)
    assert receiver.events == EVENTS


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/consent",
        "http://localhost/consent",
        "http://[::1]:9000/",
        "https://crm.shop.example",
        "https://crm.shop.example:8443/a/b?tenant=7",
        "https://[fd00::1]/consent",
    ],
)
def test_a_receiver_is_reached_by_https_or_on_this_machine(url: str) -> None:
    assert settings(url=url).webhooks[0].url == url


def test_a_network_of_the_sites_own_may_do_without_tls_where_that_is_said() -> None:
    with pytest.raises(ConfigurationError, match="unencrypted = true"):
        settings(url="http://crm:8080/consent")

    assert settings(url="http://crm:8080/consent", unencrypted=True).webhooks[0].host == "crm"


@pytest.mark.parametrize(
    "url",
    [
        None, 7, "", "crm.club.example", "/consent", "ftp://crm.shop.example/", "file:///etc/passwd",
        "gopher://crm.shop.example/", "https://", "https:///consent", "https://crm.shop.example:99999/",
        "https://crm.shop.example:0/", "https://crm.shop.example/#part", "https://crm.shop.example/a b",
        "https://crm.shop.example/\r\nX: y", "https://crm.shop.example/é", "https://商店.example/",
        "https://user:pass@crm.shop.example/", "https://user@crm.shop.example/", "https://[::1/", "https://a..b/",
        "https://" + "a" * 64 + ".example/", "http://127.0.0.1.evil.example/", "http://0x7f.1/", "http://2130706433/",
    ],
)  # fmt: skip
def test_anything_else_stops_start_up_and_is_not_shown(url: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^CONSENT_WEBHOOKS: crm\.url: ") as error:
        settings(url=url)

    assert not url or len(str(url)) < 9 or str(url) not in str(error.value)


@pytest.mark.parametrize(
    "secret",
    [
        None, "", 7, [], "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_***", SECRET.removeprefix("whsec_"),
        f"v1,{SECRET}", f"{SECRET} ", [SECRET] * 4, [SECRET, None], "whsec_" + b64encode(bytes(65)).decode(),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SECRET.encode(),
    ],
)  # fmt: skip
def test_a_secret_that_protects_nothing_stops_start_up_and_is_not_shown(secret: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^CONSENT_WEBHOOKS: crm\.secret: .*keygen --webhook") as error:
        settings(secret=secret)

    assert "c2hvcnQ" not in str(error.value)
    assert "MfKQ" not in str(error.value)


def test_an_old_secret_and_a_new_one_may_be_in_use_together() -> None:
    new = "whsec_" + b64encode(b"another key, which has 24 b").decode()

    assert settings(secret=[new, SECRET]).webhooks[0].secrets == (
        b"another key, which has 24 b",
        b"secret for tests only, 32 bytes!",
    )


@pytest.mark.parametrize("events", [[], "choice.recorded", ["choice.made"], [7], None])
def test_events_that_do_not_exist_stop_start_up(events: object) -> None:
    with pytest.raises(ConfigurationError, match=r"crm\.events: must be a list of one or more of choice\.recorded"):
        settings(events=events)


@pytest.mark.parametrize("table", [[], "crm", {"CRM": {}}, {7: {}}, {"crm": URL}, {"crm": {"secrets": SECRET}}])
def test_a_table_of_another_form_stops_start_up(table: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^CONSENT_WEBHOOKS: "):
        read_settings({"CONSENT_KEYS": [KEY], "CONSENT_WEBHOOKS": table})


def test_neither_a_secret_nor_an_address_is_part_of_what_is_printed() -> None:
    (receiver,) = read_webhooks({"crm": {"url": f"{URL}?token=7", "secret": SECRET}})

    assert "token" not in repr(receiver)
    assert "secret for" not in repr(receiver)
    assert "crm" in repr(receiver)
