"""The widget's own messages in each locale.

The English ones stand in translations/messages.toml, by the surface that shows them. Each other folder there is a
catalogue (gettext), keyed by the English text. The host's own Babel, if it has one, is never touched: the locale is
forced for the moment of the look-up (flask-babel #175).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from flask import Flask

from ..resources import TRANSLATIONS
from .locales import babel_locale, closest, language, script

DOMAIN = "consent_widget"
#: The language of the messages themselves, which needs no catalogue.
SOURCE = "en"


def _read_messages() -> dict[str, str]:
    groups = tomllib.loads((TRANSLATIONS / "messages.toml").read_text("utf-8"))
    return {key: english for group in groups.values() for key, english in group.items()}


#: The English messages by their keys.
MESSAGES: Mapping[str, str] = MappingProxyType(_read_messages())


@cache
def messages(locale: str) -> Mapping[str, str]:
    """Every message of the widget in a locale, by its key. Needs no request and no host Babel."""
    from flask_babel import Domain, force_locale  # here, as a third of the whole package's import is Babel's dates

    domain = Domain([str(TRANSLATIONS)], DOMAIN)
    with Flask(__name__).app_context(), force_locale(catalogue_of(locale)):
        return MappingProxyType({key: str(domain.gettext(english)) for key, english in MESSAGES.items()})


@cache
def country(code: str, locale: str) -> str:
    """A country by its ISO 3166 code, as it is called in a locale. Any other text stands for itself."""
    data = babel_locale(catalogue_of(locale))
    return str(data.territories.get(code, code)) if data else code


def region_name(code: str, locale: str) -> str:
    """A region by the code of its rules (`CN`, `UK`, `US-CA`), as it is called in a locale, or the code."""
    if name := messages(locale).get(f"region_{code.lower().replace('-', '_')}"):
        return name
    return country({"UK": "GB"}.get(code, code), locale)


def language_name(locale: str, in_locale: str) -> str:
    """A locale's language, as it is called in another locale."""
    if name := messages(in_locale).get(f"language_{language(locale)}"):
        return name
    data = babel_locale(locale)
    return str(data.get_language_name(catalogue_of(in_locale)) or locale) if data else locale


def catalogue_of(locale: str) -> str:
    """The catalogue whose messages a locale is shown: its own, else the nearest in its language, else English."""
    return closest(locale, catalogues()) or SOURCE


def has_catalogue(locale: str) -> bool:
    """Are there messages in the language and script of a locale?"""
    catalogue = catalogue_of(locale)
    return (language(catalogue), script(catalogue)) == (language(locale), script(locale))


@cache
def catalogues() -> tuple[str, ...]:
    """The locales that the widget has messages in: English, and each folder of translations/ with a catalogue."""
    compiled = sorted(TRANSLATIONS.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (SOURCE, *(path.parent.parent.name for path in compiled))
