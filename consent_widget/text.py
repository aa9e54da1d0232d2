"""A text in several languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace


class Text(Mapping[str, str]):
    """One text in every locale of a notice, for example `{"zh-CN": "数据分析", "en": "Analytics"}`. It is plain text:
    markup is shown as it is typed.
    """

    __slots__ = ("_by_locale",)

    def __init__(self, by_locale: Mapping[str, str]) -> None:
        self._by_locale = dict(by_locale)

    def __getitem__(self, locale: str) -> str:
        return self._by_locale[locale]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_locale)

    def __len__(self) -> int:
        return len(self._by_locale)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_locale.items()))

    def __repr__(self) -> str:
        return f"Text({self._by_locale!r})"

    def only(self, locales: tuple[str, ...]) -> Text:
        """The text in these locales only."""
        return Text({locale: text for locale, text in self.items() if locale in locales})

    def filled(self, values: Mapping[str, Mapping[str, str]]) -> Text:
        """The text with each `{name}` replaced by the value of that name in the same locale."""
        return Text({locale: _fill(text, locale, values) for locale, text in self.items()})


def map_texts(change: Callable[[Text], Text], value: object) -> object:
    """A part of a notice, or a tuple of them, with `change` applied to every text in it."""
    if isinstance(value, Text):
        return change(value)
    if isinstance(value, tuple):
        return tuple(map_texts(change, item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: map_texts(change, getattr(value, f.name)) for f in fields(value)})
    return value


def _fill(text: str, locale: str, values: Mapping[str, Mapping[str, str]]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value.get(locale, ""))
    return text
