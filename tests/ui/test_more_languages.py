"""A site in India offers its notice in languages of the Eighth Schedule (DPDP Act 6(3)): each is a catalogue, and data."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from consent_widget.notice.model import Notice
from consent_widget.resources import TRANSLATIONS
from consent_widget.text import Text, map_texts
from consent_widget.ui import i18n

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

ROOT = Path(__file__).parents[2]
WRITE_CATALOGUES = runpy.run_path(str(ROOT / "static/catalogues.py"))["write_catalogues"]
#: Small catalogues: what is not in them is shown in English.
SMALL = {
    "hi": {"Accept all": "सभी स्वीकार करें", "Reject all": "सभी अस्वीकार करें", "Privacy settings": "गोपनीयता सेटिंग"},
    "ta": {"Accept all": "அனைத்தையும் ஏற்கவும்", "Reject all": "அனைத்தையும் நிராகரிக்கவும்", "Privacy settings": "தனியுரிமை அமைப்புகள்"},
}  # fmt: skip
CACHED = (i18n.messages, i18n.catalogues, i18n.country)


@pytest.fixture
def client(
    make_app: MakeApp, minimal: Notice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    shutil.copytree(TRANSLATIONS, tmp_path / "translations")
    WRITE_CATALOGUES(SMALL, folder=tmp_path / "translations")
    for locale, texts in SMALL.items():
        folder = tmp_path / "translations" / locale / "LC_MESSAGES"
        with (folder / "consent_widget.po").open("rb") as file:
            catalogue = read_po(file)
        for english, text in texts.items():
            catalogue[english].string = text
        with (folder / "consent_widget.mo").open("wb") as file:
            write_mo(file, catalogue)
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path / "translations")
    for function in CACHED:
        function.cache_clear()

    def translated(text: Text) -> Text:
        return Text({"en": text["en"], **{locale: f"{locale}: {text['en']}" for locale in SMALL}})

    texts = {field.name: map_texts(translated, getattr(minimal, field.name)) for field in fields(minimal)}
    notice = replace(minimal, **{**texts, "locales": ("en", "hi", "ta")})  # type: ignore[arg-type]
    yield make_app(CONSENT_NOTICE=notice, CONSENT_REGION="IN").test_client()
    for function in CACHED:
        function.cache_clear()


@pytest.mark.parametrize("locale", SMALL)
def test_a_language_of_india_is_a_catalogue_and_texts_of_the_notice(client: FlaskClient, locale: str) -> None:
    page = client.get("/consent/preferences", headers={"Accept-Language": f"{locale}-IN,en;q=0.5"}).text

    assert f'<html lang="{locale}">' in page
    for text in SMALL[locale].values():
        assert text in page
    assert f"{locale}: " in page
    assert "Save choices" in page  # not translated yet


@pytest.mark.parametrize("locale", SMALL)
def test_a_choice_in_it_is_recorded_in_it(client: FlaskClient, locale: str) -> None:
    site = client.application.extensions["consent_widget"]
    body = choice_body(site.notice, "reject_all", locale=locale)

    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201
    (choice,) = site.store.export()
    assert (choice.locale, choice.region) == (locale, "IN")
    assert SMALL[locale]["Privacy settings"] in client.get(f"/consent/choices?lang={locale}").text
    assert client.get(f"/consent/i18n/{locale}.json").status_code == 200
