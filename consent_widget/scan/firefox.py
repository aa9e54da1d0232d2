"""Firefox, as one new visitor."""

from __future__ import annotations

from .browsers import Browser, Setting
from .observed import CannotLookError


def find_firefox(setting: Setting) -> str:
    """The program."""
    raise CannotLookError("Firefox cannot be used yet. Leave --browser out for Chromium.")


class Firefox:
    """One running browser."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    async def start(self) -> Browser:
        """Starts it."""
        raise CannotLookError(find_firefox(self._setting))
