from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from runpy import run_module, run_path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from consent_widget import Store, StoreError
from consent_widget.choice.act import Choice, new_key, record_id
from examples.demo.addresses import Addresses
from examples.demo.counts import Counts
from examples.demo.files import create_files
from examples.demo.shop import create_app
from examples.jsonlines_store import JSONLinesStore
from examples.two_shops import Shop, sign

from .conftest import HERE, MakeApp
from .support.choice_body import choice_body


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "choices.jsonl"


@pytest.fixture
def store(path: Path) -> Iterator[JSONLinesStore]:
    store = JSONLinesStore(path)
    yield store
    store.close()


@pytest.fixture
def app(make_app: MakeApp, store: JSONLinesStore) -> Flask:
    return make_app(CONSENT_NOTICE="minimal", CONSENT_STORE=store)


def choice(id: str, **more: Any) -> Choice:
    values: dict[str, Any] = {
        "subject": id[:22], "seq": 1, "time": 1, "notice": "ab" * 32, "locale": "en", "action": "save",
        "surface": "centre", "purposes": {"analytics": True}, "valid_until": 21_000, "id": id, "signals": ("gpc",),
    }  # fmt: skip
    return Choice(**values | more)


def test_the_minimal_site_asks_and_obeys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLASK_CONSENT_DATABASE", f"sqlite:///{tmp_path / 'consent.sqlite'}")
    app: Flask = run_module("examples.minimal")["app"]
    site, client = app.extensions["consent_widget"], app.test_client()

    before = client.get("/").text
    answer = client.post("/consent/records", json=choice_body(site.notice), headers=HERE)
    after = client.get("/").text
    site.store.close()

    assert "cw-accept-all" in before
    assert "Analytics: off" in before
    assert answer.status_code == 201
    assert "cw-accept-all" not in after
    assert "Analytics: on" in after


