"""Where a receipt is issued, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .act import Choice


class Issued(NamedTuple):
    """Where a receipt is issued, and when (milliseconds since 1970). `home` is the address of our pages without a slash
    at its end, such as `https://shop.example/consent`.
    """

    home: str
    withdraw_at: str
    now_ms: int
    #: How an address names the receipt of this id (receipt_mark.py).
    named: Callable[[str], str] = str

    def receipt(self, choice: Choice) -> str:
        """What identifies the receipt for good: an address without a mark, since that changes with the site's keys."""
        return f"{self.home}/records/{choice.id}"

    def address(self, choice: Choice) -> str:
        """The address to open, which also tells later that the receipt is gone."""
        return f"{self.home}/records/{self.named(choice.id)}"

    def notice(self, choice: Choice) -> str:
        """The address of the very text that the choice answered, in the language in which it was shown."""
        return f"{self.home}/notice/{choice.notice}.{choice.locale}"
