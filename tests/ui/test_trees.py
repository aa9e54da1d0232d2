"""What the script makes elements of: a closed list, which holds all that there is, and nothing that runs or loads anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from consent_widget import SQLStore
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Service
from consent_widget.resources import STATIC
from consent_widget.script.bundle import built_files
from consent_widget.text import Text

from ..conftest import MakeApp
from ..support.changing import day, edited
from ..support.parties import ACME

(PATTERN,) = re.findall(r"names =\s+/(.+)\$/;", (STATIC / "src/linked/names.js").read_text("utf-8"))
LISTED = re.compile(PATTERN)
#: Elements that could run, load or embed something, or lead somewhere by themselves.
ELEMENTS = """script style link iframe frame frameset fencedframe object embed applet base meta img image picture source
video audio track svg math template portal noscript bgsound area map canvas slot marquee"""
#: Attributes that could; `href` is seen to by itself.
ATTRIBUTES = """onclick onerror onload ontoggle style src srcset srcdoc action formaction poster background ping code
codebase archive xlink:href http-equiv content integrity nonce manifest lowsrc dynsrc usemap profile classid
shadowrootmode imagesrcset xmlns autofocus"""


TAG = Service(
    id="tag", name=Text({"zh-CN": "标签", "en": "Tag"}), company="Tag Inc.", country="CN", purposes=("data_analytics",)
)


def trees(words: dict[str, Any]) -> Iterator[Any]:
    """Every tree in the script's data."""
    age = words.get("age", {})
    yield from (words["layer"], words["centre"], *words.get("news", {}).get("bars", ()))
    yield from (words["leave"]["tree"] for _ in range("leave" in words))
    for group in ("dialogs", "notes", "layers"):
        yield from age.get(group, {}).values()


def names(tree: Any) -> Iterator[str]:
    yield tree[0]
    for part in tree[1:]:
        yield from names(part) if isinstance(part, list) else part if isinstance(part, dict) else ()


def used(made: Any) -> set[str]:
    every = [tree for body in made.assets.payloads.values() for tree in trees(json.loads(body.content))]
    every += [json.loads(body.content) for body in (*made.assets.questions.values(), *made.assets.changes.values())]
    every += [json.loads(body.content)[1] for body in made.assets.statements.values()]
    return {name for tree in every for name in names(tree)}


@pytest.fixture
def all_names(make_app: MakeApp, shop: Notice, tmp_path: Any) -> set[str]:
    store = SQLStore(f"sqlite:///{tmp_path / 'published.sqlite'}")
    notices = [
        edited(effective=day(-30)),
        edited(("purposes.analytics.revision", 2), version="1.1.0", effective=day(-1)),
    ]
    for each in notices:
        store.publish(each, unannounced=True)
    store.close()
    sites = (
        {"CONSENT_NOTICE": "minimal"},
        {"CONSENT_NOTICE": replace(shop, services=(TAG,)), "CONSENT_LEAVE": {}, "CONSENT_LAYOUT": "modal"},
        {
            "CONSENT_NOTICE": replace(shop, recipients=(ACME,)),
            "CONSENT_AGE": {},
            "CONSENT_ORIGINS": ["https://a.example"],
        },
        {"CONSENT_NOTICE": notices[-1], "CONSENT_DATABASE": f"sqlite:///{tmp_path / 'published.sqlite'}"},
    )
    return {name for config in sites for name in used(make_app(**config).extensions["consent_widget"])}


def test_all_that_any_tree_has_is_on_the_list(all_names: set[str]) -> None:
    assert {name for name in all_names if not LISTED.fullmatch(name)} == {"href"}
    assert {"dl", "tabindex", "article", "nav", "aria-label", "data-changes", "data-some", "bdi"} <= all_names


def test_nothing_that_runs_or_loads_anything_is_on_the_list() -> None:
    assert [name for name in f"{ELEMENTS} {ATTRIBUTES}".split() if LISTED.fullmatch(name)] == []


def test_what_the_page_can_define_is_never_taken_for_undefined() -> None:
    """The minifier writes `undefined` as `0[0]`, which is whatever somebody has put at `Object.prototype[0]`."""
    assert [name for name, text in built_files().items() if "0[0]" in text] == []
