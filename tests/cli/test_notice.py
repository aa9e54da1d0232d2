"""The exact text of every notice that visitors ever answered: in the terminal, in a file and on the site."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import Change, Service, SQLStore, Successor, read_notice
from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Cookie
from consent_widget.notice.toml import as_toml
from consent_widget.testing import make_choice
from consent_widget.text import Text

from ..conftest import HERE, MakeApp
from ..support.changing import edited
from ..support.choice_body import choice_body

FIRST = edited(("title", {"zh-CN": "第一份声明", "en": "The first notice"}))
NOW = edited(("title", {"zh-CN": "现行的声明", "en": "The notice of today"}))
CLIMBING = Text({"zh-CN": '引号" 反斜线\\ 换行\n控制符\x7f\x01\t', "en": "[x] = {y} # 'z' \U0001f600"})


@pytest.fixture
def visitor(make_app: MakeApp, store: SQLStore) -> FlaskClient:
    """A visitor who chose under the first notice, at a site that shows another one now."""
    client = make_app(CONSENT_NOTICE=FIRST, CONSENT_STORE=store).test_client()
    client.post("/consent/records", json=choice_body(FIRST), headers=HERE)
    now = make_app(CONSENT_NOTICE=NOW, CONSENT_STORE=store)
    later = now.test_client()
    later._cookies = client._cookies
    return later


@pytest.fixture
def app(visitor: FlaskClient) -> Flask:
    return visitor.application


def run(app: Flask, *options: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["consent", "notice", *options])
    return result.exit_code, result.output


def test_without_a_digest_all_that_were_answered_are_listed_and_the_one_in_effect(app: Flask) -> None:
    assert run(app) == (
        0,
        f"{FIRST.digest}  minimal 1.0.0, {FIRST.effective}\n"
        f"{NOW.digest}  minimal 1.0.0, {NOW.effective}  in effect\n",
    )  # fmt: skip


@pytest.mark.parametrize("digits", [FIRST.digest, FIRST.digest[:8], f" SHA256:{FIRST.digest.upper()} "])
def test_the_text_is_found_by_its_first_digits_and_printed_in_both_languages(app: Flask, digits: str) -> None:
    code, printed = run(app, digits)

    assert code == 0
    assert f"SHA-256 {FIRST.digest}" in printed
    for text in ("第一份声明", "The first notice", FIRST.first_layer_body["en"], FIRST.purposes[1].retention["zh-CN"]):
        assert text in printed
    assert "today" not in printed
    only = run(app, digits, "--locale", "en")[1]
    assert ("The first notice" in only, "第一份声明" in only) == (True, False)


def test_as_json_it_is_the_canonical_text_to_the_letter(app: Flask, tmp_path: Path) -> None:
    printed = run(app, FIRST.digest[:8], "--format", "json")[1]
    assert run(app, FIRST.digest, "--format", "json", "--to", str(tmp_path / "first.json"))[0] == 0

    assert printed == FIRST.text
    assert hashlib.sha256((tmp_path / "first.json").read_bytes()).hexdigest() == FIRST.digest


def test_as_toml_it_is_a_file_that_can_be_published(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "first.toml"
    assert run(app, FIRST.digest, "--format", "toml", "--to", str(path))[0] == 0

    assert read_notice(path).digest == FIRST.digest
    code, told = run(app, FIRST.digest, "--to", str(path))
    assert (code, "is there already" in told) == (1, True)


def test_as_html_it_stands_alone(app: Flask) -> None:
    printed = run(app, FIRST.digest, "--format", "html")[1]

    assert printed.startswith("<!doctype html>")
    assert '<div lang="zh-CN">' in printed
    assert '<div lang="en">' in printed
    assert FIRST.digest in printed
    assert "The first notice" in printed
    assert {link.partition(":")[0] for link in re.findall(r'href="([^"]*)"', printed)} <= {"mailto", "tel", "https"}
    assert not re.search(r"<(script|link|img)|\bid=|src=", printed)


@pytest.mark.parametrize(
    ("digits", "says"),
    [("0123456789", "No notice begins so."), ("", "Several notices begin so. There are 2: "), ("xyz", "No notice begins")],
)  # fmt: skip
def test_digits_that_name_none_or_several_are_an_error_of_one_line(app: Flask, digits: str, says: str) -> None:
    code, told = run(app, digits)

    assert (code, told.count("\n")) == (1, 1)
    assert says in told


def test_an_altered_text_is_not_shown(app: Flask, store: SQLStore) -> None:
    with store._engine.begin() as connection:
        altered = sa.text("UPDATE consent_notices SET text = replace(text, 'first', 'last') WHERE digest = :digest")
        connection.execute(altered, {"digest": FIRST.digest})
    code, told = run(app, FIRST.digest)

    assert (code, told.count("\n")) == (1, 1)
    assert "is gone or was altered" in told


# As TOML


def test_every_shipped_notice_reads_back_from_toml_as_it_was(shop: Notice, minimal: Notice) -> None:
    for notice in (shop, minimal, FIRST):
        assert notice_from(tomllib.loads(as_toml(notice))).digest == notice.digest


def test_odd_characters_and_every_kind_of_part_read_back_from_toml(shop: Notice) -> None:
    tag = Service(
        id="tag", name=CLIMBING, company='"', country="CN", purposes=("data_analytics",), hosts=("a.example",),
        cookies=(Cookie(name="_a*"), Cookie(name="b", duration=CLIMBING)), storage=("k",),
    )  # fmt: skip
    entry = Change(
        version="0.9", date="2026-01-01", change_class="notice", summary=CLIMBING,
        successor=Successor(name=CLIMBING, contact="\\"),
    )  # fmt: skip
    notice = replace(shop, services=(tag,), changes=(entry,), title=CLIMBING)

    assert notice_from(tomllib.loads(as_toml(notice))).digest == notice.digest


# On the site


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_a_receipt_leads_to_the_text_that_was_answered_although_another_is_in_effect(
    visitor: FlaskClient, store: SQLStore, locale: str
) -> None:
    (choice,) = store.export()
    receipt = visitor.get(f"/consent/records/{choice.id}?lang={locale}").text
    links = set(re.findall(r'href="(/consent/notice/[^"]*)"', receipt))
    assert links == {f"/consent/notice/{FIRST.digest}.{locale}"}

    page = visitor.application.test_client().get(links.pop())  # by anybody who has the receipt
    assert page.status_code == 200
    assert FIRST.title[locale] in page.text
    assert {"en": "This is an earlier text", "zh-CN": "这是本声明以前的文本"}[locale] in page.text
    other = {"en": "zh-CN", "zh-CN": "en"}[locale]
    assert f'href="/consent/notice/{FIRST.digest}.{other}"' in page.text
    (text,) = re.findall(r'href="(/consent/notice/[^"]*\.json)"', page.text)
    assert hashlib.sha256(visitor.get(text).data).hexdigest() == FIRST.digest
    assert json.loads(visitor.get(text).text)["title"]["en"] == "The first notice"


def test_only_texts_that_were_answered_at_this_site_have_a_page(make_app: MakeApp, store: SQLStore) -> None:
    shops = [make_app(CONSENT_NOTICE=NOW, CONSENT_STORE=store, CONSENT_SITE=name, CONSENT_ORIGINS=[f"https://{name}.example"])
             for name in ("one", "two")]  # fmt: skip
    store.keep_notice(FIRST.digest, FIRST.text)
    store.add(make_choice(site="one", notice=FIRST.digest))

    one, two = (app.test_client() for app in shops)
    for path in (f"/consent/notice/{FIRST.digest}.en", f"/consent/notice/{FIRST.digest}.json"):
        assert (one.get(path).status_code, two.get(path).status_code) == (200, 404), path
    for name in (FIRST.digest[:8], FIRST.digest.upper(), "0" * 64):
        assert one.get(f"/consent/notice/{name}.en").status_code == 404
    assert one.get(f"/consent/notice/{FIRST.digest}.fr").status_code == 404
    assert run(shops[1], FIRST.digest)[0] == 1


def test_while_the_database_is_away_the_page_of_an_earlier_text_says_so(
    visitor: FlaskClient, store: SQLStore, tmp_path: Path
) -> None:
    with store._engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE consent_notices RENAME TO away"))
    try:
        answers = [visitor.get(f"/consent/notice/{FIRST.digest}.{ending}").status_code for ending in ("en", "json")]
        assert answers == [503, 503]
        assert visitor.get(f"/consent/notice/{NOW.digest}.en").status_code == 200
    finally:
        with store._engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE away RENAME TO consent_notices"))


def test_the_page_of_a_digest_is_kept_by_caches_as_that_of_a_version_is(visitor: FlaskClient) -> None:
    page = visitor.get(f"/consent/notice/{FIRST.digest}.en")

    assert page.headers["Cache-Control"] == "public, max-age=86400"
    assert page.headers["ETag"].startswith(f'"{FIRST.digest}')
