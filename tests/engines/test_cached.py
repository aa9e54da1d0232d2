"""Pages that caches keep for everybody: the same page, and each visitor sees what is right for them."""

from __future__ import annotations

from ..browser.conftest import MakeSite
from .conftest import MakeVisitor

GATE = """<script type="text/plain" data-consent="data_analytics">window.ran = 1</script>"""
#: Is the layer there, with its style, before the widget's script? Looked at as soon as the page's own body goes on.
EARLY = """<script>{
  const layer = document.querySelector("consent-widget").shadowRoot.querySelector(".cw-layer");
  window.early = layer ? getComputedStyle(layer).position : "no layer";
}</script>"""


def test_each_visitor_sees_what_is_right_in_the_same_page(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_RENDER="cached")
    site.body = EARLY + GATE
    site.headers = {"Cache-Control": "public, max-age=600"}
    visitor = visit(site).go()
    assert visitor.browser.js("return window.early") == "fixed"
    visitor.accept()
    visitor.go("/two")
    visitor.browser.until("window.ran == 1")
    assert visitor.browser.js("return window.early") == "no layer"
    assert not visitor.browser.js("return all('.cw-layer').length")

    visitor.forget()
    visitor.go("/three")
    assert visitor.browser.js("return window.early") == "fixed"
    visitor.reject()
    visitor.go("/two")
    visitor.browser.until("window.ConsentWidget")
    assert visitor.browser.js("return window.early") == "no layer"
    assert not visitor.browser.js("return window.ran")
