"""Firefox, as one new visitor. What it sends and stores is seen from within."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .browsers import PageGoneError, Sent, Setting, Written
from .firefox_profile import CAPABILITIES, firefox_command
from .firefox_seen import COOKIES, OBSERVE, SEEN, SITE, read_seen
from .firefox_tab import FirefoxTab
from .marionette import Marionette, MarionetteError
from .observed import CannotLookError
from .processes import end_process, start_on_leash

#: Seconds until Firefox has started, and has ended.
START, END = 120, 5


class Firefox:
    """One running browser with an empty profile."""

    def __init__(self, setting: Setting) -> None:
        self.name = "Firefox"
        self._setting = setting
        self._folder = Path(tempfile.mkdtemp(prefix="consent-scan-"))
        self._process = 0
        self._leash: int | None = None
        #: The window that it began with. It stays, as the observers live in it.
        self._first = ""
        self._marionette: Marionette | None = None

    async def start(self) -> Firefox:
        """Starts the browser. CannotLookError where it does not."""
        try:
            command = firefox_command(self._setting, self._folder)
            self._process, self._leash = start_on_leash(command, self._folder)
            async with asyncio.timeout(START):
                self._marionette = await Marionette.connect(self._folder / "MarionetteActivePort")
                found = await self.marionette.ask("WebDriver:NewSession", START, **CAPABILITIES)
            self.name = f"Firefox {found['capabilities']['browserVersion']}"
            self._first = await self.marionette.ask("WebDriver:GetWindowHandle")
            await self.inside(OBSERVE)
        except (OSError, MarionetteError, TimeoutError):
            await self.close()
            raise CannotLookError("Firefox does not start. Try it by hand: firefox --headless") from None
        except BaseException:
            await self.close()
            raise
        return self

    @property
    def marionette(self) -> Marionette:
        """The connection."""
        if self._marionette is None:
            raise MarionetteError("Firefox has not been started.")
        return self._marionette

    async def inside(self, code: str, *arguments: Any) -> Any:
        """What `code` returns, with the rights of the browser itself."""
        ask = self.marionette.ask
        async with self.marionette.turn:
            await ask("WebDriver:SwitchToWindow", handle=self._first, focus=False)
            await ask("Marionette:SetContext", value="chrome")
            try:
                return await ask("WebDriver:ExecuteScript", script=code, args=list(arguments))
            finally:
                await ask("Marionette:SetContext", value="content")

    async def open(self) -> FirefoxTab:
        """A new, empty window: tabs behind others are put to sleep."""
        async with self.marionette.turn:
            await self.marionette.ask("WebDriver:SwitchToWindow", handle=self._first, focus=False)
            window = (await self.marionette.ask("WebDriver:NewWindow", type="window"))["handle"]
        return FirefoxTab(self.marionette, window, self._setting)

    async def cookies(self) -> Sequence[tuple[str, str]]:
        """Every cookie: its name and its host."""
        return [(name, host) for name, host in await self.inside(COOKIES)]

    async def site_of(self, host: str) -> str:
        """By the browser's own list of public suffixes."""
        return str(await self.inside(SITE, host))

    async def close(self) -> tuple[list[Sent], list[Written]]:
        """End the browser, and say what it has seen."""
        sent: list[Sent] = []
        written: list[Written] = []
        try:
            if self._marionette:
                with suppress(PageGoneError):
                    sent, written = read_seen(await self.inside(SEEN))
                with suppress(PageGoneError):
                    await self._marionette.ask("Marionette:Quit", END, flags=["eForceQuit"])
                self._marionette.close()
        finally:
            self._marionette = None
            process, self._process = self._process, 0
            await end_process(process, self._folder)
            if self._leash is not None:
                os.close(self._leash)
                self._leash = None
        return sent, written
