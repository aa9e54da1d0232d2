"""The language that a browser asks for, the scheme that it prefers, and the visitor's own pick."""

from __future__ import annotations

import re

import pytest

from ..browser.conftest import MakeSite
from ..browser.servers import Site, Static
from .conftest import MakeVisitor, elsewhere

REJECT = {"en": "Reject all", "zh-CN": "全部拒绝"}
NOTICE = {"en": "About this notice", "zh-CN": "关于本声明"}
PAGE = "<!doctype html><meta charset=utf-8><title>A page</title><script async src={source}></script><body>"


@pytest.mark.parametrize(("locale", "other"), [("en", "zh-CN"), ("zh-CN", "en")])
def test_the_widget_speaks_the_browsers_language_and_the_one_that_is_picked(
    make_site: MakeSite, static: Static, visit: MakeVisitor, locale: str, other: str
) -> None:
    site = make_site(CONSENT_ORIGINS=elsewhere(static))
    static.page, static.headers = PAGE.replace("{source}", f"{site.url}/consent/widget.js"), {}
    for home in (site.url, static.url):
        visitor = visit(site, locale)
        visitor.home = visitor.at(home)
        assert REJECT[locale] in visitor.go().browser.text(".cw-layer")
        visitor.set_language(other)
        visitor.browser.until("find('.cw-layer').innerText.includes(arguments[0])", REJECT[other])
        visitor.browser.click(".cw-layer [data-open=notice]")
        assert NOTICE[other] in visitor.browser.text("dialog .cw-statement")
        visitor.browser.key("Escape")
        visitor.browser.expect_none("dialog .cw-statement")
        visitor.browser.click("#cw-reject-all")
        visitor.expect_status("saved", other)
    assert [record.locale for record in site.records()] == [other, other]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_layer_is_dark_where_the_visitor_prefers_it(site: Site, visit: MakeVisitor, scheme: str) -> None:
    site.head = "<style>:root { color-scheme: light dark }</style>"
    visitor = visit(site, scheme=scheme).go()
    visitor.browser.expect(".cw-layer")
    ink, paper = visitor.browser.js(
        "const { color, backgroundColor } = getComputedStyle(find('.cw-layer')); return [color, backgroundColor]"
    )
    lighter = _light(paper) > _light(ink)
    assert lighter == (scheme == "light")


def _light(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3]))
