"""What a site itself knows of one visitor's information: what it has collected, and what it has shared. A site's own
function says it (`CONSENT_COLLECTED`), for the two lists of personal information (MIIT, 2021) and copies (GDPR 15).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from ..days import iso_time

#: A text for everybody, or one for each locale.
Words: TypeAlias = "str | Mapping[str, str]"
#: A day, or a time with its zone.
When: TypeAlias = "date | datetime"


@dataclass(frozen=True, kw_only=True)
class Collected:
    """One kind of information that was collected from this visitor. Leave out what is not known: it is then shown as
    not known. `what` is the id of one of the notice's kinds of information (`data`), else a name of your own; `purpose`
    is the id of a purpose.
    """

    what: Words
    purpose: str = ""
    #: Which information exactly, and how it was obtained, in your own words.
    detail: Words = ""
    how: Words = ""
    #: When it was collected first and last, and how often.
    first: When | None = None
    last: When | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        _check(self.first, self.last, self.times)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What was given to one recipient. `recipient` is the id of a recipient or a service of the notice, else a name of
    your own, with `contact`. `data` are ids of the notice's kinds of information, or names.
    """

    recipient: Words
    contact: str = ""
    data: tuple[str, ...] = ()
    purpose: str = ""
    #: By which means it was given, and what exactly, in your own words.
    means: Words = ""
    detail: Words = ""
    first: When | None = None
    last: When | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.data, str):
            raise TypeError("Shared: data must be a list of ids, not one text")
        _check(self.first, self.last, self.times)


#: Given a subject (None: a visitor who has not chosen yet), returns what the site knows of that visitor.
CollectedHook: TypeAlias = "Callable[[str | None], Iterable[Collected | Shared]]"


def in_locale(words: Words, locale: str) -> str:
    """The text for readers of this locale; where it has none for them, the first that it has."""
    if isinstance(words, str):
        return words
    return words.get(locale) or next(iter(words.values()), "")


def iso(when: When | None) -> str | None:
    """A day or a time in ISO 8601, in UTC; None where it is not known."""
    if isinstance(when, datetime):
        return iso_time(round(when.timestamp() * 1000))
    return when.isoformat() if when else None


def _check(first: object, last: object, times: object) -> None:
    for when in (first, last):
        if not (when is None or isinstance(when, date)):
            raise TypeError("first and last must be a date or a datetime")
        if isinstance(when, datetime) and when.tzinfo is None:
            raise TypeError("a datetime needs its time zone: datetime(…, tzinfo=UTC)")
    if times is not None and (type(times) is not int or times < 0):
        raise TypeError("times must be a whole number")
