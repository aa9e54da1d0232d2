"""What the script is told of a vendor's tag: the site's numbers are data in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from consent_widget import ConfigurationError, Service
from consent_widget.notice.parts import Use
from consent_widget.script.tags import filled, tag_of
from consent_widget.text import Text
from consent_widget.vendors.catalogue import all_vendors
from consent_widget.vendors.model import Vendor

from ..conftest import MakeApp
from ..notice.test_catalogued import GA4, notice_using


def service(vendor: str, **parameters: str) -> Service:
    name = Text({"zh-CN": "V", "en": "V"})
    use = Use(vendor=vendor, parameters=parameters)
    return Service(id=vendor, name=name, company="V", country="US", purposes=("marketing",), use=use)


def told(app: Flask) -> list[dict[str, Any]]:
    payload = json.loads(app.extensions["consent_widget"].assets.payloads["en"].content)
    return payload["services"]  # type: ignore[no-any-return]


EVERYWHERE = [vendor for vendor in all_vendors() if vendor.tag and vendor.tag.everywhere]


@pytest.mark.parametrize("vendor", EVERYWHERE, ids=lambda vendor: vendor.id)
def test_a_tag_for_every_page_has_all_that_it_needs(vendor: Vendor) -> None:
    parameters = {name: each.example for name, each in vendor.parameters.items() if not each.each}
    tag = tag_of(service(vendor.id, **parameters))

    assert tag
    assert tag["src"].startswith("https://")
    text = json.dumps(tag).replace("{now}", "").replace("{queue}", "")
    assert not any(f"{{{name}}}" in text for name in vendor.parameters)
    assert all(call.get("to") or "queue" in tag for call in tag["calls"])
    assert not [each for each in vendor.parameters.values() if each.each], "nothing that differs within a page"


def test_a_value_is_percent_encoded_in_an_address_and_as_it_is_in_a_call() -> None:
    tag = tag_of(service("aliyun_arms", pid="a@b/c", endpoint="x.rum.aliyuncs.com"))
    search = tag_of(service("ga4", id="G-A&b#c"))

    assert tag
    assert tag["globals"] == {"__rum": {"pid": "a@b/c", "endpoint": "https://x.rum.aliyuncs.com"}}
    assert search
    assert search["src"] == "https://www.googletagmanager.com/gtag/js?id=G-A%26b%23c"
    assert search["calls"][-1] == {"on": "start", "args": ["config", "G-A&b#c"]}


@pytest.mark.parametrize("script", ["/metrics/?id=G-ABC123DEF4", "https://www.shop.example/metrics/?id=G-ABC123DEF4"])
def test_a_site_with_a_tag_gateway_says_where_the_script_is(make_app: MakeApp, script: str) -> None:
    notice = notice_using(GA4 | {"script": script})
    app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")

    assert told(app)[0]["tag"]["src"] == script
    assert notice.digest == notice_using(GA4).digest, "visitors read the same"


def test_only_texts_are_filled_in() -> None:
    assert filled({"a": ["{x}", 1, True, {"b": "y {x}"}]}, {"x": "1"}) == {"a": ["1", 1, True, {"b": "y 1"}]}


@pytest.mark.parametrize("vendor", ["youtube", "google_maps", "recaptcha", "meiqia", "stripe", "weixin_login"])
def test_what_belongs_to_a_place_in_the_page_is_never_loaded_by_itself(vendor: str) -> None:
    assert tag_of(service(vendor)) is None


def test_a_site_without_such_a_tag_gets_nothing_for_it(make_app: MakeApp) -> None:
    def script(**entry: Any) -> str:
        app = make_app(CONSENT_NOTICE=notice_using(GA4 | entry), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
        return str(app.extensions["consent_widget"].assets.scripts["en"].whole.content.decode())

    assert "begin:" in script()
    assert "config" not in script(load=False)
    assert "googletagmanager.com/gtag" not in script(load=False)


def test_the_first_part_of_the_script_does_not_carry_it(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE=notice_using(GA4), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")

    assert b"G-ABC123DEF4" not in app.extensions["consent_widget"].assets.scripts["en"].first.content


def test_a_published_notice_loads_the_tag_as_the_file_says(make_app: MakeApp, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"CONSENT_DATABASE": f"sqlite:///{tmp_path}/consent.sqlite", "CONSENT_REGION": "US"}
    app = make_app(CONSENT_NOTICE=notice_using(GA4), **settings)
    digest = app.extensions["consent_widget"].notice.digest
    assert app.test_cli_runner().invoke(args=["consent", "publish"]).exit_code == 0
    later = make_app(CONSENT_NOTICE=notice_using(GA4 | {"id": "G-LATER1"}), **settings)

    assert later.extensions["consent_widget"].notice.digest == digest
    assert told(later)[0]["tag"]["calls"][-1]["args"] == ["config", "G-LATER1"]


def test_a_gate_in_a_template_names_the_purposes_and_the_service(make_app: MakeApp) -> None:
    notice = notice_using(GA4 | {"load": False, "purposes": ["analytics", "marketing"]})
    app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
    with app.test_request_context():
        made = app.jinja_env.from_string("<i {{ consent_service('ga4') }}>").render()
        with pytest.raises(ConfigurationError, match="Did you mean 'ga4'"):
            app.jinja_env.from_string("{{ consent_service('ga5') }}").render()

    assert made == '<i data-consent="analytics marketing" data-consent-service="ga4">'


def test_a_service_written_out_by_hand_has_no_tag() -> None:
    assert tag_of(replace(service("ga4", id="G-ABC1"), use=None)) is None
