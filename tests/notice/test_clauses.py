"""Every one of the 44 clauses of the statement is there to be seen, in both languages."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from consent_widget.notice.model import Notice

CLAUSES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("clauses.toml").read_text("utf-8"))["clause"]
FIELDS = {
    "section": ("title",),
    "paragraph": ("text",),
    "data": ("label", "description"),
    "circumstance": ("label", "description"),
    "purpose": ("label", "description", "if_refused"),
    "recipient": ("label", "description"),
    "disclosure": ("label", "description"),
}


def target(notice: Notice, name: str) -> Any:
    kind, _, id = name.partition(":")
    places = {
        "section": notice.sections,
        "paragraph": tuple(paragraph for section in notice.sections for paragraph in section.paragraphs),
        "data": notice.data,
        "circumstance": notice.circumstances,
        "purpose": notice.purposes,
        "recipient": notice.recipient_classes,
        "disclosure": notice.disclosures,
    }
    return next(item for item in places[kind] if item.id == id)


def texts(notice: Notice, name: str, locale: str) -> list[str]:
    item = target(notice, name)
    return [getattr(item, field)[locale] for field in FIELDS[name.partition(":")[0]]]


def test_there_are_forty_four_clauses() -> None:
    assert len(CLAUSES) == len({clause["id"] for clause in CLAUSES}) == 44


@pytest.fixture
def pages(app: Flask) -> dict[tuple[str, str], str]:
    client = app.test_client()
    import html

    return {
        (path, locale): html.unescape(client.get(f"/consent/{path}?lang={locale}").text)
        for path in ("notice", "preferences")
        for locale in ("zh-CN", "en")
    }


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_each_clause_is_visible_in_the_notice(pages: dict[tuple[str, str], str], shop: Notice, locale: str) -> None:
    for clause in CLAUSES:
        assert clause["targets"], clause["id"]
        for name in clause["targets"]:
            for text in texts(shop, name, locale):
                assert text in pages["notice", locale], (clause["id"], name)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_each_purpose_is_explained_in_the_preference_centre(
    pages: dict[tuple[str, str], str], shop: Notice, locale: str
) -> None:
    for purpose in shop.purposes:
        for text in texts(shop, f"purpose:{purpose.id}", locale):
            assert text in pages["preferences", locale], purpose.id


def test_all_seven_contact_examples_and_thirteen_functions_are_there(
    pages: dict[tuple[str, str], str], shop: Notice
) -> None:
    contact = target(shop, "data:contact_info").examples
    functions = target(shop, "recipient:service_providers").functions

    assert (len(contact), len(functions)) == (7, 13)
    for locale in ("zh-CN", "en"):
        for text in (*contact, *functions):
            assert text[locale] in pages["notice", locale]


def test_the_shop_that_the_statement_came_from_is_never_named(pages: dict[tuple[str, str], str], shop: Notice) -> None:
    name = "1" + "号店"

    assert name not in shop.text
    assert not [page for page in pages.values() if name in page]


def test_visiting_is_not_consent(pages: dict[tuple[str, str], str]) -> None:
    assert "访问本网站不等于同意" in pages["notice", "zh-CN"]
    assert "is not consent" in pages["notice", "en"]
