"""Numbers as an officer reads them."""

from __future__ import annotations

from babel.numbers import format_decimal

from ..choice.rounded import Rounded
from .i18n import catalogue_of
from .view import View


def written_number(view: View, number: float) -> str:
    """A number, as the language writes it."""
    return str(format_decimal(number, locale=catalogue_of(view.locale).replace("-", "_")))


def written_bytes(view: View, size: int) -> str:
    """So many bytes, in MB to one decimal."""
    return f"{written_number(view, round(size / 1e6, 1))} MB"


def rounded_number(view: View, value: Rounded) -> str:
    """A number, as it may be shown."""
    return view.messages["officer_few"] if value.few else written_number(view, value.tens)


def percent_of(view: View, percent: int | None) -> str:
    """A proportion in words for a reader; a dash where it cannot be said."""
    return "–" if percent is None else f"{percent}%"
