"""Stubs that are objects with methods: what a page says waits in them as the vendor's own script expects to find it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from consent_widget.notice.parts import Service, Use
from consent_widget.script.tags import tag_of
from consent_widget.text import Text
from consent_widget.vendors.catalogue import read_vendor

from ..support.script import deno


def queue_of(id: str) -> dict[str, Any]:
    parameters = {name: each.example for name, each in read_vendor(id).parameters.items() if not each.each}
    use = Use(vendor=id, parameters=parameters)
    name = Text({"en": id})
    tag = tag_of(Service(id=id, name=name, company="V", country="US", purposes=("a",), use=use))
    assert tag
    assert tag["src"].startswith("https://")
    return tag["queue"]  # type: ignore[no-any-return]


def stubs(*said: tuple[str, Sequence[object]]) -> list[dict[str, Any]]:
    """What is in the stub of each of these vendors, once a page has made a call: its method, and its arguments."""
    stdin = json.dumps([{"queue": queue_of(id), "say": [list(call)]} for id, call in said])
    made: list[dict[str, Any]] = json.loads(deno("run", "tests/js/stubs.js", stdin=stdin))
    return made


def test_an_array_with_methods_keeps_each_call_in_itself() -> None:
    found = stubs(
        ("segment", ["track", "Pressed", {"a": 1}]),
        ("rudderstack", ["track", "Pressed", {"a": 1}]),
        ("heap", ["track", "Pressed", {"a": 1}]),
        ("zhugeio", ["track", "Pressed", {"a": 1}]),
        ("tiktok_pixel", ["track", "Pressed", {"a": 1}]),
    )

    for each in found:
        assert each["array"]
        kept = each["shown"]
        assert (kept["[]"] if isinstance(kept, dict) else kept) == [["track", "Pressed", {"a": 1}]]
    segment, _, heap, _, _ = (each["shown"] for each in found)
    assert segment["_writeKey"] == read_vendor("segment").parameters["key"].example
    assert heap["appid"] == read_vendor("heap").parameters["id"].example


def test_tiktok_finds_each_pixel_as_an_array_that_says_where_its_script_is() -> None:
    (made,) = stubs(("tiktok_pixel", ["page"]))
    pixel = read_vendor("tiktok_pixel").parameters["id"].example

    script = "https://analytics.tiktok.com/i18n/pixel/events.js"
    assert made["shown"]["_i"] == {pixel: {"[]": [], "_u": script}}
    assert list(made["shown"]["_t"]) == list(made["shown"]["_o"]) == [pixel]


def test_posthog_and_mixpanel_find_what_to_begin_and_what_was_said_of_people_by_itself() -> None:
    posthog, mixpanel = stubs(("posthog", ["people.set", {"a": 1}]), ("mixpanel", ["people.set", {"a": 1}]))
    key = read_vendor("posthog").parameters["key"].example
    token = read_vendor("mixpanel").parameters["token"].example

    for made in (posthog, mixpanel):
        assert made["array"]
        assert made["shown"]["[]"] == []
        assert made["shown"]["people"] == [["set", {"a": 1}]]
    assert posthog["shown"]["_i"] == [[key, {"api_host": "https://eu.i.posthog.com"}, "posthog"]]
    assert mixpanel["shown"]["_i"] == [[token, {"track_pageview": True}, "mixpanel"]]
    assert mixpanel["shown"]["__SV"] >= 1.1, "its script refuses older stubs"


def test_sensors_and_thinkingdata_find_pairs_in_a_function() -> None:
    for made in stubs(("sensors", ["track", "Pressed", {"a": 1}]), ("thinkingdata", ["track", "Pressed", {"a": 1}])):
        assert made["callable"]
        assert made["shown"]["_q"] == [["track", ["Pressed", {"a": 1}]]]
    sensors, thinkingdata = stubs(("sensors", ["login", "x"]), ("thinkingdata", ["login", "x"]))
    assert sensors["shown"]["para"]["server_url"] == "https://example.datasink.sensorsdata.cn/sa?project=default"
    assert thinkingdata["shown"]["param"]["name"] == "ta"
    assert thinkingdata["shown"]["__SV"] >= 1.1, "its script refuses older stubs"


def test_amazon_finds_when_each_call_was_made() -> None:
    (made,) = stubs(("amazon_ads", ["", "trackEvent", "PageView"]))

    assert made["callable"]
    assert made["shown"]["q"] == [[["trackEvent", "PageView"], 12345]]
