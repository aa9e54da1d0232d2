"""Language tags: which of several locales serves a reader best, and what a locale is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from werkzeug.datastructures import LanguageAccept


def negotiate(locales: Sequence[str], *wishes: str | None, accept: LanguageAccept | None = None) -> str:
    """The locale that meets the first of `wishes` that can be met, else the best of Accept-Language, else English,
    else the first. `zh`, `zh-SG` and `zh-Hans` get `zh-CN`; so does `zh-TW`, unless there is a locale in its script.
    """
    accepted = (tag for tag, quality in accept or () if quality > 0)
    for wish in (*wishes, *accepted):
        if wish and (locale := closest(wish, locales)):
            return locale
    return closest("en", locales) or locales[0]


def closest(wish: str, locales: Sequence[str]) -> str | None:
    """Of `locales`: the same, else the first in the same language and script, else the first in the same language."""
    if wish in locales:
        return wish
    wished = language(wish)
    same_language = [locale for locale in locales if language(locale) == wished]
    if len(same_language) < 2:
        return same_language[0] if same_language else None
    same_script = (locale for locale in same_language if script(locale) == script(wish))
    return next(same_script, same_language[0])


def language(locale: str) -> str:
    """The first subtag: `zh` of `zh-CN`, and of `zh_Hans`."""
    return _subtags(locale)[0].lower()


def script(locale: str) -> str:
    """The script that a locale is written in, as a code of ISO 15924: the one in its tag, or else the likely one (CLDR,
    likely subtags). Empty if unknown.
    """
    _, *subtags = _subtags(locale)
    for subtag in subtags:
        if len(subtag) == 4 and subtag.isalpha():
            return subtag.title()
    likely: dict[str, str] = get_global("likely_subtags")
    in_territory = (f"{language(locale)}_{subtag.upper()}" for subtag in subtags)
    full_tag = next((likely[tag] for tag in (*in_territory, language(locale)) if tag in likely), "")
    return full_tag.split("_")[1] if full_tag else ""


def own_name(locale: str, locales: Iterable[str] = ()) -> str:
    """What a locale calls itself: 中文, English. With its script and region if another of `locales` shares its
    language.
    """
    data = babel_locale(locale)
    if data is None:
        return locale
    shared = any(other != locale and language(other) == language(locale) for other in locales)
    return str((data.get_display_name() if shared else data.get_language_name()) or locale)


def babel_locale(locale: str) -> Locale | None:
    """Babel's data for a locale, or for the nearest that it knows."""
    for tag in (locale, language(locale)):
        try:
            return Locale.parse("_".join(_subtags(tag)), resolve_likely_subtags=True)
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _subtags(locale: str) -> list[str]:
    return locale.replace("_", "-").split("-")
