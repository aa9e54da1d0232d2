"""Where `proxies` does not fit what arrives, the log says so, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client

from consent_widget.service.app import create_service

from ..support.services import SITES, TOP, written

FOR, PROTO = "X-Forwarded-For", "X-Forwarded-Proto"


@pytest.mark.parametrize(
    ("proxies", "headers", "said"),
    [
        (0, {}, ""),
        (0, {FOR: "192.0.2.1"}, "proxies = 0 does not fit what arrives: a proxy says who the visitor is"),
        (1, {FOR: "192.0.2.1", PROTO: "https"}, ""),
        (1, {FOR: "192.0.2.9, 192.0.2.1", PROTO: "https"}, ""),
        (1, {PROTO: "https"}, "proxies = 1 does not fit what arrives: X-Forwarded-For has 0 values"),
        (2, {FOR: "192.0.2.1", PROTO: "https"}, "X-Forwarded-For has 1 value."),
        (1, {FOR: "192.0.2.1"}, "no proxy says whether the visitor came by HTTPS"),
    ],
)
def test_what_does_not_fit_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, proxies: int, headers: dict[str, str], said: str
) -> None:
    service = create_service(written(tmp_path, SITES, f"{TOP}proxies = {proxies}\n"))
    client = Client(service)
    client.get("/health")
    for _ in range(3):
        client.get("/consent/shop/widget.js", headers=headers)
    service.close()

    lines = [record.getMessage() for record in caplog.records if record.name == "consent_widget.service.proxies"]
    assert len(lines) == bool(said)
    assert said in "".join(lines)
    assert "192.0.2" not in caplog.text
