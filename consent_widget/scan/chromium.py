"""Chromium, or another browser that speaks its DevTools protocol, as one new visitor."""

from __future__ import annotations

import asyncio
import tempfile
from asyncio import Event
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from .browsers import Sent, Setting, Written
from .chromium_heard import Heard
from .chromium_program import chromium_switches, find_chromium
from .chromium_site import TRIED, site_by_cookies
from .chromium_tab import ChromiumTab
from .netlog import read_log
from .observed import CannotLookError
from .pipe import Pipe, PipeError
from .processes import end_process

#: Seconds until a browser has started, and a tab.
START = 60
#: How many windows that pages open are looked at. All others are closed at once.
FEW = 5


class Chromium:
    """One running browser with an empty profile."""

    def __init__(self, setting: Setting) -> None:
        self.name = "Chromium"
        self._setting = setting
        self._folder = Path(tempfile.mkdtemp(prefix="consent-scan-"))
        self._log = self._folder / "network.json"
        self._pipe: Pipe | None = None
        self._tabs: dict[str, ChromiumTab] = {}
        self._sessions: dict[str, Event] = defaultdict(Event)
        self._session_of: dict[str, str] = {}
        self._heard = Heard()
        self._windows = 0
        self._agent = ""

    async def start(self) -> Chromium:
        """Starts the browser. CannotLookError where it does not."""
        program = find_chromium(self._setting)
        switches = chromium_switches(self._setting, self._folder / "profile", self._log)
        try:
            async with asyncio.timeout(START):
                self._pipe = await Pipe.start(program, switches, self._hear)
                version = await self._pipe.ask("Browser.getVersion")
                self.name = version["product"].replace("Headless", "").replace("/", " ")
                self._agent = version["userAgent"].replace("Headless", "")
                await self._pipe.ask("Browser.setDownloadBehavior", behavior="deny")
                await self._pipe.ask(
                    "Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True
                )
        except (OSError, PipeError, TimeoutError):
            await self.close()
            raise CannotLookError(f"{program} does not start. Try it by hand: {program} --headless") from None
        except BaseException:
            await self.close()
            raise
        return self

    async def open(self) -> ChromiumTab:
        """A new, empty tab."""
        target = (await self.pipe.ask("Target.createTarget", url="about:blank"))["targetId"]
        await asyncio.wait_for(self._sessions[target].wait(), START)
        session = self._session_of[target]
        tab = self._tabs[session] = ChromiumTab(self.pipe, session, self._setting, self._heard.quiet)
        await tab.prepare()
        return tab

    @property
    def pipe(self) -> Pipe:
        """The connection."""
        if self._pipe is None:
            raise PipeError("The browser has not been started.")
        return self._pipe

    async def cookies(self) -> Sequence[tuple[str, str]]:
        """Every cookie: its name and its host."""
        found = (await self.pipe.ask("Storage.getCookies"))["cookies"]
        return [(each["name"], each["domain"].lstrip(".")) for each in found]

    async def site_of(self, host: str) -> str:
        """By the browser's own list of public suffixes."""
        return await site_by_cookies(self.pipe, host)

    async def close(self) -> tuple[list[Sent], list[Written]]:
        """End the browser, and read its log."""
        sent: list[Sent] = []
        written: list[Written] = []
        pipe, self._pipe = self._pipe, None
        try:
            if pipe:
                with suppress(PipeError, TimeoutError):
                    await asyncio.wait_for(pipe.ask("Browser.close"), 5)
                await pipe.ended(10)
                pipe.close()
                with suppress(OSError, ValueError, KeyError):
                    sent, written = await asyncio.to_thread(read_log, self._log)
        finally:
            await end_process(pipe.process if pipe else 0, self._folder)
        self._heard.tell_causes(sent)
        return sent, [*(each for each in written if not each.name.startswith(TRIED)), *self._heard.written]

    def _hear(self, method: str, params: dict[str, Any], session: str) -> None:
        self._heard.hear(method, params)
        if method == "Target.attachedToTarget":
            self._attach(params["sessionId"], params["targetInfo"])
        elif method == "Page.javascriptDialogOpening":
            leaving = params["type"] == "beforeunload"
            self.pipe.tell("Page.handleJavaScriptDialog", session, accept=leaving)
        elif tab := self._tabs.get(session):
            tab.hear(method)

    def _attach(self, session: str, target: dict[str, Any]) -> None:
        """What opens by itself is heard, too: windows, workers, and service workers."""
        tell = self.pipe.tell
        tell("Network.enable", session)
        if target["type"] == "page":
            tell("Page.enable", session)
            tell("DOMStorage.enable", session)
            tell("Network.setCacheDisabled", session, cacheDisabled=True)
            tell("Network.setUserAgentOverride", session, userAgent=self._agent)
            tell("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        tell("Runtime.runIfWaitingForDebugger", session)
        if "openerId" in target:  # a window that a page has opened: what it loads is seen, and it takes no more room
            close = partial(tell, "Target.closeTarget", targetId=target["targetId"])
            self._windows += 1
            asyncio.get_running_loop().call_later(2 if self._windows <= FEW else 0, close)
        self._session_of[target["targetId"]] = session
        self._sessions[target["targetId"]].set()
