"""The address that a scan is given, as people write it."""

from __future__ import annotations

import pytest

from consent_widget.scan.judging import checked


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("shop.example", "https://shop.example"),
        ("http://shop.example/", "http://shop.example/"),
        ("localhost:8000", "http://localhost:8000"),
        ("shop.localhost:8000/tea", "http://shop.localhost:8000/tea"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://localhost:8000", "https://localhost:8000"),
        ("localhost.example", "https://localhost.example"),
        ("127.0.0.1.example", "https://127.0.0.1.example"),
    ],
)
def test_an_address_without_a_scheme_is_https_but_for_ones_own_computer(written: str, address: str) -> None:
    assert checked(written) == address