@pytest.mark.parametrize(
    ("readme", "tag", "film"),
    [
        ("README.md", "https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4", "youtube"),
        ("README.zh-Hans.md", "https://hm.baidu.com/hm.js?0123456789abcdef0123456789abcdef", "bilibili"),
    ],
)
def test_a_new_user_has_a_vendor_and_a_film_from_the_readme_alone(
    tmp_path: Path, readme: str, tag: str, film: str
) -> None:
    text = (Path(__file__).parent.parent / readme).read_text("utf-8")
    code, notice, template = (
        re.findall(f"```{language}\n(.*?)```", text, re.DOTALL)[0] for language in ("python", "toml", "jinja")
    )
    app = tmp_path / "app.py"
    flask = [sys.executable, "-m", "flask", "--app", str(app), "consent"]
    app.write_text(code, "utf-8")
    key = subprocess.run([*flask, "keygen"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()
    code = re.sub('(CONSENT_KEYS"] = ).*', rf"\1[{key!r}]", code)
    subprocess.run([*flask, "init"], cwd=tmp_path, check=True, capture_output=True)
    with (tmp_path / "notice.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + notice)
    page = "{{ consent_widget() }}" + template
    code = code.replace("ConsentWidget(app)", 'app.config["CONSENT_NOTICE"] = "notice.toml"\nConsentWidget(app)')
    code = code.replace('"<!doctype html><body>{{ consent_widget() }}', f'"<!doctype html><body>" {page!r} "')
    app.write_text(code, "utf-8")
    checked = subprocess.run([*flask, "check"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    site: Flask = run_path(str(app))["app"]
    shown = site.test_client().get("/").text
    payload = json.loads(site.extensions["consent_widget"].assets.payloads["en"].content)
    tags = [each["tag"]["src"] for each in payload["services"] if "tag" in each]
    site.extensions["consent_widget"].store.close()

    assert "2 services" in checked
    assert tags == [tag]
    assert f'data-consent-embed="{film}"' in shown
    assert not re.search(r'<(script|iframe|img|link)[^>]+(src|href)="https?:', shown)


def test_the_minimal_site_is_short() -> None:
    source = (Path(__file__).parent.parent / "examples" / "minimal.py").read_text("utf-8")

    assert len([line for line in source.splitlines() if line.strip()]) <= 15


def test_a_choice_is_a_line(app: Flask, path: Path) -> None:
    body = choice_body(app.extensions["consent_widget"].notice, "save", "analytics")

    answer = app.test_client().post("/consent/records", json=body, headers=HERE)

    (line,) = path.read_text("utf-8").splitlines()
    kept = json.loads(line)
    assert answer.status_code == 201
    assert kept["id"] == answer.json["receipt"]["id"] == record_id("", body["key"])
    assert kept["purposes"] == {"functional": False, "analytics": True, "marketing": False}


def test_a_retry_makes_no_second_line(app: Flask, path: Path) -> None:
    body = choice_body(app.extensions["consent_widget"].notice)

    answers = [app.test_client().post("/consent/records", json=body, headers=HERE) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json["receipt"]["id"] == answers[1].json["receipt"]["id"]
    assert len(path.read_text("utf-8").splitlines()) == 1


def test_it_is_a_store(store: JSONLinesStore) -> None:
    assert isinstance(store, Store)


def test_only_the_owner_can_read_its_file(store: JSONLinesStore, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_many_threads_with_few_ids_make_one_line_for_each(store: JSONLinesStore, path: Path) -> None:
    keys = [new_key() for _ in range(20)]
    threads = [threading.Thread(target=lambda: [store.add(choice(key)) for key in keys]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()) == sorted(keys)


def test_it_knows_its_choices_again_and_drops_a_torn_line(store: JSONLinesStore, path: Path) -> None:
    kept = store.add(choice("a" * 16))
    with path.open("ab") as file:
        file.write(b'{"subject": "s')
    again = JSONLinesStore(path)

    assert again.add(choice("a" * 16)) == kept
    again.add(choice("b" * 16))
    again.close()
    assert [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()] == ["a" * 16, "b" * 16]


def test_a_choice_that_is_not_on_the_disk_is_not_acknowledged(
    app: Flask, store: JSONLinesStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("No space left on device")

    body = choice_body(app.extensions["consent_widget"].notice)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        answer = app.test_client().post("/consent/records", json=body, headers=HERE)
        with pytest.raises(StoreError, match="disk"):
            store.add(choice(new_key()))

    assert answer.status_code == 503
    assert "Set-Cookie" not in answer.headers
    assert path.read_bytes() == b""
    assert app.test_client().post("/consent/records", json=body, headers=HERE).status_code == 201


AT = Addresses.at(9100)
EXAMPLES = Path(__file__).parent.parent / "examples"
STATIC = [("index.html", "zh-CN"), ("en.html", "en"), ("kiln.html", "zh-CN"), ("kiln.en.html", "en")]
PAGES = [("static-site", *each) for each in STATIC] + [("single-page", "index.html", "en")]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(AT.vendors, Counts(), AT, CONSENT_DATABASE=f"sqlite:///{tmp_path / 'shop.sqlite'}")
    yield app
    app.extensions["consent_widget"].store.close()


def test_no_two_sites_of_the_demo_share_a_host_and_so_their_cookies() -> None:
    hosts = {url.split("/")[2].split(":")[0] for url in (AT.shop, AT.vendors, AT.journal, AT.brew)}

    assert len(hosts) == 4


@pytest.mark.parametrize(("folder", "page", "locale"), PAGES)
def test_a_page_names_one_widget_where_the_demo_has_it(shop: Flask, folder: str, page: str, locale: str) -> None:
    text = create_files(folder, AT).test_client().get("/" + page).text
    (source,) = re.findall(r'<script async src="([^"]*)"', text)

    assert (f'<html lang="{locale}">' if folder == "static-site" else "<html>") in text  # an application sets it itself
    assert source.startswith(f"{AT.shop}/consent/widget.js")
    assert shop.test_client().get(source.removeprefix(AT.shop)).status_code == 200
    assert ":8000" not in text
    assert ":8001" not in text


@pytest.mark.parametrize(("folder", "page", "locale"), PAGES)
def test_every_file_that_a_page_names_exists(folder: str, page: str, locale: str) -> None:
    client = create_files(folder, AT).test_client()
    named = set(re.findall(r'(?:src|href)="(?!https?:|#)([^"#]+)', client.get("/" + page).text))

    assert len(named) >= 3
    assert {each: client.get("/" + each).status_code for each in named} == dict.fromkeys(named, 200)


@pytest.mark.parametrize(("folder", "page", "locale"), PAGES)
def test_a_page_needs_no_inline_script_and_says_so_in_its_policy(folder: str, page: str, locale: str) -> None:
    text = (EXAMPLES / folder / page).read_text("utf-8")

    assert "script-src" in text
    assert "unsafe" not in text
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>|<[^>]*\s(?:on[a-z]+|style)=", text) == []


@pytest.mark.parametrize(("page", "locale"), STATIC)
def test_a_static_page_keeps_to_its_language_and_leads_to_the_other(page: str, locale: str) -> None:
    text = (EXAMPLES / "static-site" / page).read_text("utf-8")
    (other,) = re.findall(r'class="language" href="([^"]*)"', text)
    said = re.sub(r"<head>.*?</head>|<[^>]*hreflang[^>]*>[^<]*", "", text, flags=re.DOTALL)

    assert dict(STATIC)[other] != locale
    assert bool(CHINESE.search(said)) == (locale == "zh-CN")


def test_only_the_two_sites_may_use_the_shops_widget(shop: Flask) -> None:
    body = choice_body(shop.extensions["consent_widget"].notice)
    answers = [
        shop.test_client().post("/consent/records", json=body, headers={"Origin": origin}, base_url=AT.shop).status_code
        for origin in (AT.journal, AT.brew, AT.vendors)
    ]

    assert answers == [201, 200, 403]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_shops_front_page_leads_to_both(shop: Flask, locale: str) -> None:
    text = shop.test_client().get(f"/?lang={locale}").text

    assert {"zh-CN": "同一组件，用在其他网站", "en": "The same widget on other sites"}[locale] in text
    assert f'href="{AT.journal}{"/" if locale == "zh-CN" else "/en.html"}"' in text
    assert f'href="{AT.brew}/?lang={locale}"' in text


def test_the_shops_first_notice_is_published_and_the_next_ones_at_a_press(shop: Flask) -> None:
    client = shop.test_client()

    def classes() -> list[str]:
        return [each.change_class for each in shop.extensions["consent_widget"].notice.changes]

    assert "1.0.0" in client.get("/consent/notice").text
    for kind in ("notice", "consent", "consent", "notice"):
        before = shop.extensions["consent_widget"].notice
        assert client.post(f"/inside/publish/{kind}").location == "/"
        assert shop.extensions["consent_widget"].notice == before  # only announced
        assert client.post("/inside/take-effect").location == "/"
    assert shop.extensions["consent_widget"].notice.version == "1.4.0"
    assert classes() == ["notice", "consent", "consent", "notice"]
    assert client.get("/consent/notice/1.0.0.zh-CN").status_code == 200
    assert client.post("/inside/publish/editorial").status_code == 404

    client.post("/inside/start-over")
    assert shop.extensions["consent_widget"].notice.version == "1.0.0"


def test_a_second_change_of_meaning_is_asked_about_too(shop: Flask) -> None:
    client = shop.test_client()
    for _ in range(2):
        body = choice_body(shop.extensions["consent_widget"].notice)
        assert client.post("/consent/records", json=body, headers=HERE).status_code == 201
        assert client.get("/inside.json").json["granted"]["personalized_recommendations"]
        client.post("/inside/publish/consent")
        assert client.get("/inside.json").json["granted"]["personalized_recommendations"]
        client.post("/inside/take-effect")
        assert not client.get("/inside.json").json["granted"]["personalized_recommendations"]
        assert client.get("/inside.json").json["granted"]["data_analytics"]


def test_the_shop_keeps_nothing_of_what_is_typed_at_the_checkout(shop: Flask) -> None:
    client = shop.test_client()
    body = choice_body(shop.extensions["consent_widget"].notice, "allow", purposes={"contact_messages": True})
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201
    note = {"friend": "friend@home.example", "words": "Come to tea"}
    sent = client.post("/checkout/note", data=note)
    again = client.post("/checkout/note", data=note)

    assert (sent.status_code, sent.location.split("?")[0]) == (303, "/checkout/note/sent")
    assert again.status_code == 403
    kept = "".join(str(choice.plain()) for choice in shop.extensions["consent_widget"].store.export())
    for text in (sent.text, again.text, client.get("/checkout/note/sent").text, client.get("/inside").text, kept):
        assert "friend@home.example" not in text


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_friend_finds_their_page_in_the_message_and_can_object(shop: Flask, locale: str) -> None:
    sender, friend = shop.test_client(), shop.test_client()
    notice, note = shop.extensions["consent_widget"].notice, {"friend": "Friend@Home.example", "words": "Come to tea"}

    def agree() -> None:
        body = choice_body(notice, "allow", purposes={"contact_messages": True})
        assert sender.post("/consent/records", json=body, headers=HERE).status_code == 201

    agree()
    message = sender.get(sender.post(f"/checkout/note?lang={locale}", data=note).location).text
    (page,) = re.findall(r'href="(/friend/[^"]+)"', message)
    told = friend.get(page).text
    assert "home.example" not in page.lower() + told.lower()
    assert {"zh-CN": "给您捎话的朋友", "en": "The friend who sent you a note"}[locale] in told
    assert {"zh-CN": "不要再给我发", "en": "Send me no more"}[locale] in told
    assert 'role="status"' in friend.post(page).text

    agree()
    refused = sender.post("/checkout/note", data=note | {"friend": " friend@home.example"})
    assert refused.status_code == 422
    other = sender.post("/checkout/note", data=note | {"friend": "another@home.example"})
    assert other.status_code == 303  # the consent was not used up
    assert friend.get("/friend/made-up").status_code == 404


def test_the_recipient_of_a_present_finds_their_page_on_its_card(shop: Flask) -> None:
    client = shop.test_client()
    order = {"name": "a", "phone": "+1 555", "address": "b", "someone_else": "1", "told": "1"}
    thanks = client.get(client.post("/checkout?item=gaiwan&qty=1", data=order).location).text
    (page,) = re.findall(r'href="(/friend/[^"]+)"', thanks)

    assert "Your name, telephone and address" in client.get(page).text
    client.post(page)
    assert client.post("/checkout?item=gaiwan&qty=1", data=order).status_code == 422
    own = {name: order[name] for name in ("name", "phone", "address")}
    mine = client.post("/checkout?item=gaiwan&qty=1", data=own)
    assert "/friend/" not in client.get(mine.location).text


def test_an_event_asks_where_it_collects_and_says_who_holds_it(shop: Flask) -> None:
    client = shop.test_client()
    assert client.get("/event?lang=en").status_code == 403
    assert client.post("/event", data={"name": "a", "email": "b"}).status_code == 403
    body = choice_body(shop.extensions["consent_widget"].notice, "allow", purposes={"event_eligibility": True})
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201

    form = client.get("/event?lang=en").text
    assert "Held by Noonbrook together with Teahouse Club" in form
    assert "six months after the event" in form
    assert client.post("/event", data={"name": "a"}).status_code == 422
    done = client.post("/event", data={"name": "Mei", "email": "mei@home.example"})
    assert done.status_code == 200
    assert "mei@home.example" not in done.text


@pytest.mark.parametrize(
    ("locale", "label"),
    [
        (
            "en",
            "Sold by Brandhaus Ceramics (Brandhaus Keramik GmbH, Germany). They receive this when you buy, and only if you agree",
        ),
        ("zh-CN", "由布兰德陶艺（Brandhaus Keramik GmbH，德国）销售。只有经您单独同意，对方才会在您购买后收到："),
    ],
)
def test_goods_of_a_partner_are_labelled_where_they_are_sold(shop: Flask, locale: str, label: str) -> None:
    client = shop.test_client()

    for path in ("/product/cups", "/basket"):
        assert label in client.get(path, query_string={"lang": locale, "item": "cups", "qty": "1"}).text
    assert "cw-partner" not in client.get("/product/gaiwan").text


@pytest.mark.parametrize("band", ["child", "teen"])
@pytest.mark.parametrize(
    ("locale", "label", "closed"),
    [
        ("en", "They receive nothing about anybody under 18.", "This is not available to minors."),
        ("zh-CN", "对方不会收到未满 18 岁者的任何信息。", "这项功能不向未成年人开放。"),
    ],
)
def test_a_minor_is_offered_neither_a_partner_nor_messages_that_they_cannot_have(
    shop: Flask, band: str, locale: str, label: str, closed: str
) -> None:
    client, lang = shop.test_client(), {"lang": locale}
    assert 'name="email"' in client.get("/newsletter", query_string=lang).text
    client.post(f"/account/child/sign-in/{band}")

    assert label in client.get("/product/cups", query_string=lang).text
    letters = client.get("/newsletter", query_string=lang).text
    assert closed in letters
    assert 'name="email"' not in letters


def test_details_of_another_person_are_refused_until_they_were_told(shop: Flask) -> None:
    client, order = shop.test_client(), {"name": "a", "phone": "1", "address": "b", "someone_else": "1"}

    assert client.post("/checkout?item=gaiwan&qty=1", data=order).status_code == 422
    assert client.post("/checkout?item=gaiwan&qty=1", data=order | {"told": "1"}).status_code == 303


def test_an_address_alone_verifies_nobody(shop: Flask) -> None:
    page = shop.test_client().get("/checkout?item=gaiwan&qty=1&delivery=abroad&lang=en").text

    assert "Your identity is verified" not in page


@pytest.mark.parametrize("path", ["/checkout/identity", "/checkout/note", "/account/club"])
def test_views_that_need_consent_ask_for_it_even_for_posts(shop: Flask, path: str) -> None:
    assert shop.test_client().get(path).status_code == 403
    assert shop.test_client().post(path, data={"number": "1", "friend": "a", "words": "b"}).status_code in (403, 405)


def test_the_link_to_a_guardian_is_shown_only_to_their_child(shop: Flask) -> None:
    child, another = shop.test_client(), shop.test_client()
    for client in (child, another):
        assert client.post("/account/child/sign-in/child").location == "/account#child"
    asked = child.post("/consent/guardian", data={"address": "father@family.example"}, headers=HERE)

    assert asked.status_code == 200
    assert f"{AT.shop}/consent/guardian/i." in child.get("/account").text
    assert "/consent/guardian/i." not in another.get("/account").text
    assert "father@family.example" not in child.get("/account").text + child.get("/inside").text


def test_a_child_of_the_shop_grants_nothing_until_the_demo_starts_over(shop: Flask) -> None:
    client = shop.test_client()
    client.post("/account/child/sign-in/child")
    body = choice_body(shop.extensions["consent_widget"].notice)
    refused = client.post("/consent/records", json=body, headers=HERE).status_code
    client.post("/inside/start-over")

    assert refused == 403
    assert (
        client.post(
            "/consent/records", json=choice_body(shop.extensions["consent_widget"].notice), headers=HERE
        ).status_code
        == 201
    )


def test_two_shops_witness_each_other(tmp_path: Path) -> None:
    servers = [make_server("127.0.0.1", 0, Flask("not yet"), threaded=True) for _ in range(2)]
    north, south = (
        Shop(name, server.server_port, tmp_path) for name, server in zip(("North", "South"), servers, strict=True)
    )
    apps = [north.create_app(south), south.create_app(north)]
    for server, app in zip(servers, apps, strict=True):
        server.app = app
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        client, site = app.test_client(), app.extensions["consent_widget"]
        assert "North" in client.get("/").text or "South" in client.get("/").text
        assert client.post("/consent/records", json=choice_body(site.notice), headers=HERE).status_code == 201
    said = list(map(sign, apps))

    assert said == [f"{app.name}: signed and cosigned by the other shop, up to choice 1" for app in apps]
    for app, server in zip(apps, servers, strict=True):
        app.extensions["consent_widget"].store.close()
        server.shutdown()
        server.server_close()
