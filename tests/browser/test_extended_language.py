"""Libraries that change the language itself, as the large ones of 2008 did, and shops still load."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import MakeVisitor
from .servers import Place

#: What each does to a page, in a few lines.
LIBRARIES = {
    "Prototype": """
        for (const type of [Array, String, Number, Function]) type.prototype.each = type.prototype.inspect = function () {};
        Object.values = (object) => { const all = []; for (const key in object) all.push(object[key]); return all };
        Object.toJSON = JSON.stringify;
        Array.prototype.toJSON = function () { return "[" + this + "]" };
        Array.prototype.entries = function () { return this.slice() };
        Array.prototype.reverse = function (inline) { return inline === false ? [...this].reverse() : this };
        const { Element: native, Event: event } = window;
        window.Element = Object.assign((name) => document.createElement(name), native);
        Element.prototype = native.prototype;
        Element.prototype.remove = function () { this.parentNode.removeChild(this); return this };
        Element.prototype.select = Element.prototype.update = Element.prototype.hide = function () {};
        window.$ = (id) => document.getElementById(id);""",
    "MooTools": """
        Array.from = (item) => item == null ? [] : Array.isArray(item) ? item : [item];
        Function.from = (item) => typeof item == "function" ? item : () => item;
        Number.from = parseFloat;
        String.prototype.contains = String.prototype.includes;
        Function.prototype.bind = function (that, ...given) { const fn = this; return function (...more) { return fn.call(that, ...given, ...more) } };
        Element.prototype.get = Element.prototype.set = Element.prototype.inject = function () { return this };
        window.Browser = window.Type = window.Class = function () {};""",
    "a library that adds to every object": """
        Object.prototype.extend = function (more) { return Object.assign(this, more) };
        Object.prototype.each = Object.prototype.toSource = function () {};""",
}
PAGE = """<!doctype html><html lang=en><head><meta charset=utf-8><title>A page</title><script>LIBRARY</script></head>
<body>WIDGET<h1>A page</h1><script type="text/plain" data-consent="data_analytics">(window.ran ||= []).push("inline")</script>
<template data-consent="data_analytics"><b id=shown>shown</b></template>
<iframe title=Film width=320 height=200 data-consent="targeted_advertising" data-src="VENDORS/film.html"></iframe></body></html>"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_that_changes_the_language_stops_nothing(place: Place, visit: MakeVisitor, library: str) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(PAGE.replace("LIBRARY", LIBRARIES[library])))
    expect(visitor.placeholder).to_be_visible()
    assert (visitor.page.evaluate("window.ran"), place.vendors.asked) == (None, [])

    visitor.accept()
    visitor.wait_until("window.ran")
    expect(visitor.page.locator("#shown")).to_be_visible()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("film plays.")

    visitor.open_centre()
    with visitor.page.expect_event("load"):
        visitor.press_in_centre("reject_all")
    expect(visitor.placeholder).to_be_visible()
    assert visitor.page.evaluate("[window.ran, ConsentWidget.granted('data_analytics')]") == [None, False]
