"""What an address of a vendor says, and the address that a frame gets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from consent_widget import Service
from consent_widget.notice.parts import Use
from consent_widget.script.facades import facade_of
from consent_widget.text import Text
from consent_widget.vendors.catalogue import all_vendors, read_vendor
from consent_widget.vendors.embedded import built, each_parameters, read_address
from consent_widget.vendors.model import Vendor

from ..support.script import deno

CASES = json.loads((Path(__file__).parent / "embed_cases.json").read_text("utf-8"))
EMBEDS = [vendor for vendor in all_vendors() if vendor.embed]
FRAMES = [vendor for vendor in EMBEDS if vendor.tag and vendor.tag.frame]


@pytest.mark.parametrize(("vendor", "address", "expected"), CASES)
def test_an_address_of_the_vendor_becomes_that_of_its_player(vendor: str, address: str, expected: str | None) -> None:
    known = read_vendor(vendor)
    values = read_address(known, address)

    assert known.tag
    assert known.tag.frame
    assert (values and built(known.tag.frame, {"parent": "a.example"} | values)) == expected


def test_the_script_reads_addresses_as_the_server_does() -> None:
    given = [[facade_of(service(vendor)), address] for vendor, address, _ in CASES]
    made = json.loads(deno("run", "tests/js/embeds.js", stdin=json.dumps(given)))

    assert [[*case[:2], address] for case, address in zip(CASES, made, strict=True)] == CASES


def service(vendor: str) -> Service:
    name = Text({"zh-CN": "V", "en": "V"})
    use = Use(vendor=vendor, parameters={"parent": "a.example"} if vendor == "twitch" else {})
    return Service(id=vendor, name=name, company="V", country="US", purposes=("marketing",), use=use)


@pytest.mark.parametrize("vendor", FRAMES, ids=lambda vendor: vendor.id)
def test_what_the_catalogue_builds_it_also_reads(vendor: Vendor) -> None:
    assert vendor.embed
    assert vendor.tag
    assert vendor.tag.frame
    examples = {name: each.example for name, each in vendor.parameters.items()}
    each = {name: examples[name] for name in each_parameters(vendor)}
    if vendor.embed.addresses:
        assert read_address(vendor, built(vendor.tag.frame, examples)) == each
        if vendor.embed.page and vendor.id != "twitch":
            read = read_address(vendor, built(vendor.embed.page, examples))
            assert read
            assert read.items() <= each.items()


@pytest.mark.parametrize("vendor", EMBEDS, ids=lambda vendor: vendor.id)
def test_its_patterns_mean_the_same_in_both_languages_and_name_only_parameters(vendor: Vendor) -> None:
    assert vendor.embed
    names = each_parameters(vendor)
    assert not set(names) & {"title", "poster", "ratio", "src", "consent", "alt"}, "attributes of every element"
    assert all(re.fullmatch(r"[a-z]+", name) for name in names), "an attribute has no capital letters"
    for pattern in vendor.embed.addresses:
        assert set(re.compile(pattern).groupindex) <= set(names)
        assert not re.search(r"\(\?(?!P<\w+>)|\\[ABZGbd-su-vx-z]|\[\[", pattern)
    assert set(vendor.embed.queries.values()) <= set(names)
