"""The script, whole and in two parts: its size is a promise, and its bytes are always the same."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from flask import Flask, render_template_string

from consent_widget.resources import STATIC, TRANSLATIONS
from consent_widget.script.body import Body
from consent_widget.script.bundle import built_files, read_built

from ..conftest import HERE, MakeApp
from ..support.changing import edited, raw
from ..support.choice_body import choice_body

ROOT = Path(__file__).parent.parent.parent


def compressed(text: bytes) -> int:
    return len(brotli.compress(text, quality=11))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize(("notice", "most"), [("minimal", 10_400), ("shop", 14_000)])
def test_everything_in_one_locale_is_one_small_file(make_app: MakeApp, notice: str, most: int, locale: str) -> None:
    script = make_app(CONSENT_NOTICE=notice).extensions["consent_widget"].assets.scripts[locale].whole

    assert compressed(script.content) <= most
    assert len(script.encodings["br"]) <= most


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("notice", ["minimal", "shop"])
def test_what_a_page_needs_at_once_is_smaller_still_however_long_the_notice(
    make_app: MakeApp, notice: str, locale: str
) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_ORIGINS=["https://shop.example"])

    script = app.extensions["consent_widget"].assets.scripts[locale]
    first = script.first.content.replace(script.rest.hash.encode(), b"0" * 16)  # a hash adds 5 to 40 bytes, by chance
    assert compressed(first) <= 5_370


def test_the_first_part_names_the_rest_which_is_kept_for_good(app: Flask) -> None:
    client, script = app.test_client(), app.extensions["consent_widget"].assets.scripts["en"]
    address = f"widget.{script.rest.hash}.mjs?lang=en"
    response = client.get(f"/consent/{address}", headers={"Accept-Encoding": "identity"})

    assert f'"{address}"' in client.get("/consent/widget.js?lang=en").text
    assert response.data == script.rest.content
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("config", "there"),
    [
        ({}, set()),
        ({"CONSENT_AGE": {}}, {"layer", "centre"}),
        ({"CONSENT_RENDER": "script"}, {"layer", "centre"}),
        ({"CONSENT_ORIGINS": ["https://shop.example"]}, {"layer", "centre"}),
    ],
    ids=["drawn by the server", "drawn, and changed by the answer", "drawn by the script", "on pages of others"],
)
def test_what_the_server_has_drawn_is_not_sent_once_more(
    make_app: MakeApp, config: dict[str, object], there: set[str]
) -> None:
    app = make_app(CONSENT_NOTICE="shop", **config)
    site, client = app.extensions["consent_widget"], app.test_client()
    whole = site.assets.scripts["en"].whole.content.decode()
    asked_for = client.get(f"/consent/i18n/en.json?{site.notice.digest[:16]}")

    assert {name for name in ("layer", "centre") if f'"{name}":["' in whole} == there
    assert {"layer", "centre"} <= asked_for.json.keys()  # type: ignore[union-attr]
    assert asked_for.headers["Cache-Control"] == "public, max-age=300"


def test_the_first_part_says_what_the_whole_says(app: Flask) -> None:
    script = app.extensions["consent_widget"].assets.scripts["en"]
    first, rest, whole = (each.content.decode() for each in (script.first, script.rest, script.whole))

    assert all('"options":[' in each for each in (first, rest, whole))
    assert all('"layer":["section"' in each for each in (first, rest))
    assert '"centre":[' not in first


def test_what_a_page_runs_at_once_is_compiled_while_it_comes_in(app: Flask) -> None:
    script = app.extensions["consent_widget"].assets.scripts["en"]

    for part in (script.first, script.rest):
        assert part.content.startswith(b"//# allFunctionsCalledOnLoad\n")


def added(app: Flask, visitor_has_chosen: bool, inline: bool) -> int:
    """Bytes that the widget adds to a page, compressed with it."""
    html = "<!doctype html><html lang=en><head><title>A page</title></head><body>{}<h1>A page</h1><p>Some words.</p></body></html>"

    @app.get("/measured")
    def measured() -> str:
        call = "{{ consent_widget(nonce='c29tZS1ub25jZS1vZi0xMjg', inline_style=inline) }}"
        return render_template_string(html.format(call), inline=inline)

    client = app.test_client()
    if visitor_has_chosen:
        client.post("/consent/records", json=choice_body(app.extensions["consent_widget"].notice), headers=HERE)
    return compressed(client.get("/measured").data) - compressed(html.format("").encode())


@pytest.mark.parametrize("inline", [True, False])
def test_a_page_grows_little_where_a_choice_is_due_and_hardly_where_not(make_app: MakeApp, inline: bool) -> None:
    assert added(make_app(), visitor_has_chosen=False, inline=inline) <= 4_500
    assert added(make_app(CONSENT_DATABASE="sqlite://"), visitor_has_chosen=True, inline=inline) <= 210


def test_the_script_of_a_hash_never_changes_and_is_kept_for_good(app: Flask) -> None:
    client, body = app.test_client(), app.extensions["consent_widget"].assets.scripts["en"].whole
    response = client.get(f"/consent/widget.{body.hash}.js", headers={"Accept-Encoding": "identity"})

    assert response.data == body.content
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("suffix", ["js", "mjs", "css"])
def test_a_page_of_another_day_gets_the_files_of_today_and_nobody_keeps_them(
    app: Flask, suffix: str, locale: str
) -> None:
    assets = app.extensions["consent_widget"].assets
    script = assets.scripts[locale]
    address = f"/consent/widget.0000000000000000.{suffix}?lang={locale}"
    response = app.test_client().get(address, headers={"Accept-Encoding": "identity"})

    assert response.data == {"js": script.whole, "mjs": script.rest, "css": assets.sheet}[suffix].content
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Accept-Language" in response.vary


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("", None),
        (None, None),
    ],
)
def test_the_best_coding_that_the_browser_takes_is_sent(app: Flask, accept: str | None, coding: str | None) -> None:
    headers = {"Accept-Encoding": accept} if accept is not None else {}
    response = app.test_client().get("/consent/widget.js?lang=en", headers=headers)
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]

    assert response.headers.get("Content-Encoding") == coding
    assert decode(response.data) == app.extensions["consent_widget"].assets.scripts["en"].first.content
    assert {"Accept-Encoding", "Accept-Language"} <= set(response.vary)


def test_the_stable_name_is_revalidated(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/consent/widget.js?lang=en")

    assert client.get("/consent/widget.js?lang=en", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert first.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"


def test_a_script_holds_nothing_of_any_visitor(app: Flask) -> None:
    client = app.test_client()
    before = client.get("/consent/i18n/en.json").data
    client.post("/consent/records", json=choice_body(app.extensions["consent_widget"].notice), headers=HERE)

    assert client.get("/consent/i18n/en.json").data == before
    assert b'"checked"' not in before


@pytest.mark.parametrize("path", ["i18n/en.json", "i18n/zh-CN.json", "i18n/notice.en.json"])
def test_the_other_locale_and_the_long_text_come_when_asked_for(app: Flask, path: str) -> None:
    assert json.loads(app.test_client().get(f"/consent/{path}").data)


def test_an_unknown_locale_is_not_found(app: Flask) -> None:
    assert app.test_client().get("/consent/i18n/fr.json").status_code == 404


def test_building_twice_makes_the_same_bytes() -> None:
    before = dict(built_files())
    read_built.cache_clear()
    subprocess.run([sys.executable, "static/build.py"], cwd=ROOT, check=True)

    assert dict(built_files()) == before


def test_in_debug_the_sources_are_served_readable() -> None:
    assert "/** Wires the parts together" in built_files(debug=True)["widget.js"]


def test_no_sink_that_takes_markup_is_used() -> None:
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTML|srcdoc")
    for source in (STATIC / "src").rglob("*.js"):
        assert not sinks.search(source.read_text("utf-8")), source.name


#: What came into browsers later than docs/browsers.md promises. What the script uses only where it is there has a `?.`.
NEWER = re.compile(
    r"\.(at|findLast|findLastIndex|toSorted|toSpliced|toReversed|with|groupBy|fromAsync|hasOwn|checkVisibility|any)\("
    r"|structuredClone|randomUUID|AbortSignal\.(timeout|any)\(|static\s*\{|\(\?<[=!]|/[gimsuy]*[dv][gimsuy]*[.;,)]|[^\w$]#\w+[=(;]"
)


def test_the_script_uses_nothing_newer_than_the_oldest_browsers_that_are_promised() -> None:
    for name, script in built_files().items():
        if name.endswith(".js"):
            assert not NEWER.search(script), (name, NEWER.search(script))


def test_names_are_those_that_content_blockers_leave_alone(app: Flask) -> None:
    page = app.test_client().get("/consent/preferences").text
    blocked = re.compile(
        r"cookie[-_]?consent|consent-(banner|modal|bar|layer|manager)|cookie-(banner|widget)|privacy-banner|gdpr|cmp"
    )
    names = re.findall(r'(?:class|id|name|data-[\w-]+|src|href|action)="([^"]*)"', page)
    routes = [rule.rule for rule in app.url_map.iter_rules()]

    assert not [name for name in (*names, *routes) if blocked.search(name)]


def test_a_content_is_named_by_what_it_is() -> None:
    assert Body(b"a", "text/css").hash != Body(b"b", "text/css").hash


def test_what_is_built_is_not_checked_in() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    ).stdout.split()

    assert not [path for path in tracked if "/dist/" in path or path.endswith(".mo")]
    assert (TRANSLATIONS / "zh_Hans/LC_MESSAGES/consent_widget.mo").exists()


def test_one_purpose_with_recipients_unfolds_with_the_style_and_the_module_for_it(make_app: MakeApp) -> None:
    marketing = next(purpose["id"] for purpose in raw()["purposes"] if purpose["group"] == "marketing")
    notice = edited((f"purposes.{marketing}", None), ("purposes.event", None))
    assert [purpose.id for purpose in notice.in_group("marketing")] == ["sharing"]
    assets = make_app(CONSENT_NOTICE=notice).extensions["consent_widget"].assets

    for tree in (assets.payloads["en"], assets.scripts["en"].rest):
        assert b"cw-card>details" in tree.content
    for script in (assets.scripts["en"].whole, assets.scripts["en"].rest):
        assert b",groups:" in script.content


@pytest.mark.parametrize("has_just_in_time", [True, False])
def test_questions_are_made_only_where_the_script_can_ask(make_app: MakeApp, has_just_in_time: bool) -> None:
    notice = edited() if has_just_in_time else edited(("purposes.event", None))
    assets = make_app(CONSENT_NOTICE=notice).extensions["consent_widget"].assets

    assert bool(assets.questions) is has_just_in_time
    assert (b"nothing to ask as" in assets.scripts["en"].whole.content) is has_just_in_time


def test_the_placeholders_are_a_small_part_of_their_own_kept_for_good(app: Flask) -> None:
    assets, client = app.extensions["consent_widget"].assets, app.test_client()
    now, before = (
        client.get(f"/consent/embeds.{hash}.mjs", headers={"Accept-Encoding": "identity"})
        for hash in (assets.embeds.hash, "0000000000000000")
    )

    assert now.data == before.data == assets.embeds.content
    assert now.mimetype == "text/javascript"
    assert [each.headers["Cache-Control"] for each in (now, before)] == [
        "public, max-age=31536000, immutable",
        "no-cache",
    ]
    assert compressed(now.data) <= 4_740
    assert all(word in now.data.decode() for word in ("Load once", "仅本次加载"))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_pinned_script_has_the_placeholders_in_it_and_the_others_their_address(app: Flask, locale: str) -> None:
    assets, client = app.extensions["consent_widget"].assets, app.test_client()
    script, address = assets.scripts[locale], f"embeds.{assets.embeds.hash}.mjs".encode()

    assert [address in part.content for part in (script.whole, script.rest, script.pinned)] == [True, True, False]
    assert [b"cw-blocked{" in part.content for part in (script.whole, script.rest, script.pinned)] == [
        False,
        False,
        True,
    ]
    assert client.get(f"/consent/widget.{script.pinned.hash}.js").status_code == 200


def test_a_bridge_to_another_platform_is_small() -> None:
    for name in ("wordpress", "shopify"):
        assert len(read_built()[f"{name}.js"]) <= 2_048
