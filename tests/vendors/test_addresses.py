"""An address leads to the host that a browser would ask, however it is written."""

from __future__ import annotations

import pytest

from consent_widget.vendors.addresses import host_of, hosts_in, path_of


@pytest.mark.parametrize(
    "address",
    [
        "https://www.vendor.example/tag.js",
        "HTTPS://WWW.Vendor.EXAMPLE/",
        "//www.vendor.example/tag.js",
        " \t\n//www.vendor.example",
        "\x00\x1fhttps://www.vendor.example",
        "https:\\\\www.vendor.example\\tag.js",
        "\\\\www.vendor.example",
        "/\\www.vendor.example",
        "https:www.vendor.example",
        "https:/www.vendor.example",
        "https:////www.vendor.example",
        "ht\ntps:/\t/www.ven\r\ndor.example/x",
        "https://user:pass@www.vendor.example:8443/x",
        "https://www.shop.example@www.vendor.example/",
        "https://a@b@www.vendor.example/",
        "https://www.vendor.example./x",
        "https://www.vendor.example:443?x",
        "https://www.vendor.example#x",
        "https://www%2evendor%2Eexample/",
        "https://www。vendor．example/",
        "https://ｗｗｗ.ｖｅｎｄｏｒ.example/",
        "https://www.ven\u00addor.example/",
        "wss://www.vendor.example/socket",
    ],
)
def test_the_host_is_the_one_that_a_browser_asks(address: str) -> None:
    assert host_of(address) == "www.vendor.example"


@pytest.mark.parametrize(
    "address",
    ["", "/tag.js", "tag.js?https://www.vendor.example", "#https://www.vendor.example", "data:text/html,//x", "mailto:a@b",
     "blob:https://www.vendor.example/1", "about:blank", "javascript:'//www.vendor.example'", "./a//b", "?//b"],
)  # fmt: skip
def test_an_address_without_a_host_has_none(address: str) -> None:
    assert host_of(address) == ""


def test_what_comes_after_the_host_is_path_and_query() -> None:
    assert path_of("https://www.vendor.example/a/b?c#d") == "/a/b?c#d"
    assert path_of("/a?b") == "/a?b"


def test_hosts_are_found_in_a_script() -> None:
    script = """s.src = ('https:' == p ? 'https://ssl' : 'http://www') + '.vendor.example/ga.js'; x.y(z.src)"""

    assert "vendor.example" in list(hosts_in(script))
