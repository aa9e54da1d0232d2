"""Chromium, or another browser that speaks its DevTools protocol, as one new visitor."""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
from asyncio import Event, Future
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic, time
from typing import Any
from urllib.parse import urlsplit

from .browsers import PageGoneError, Sent, Setting, Written
from .netlog import read_log
from .observed import CannotLookError, Place
from .pipe import Pipe, PipeError
from .processes import end_process, find_program

PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
MISSING = (
    "No Chromium on this machine. Install one (Debian, Ubuntu: `apt-get install chromium`), or say where it is with "
    "--browser."
)
SWITCHES = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-blink-features=AutomationControlled",  # many tags do not load for a browser that says it is driven
    "--disable-site-isolation-trials",  # then a page and all its frames answer in one session
    "--net-log-capture-mode=IncludeSensitive",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
)
#: Seconds until a browser has started, a page has answered a question, and a frame.
START, ANSWER, FRAME = 60, 10, 8
#: How many windows that pages open are looked at. All others are closed at once.
FEW = 5
#: Seconds without a request after which nothing more is to come.
QUIET = 0.5
#: Seconds in which all that a page loads has come, before it is looked at anyway.
LOADED = 8
#: What the browser's own words mean for whom it is not told.
FAULTS = {
    "ERR_INVALID_AUTH_CREDENTIALS": "answers 401. Put the name and the password into the address: https://name:password@…",
    "ERR_NAME_NOT_RESOLVED": "cannot be opened: there is no such host",
    "ERR_CONNECTION_REFUSED": "cannot be opened: nobody answers there",
    "ERR_SSL_PROTOCOL_ERROR": "cannot be opened: it does not speak HTTPS. Say http:// where that is so on purpose",
    "ERR_TOO_MANY_REDIRECTS": "cannot be opened: it redirects in a circle",
    "ERR_CERT_AUTHORITY_INVALID": "cannot be opened: no browser trusts its certificate",
}
#: Cookies of the scan itself begin so.
TRIED = "consent-scan-"
WINDOW = {"width": 1280, "height": 900}


def find_chromium(setting: Setting) -> str:
    """The path of the program."""
    named = "" if setting.program == "chromium" else setting.program
    return find_program(named, PROGRAMS, MISSING)


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
        self._written: list[Written] = []
        self._stirred, self._windows = 0.0, 0
        self.agent = ""
        #: What the pages said that each request was for: the first time that its address was asked for.
        self.causes: dict[str, tuple[str, str]] = {}

    async def start(self) -> Chromium:
        """Starts the browser. CannotLookError where it does not."""
        program = find_chromium(self._setting)
        rules = ",".join(f"MAP {host} {address}" for host, address in self._setting.hosts.items())
        switches = [
            *SWITCHES,
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # root may not make one
            *([f"--host-resolver-rules={rules}"] if rules else []),
            f"--user-data-dir={self._folder / 'profile'}",
            f"--log-net-log={self._log}",
            "about:blank",
        ]
        try:
            async with asyncio.timeout(START):
                self._pipe = await Pipe.start(program, switches, self._hear)
                version = await self._pipe.ask("Browser.getVersion")
                self.name = version["product"].replace("Headless", "").replace("/", " ")
                self.agent = version["userAgent"].replace("Headless", "")
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
        tab = ChromiumTab(self, target, self._session_of[target], self._setting)
        self._tabs[tab.session] = tab
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

    async def quiet(self) -> None:
        """Wait until nothing has been sent for a moment, but not long: workers have clocks of their own."""
        until = monotonic() + QUIET * 6
        while monotonic() < min(until, self._stirred + QUIET):
            await asyncio.sleep(QUIET / 5)

    async def site_of(self, host: str) -> str:
        """By the browser's own list of public suffixes: there it keeps a cookie for the host alone."""
        context = (await self.pipe.ask("Target.createBrowserContext"))["browserContextId"]
        labels = host.split(".")
        parts = [".".join(labels[-count:]) for count in range(1, len(labels) + 1)]
        cookies = [
            {"name": TRIED + part, "value": "1", "url": f"https://{host}/", "domain": f".{part}"} for part in parts
        ]
        try:
            await self.pipe.ask("Storage.setCookies", cookies=cookies, browserContextId=context)
            kept = (await self.pipe.ask("Storage.getCookies", browserContextId=context))["cookies"]
        except PipeError:  # no name that can have a cookie
            kept = []
        finally:
            await self.pipe.ask("Target.disposeBrowserContext", browserContextId=context)
        domains = [
            part for part in parts if any(each["name"] == TRIED + part and each["domain"][0] == "." for each in kept)
        ]
        return min(domains, key=len, default=host)

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
        for each in sent:
            initiator, page = self.causes.get(each.url, ("", "")) if each.kind == "request" else ("", "")
            each.initiator, each.page = initiator or each.initiator, page or each.page
        written = [each for each in written if not each.name.startswith(TRIED)]
        return sent, [*written, *self._written]

    def _hear(self, method: str, params: dict[str, Any], session: str) -> None:
        if method in ("Network.requestWillBeSent", "Target.attachedToTarget"):
            self._stirred = monotonic()
        if method == "Target.attachedToTarget":
            self._attach(params["sessionId"], params["targetInfo"])
        elif method == "Network.requestWillBeSent":
            self.causes.setdefault(params["request"]["url"], (_cause(params["initiator"]), params["documentURL"]))
        elif method == "Network.webSocketCreated":
            self.causes.setdefault(params["url"], (_cause(params.get("initiator", {})), ""))
        elif method == "DOMStorage.domStorageItemAdded":
            place: Place = "local" if params["storageId"]["isLocalStorage"] else "session"
            host = urlsplit(params["storageId"].get("securityOrigin") or params["storageId"]["storageKey"]).hostname
            self._written.append(Written(place=place, name=params["key"], host=host or "", at=time()))
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
            tell("Network.setUserAgentOverride", session, userAgent=self.agent)
            tell("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        tell("Runtime.runIfWaitingForDebugger", session)
        if "openerId" in target:  # a window that a page has opened: what it loads is seen, and it takes no more room
            close = partial(tell, "Target.closeTarget", targetId=target["targetId"])
            self._windows += 1
            asyncio.get_running_loop().call_later(2 if self._windows <= FEW else 0, close)
        self._session_of[target["targetId"]] = session
        self._sessions[target["targetId"]].set()


class ChromiumTab:
    """A page with all its frames."""

    def __init__(self, browser: Chromium, target: str, session: str, setting: Setting) -> None:
        self._browser, self._target, self.session, self._setting = browser, target, session, setting
        self._document, self._loaded, self._expired, self._crashed = Event(), Event(), Event(), Event()

    async def prepare(self) -> None:
        """Make it a window of a usual size that has the focus, as far as pages can tell."""
        await self._ask("Inspector.enable")
        await self._ask("Page.enable")
        await self._ask("Emulation.setFocusEmulationEnabled", enabled=True)
        await self._ask("Emulation.setDeviceMetricsOverride", **WINDOW, deviceScaleFactor=1, mobile=False)

    def hear(self, method: str) -> None:
        """What the browser tells about this page."""
        events = {
            "Page.domContentEventFired": self._document,
            "Page.loadEventFired": self._loaded,
            "Emulation.virtualTimeBudgetExpired": self._expired,
            "Inspector.targetCrashed": self._crashed,
        }
        if method in events:
            events[method].set()

    async def go(self, url: str) -> None:
        """Open an address."""
        self._document.clear()
        self._loaded.clear()
        try:
            async with asyncio.timeout(self._setting.deadline):
                answer = await self._ask("Page.navigate", self._setting.deadline, url=url)
                if answer.get("isDownload"):
                    raise CannotLookError("is a download, and no page")
                if fault := answer.get("errorText", "").removeprefix("net::"):
                    raise CannotLookError(FAULTS.get(fault, f"cannot be opened ({fault})"))
                await self._first(self._document, self._crashed)
        except TimeoutError:
            raise CannotLookError(f"did not finish within {self._setting.deadline:g} seconds") from None
        except PageGoneError:
            raise CannotLookError("cannot be opened: the browser does not answer") from None
        if self._crashed.is_set():
            raise CannotLookError("crashes the browser")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loaded.wait(), LOADED)

    async def ask(self, expression: str) -> Any:
        """What a JavaScript expression comes to."""
        answer = await self._ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=False
        )
        if "exceptionDetails" in answer:
            raise PageGoneError(answer["exceptionDetails"].get("text", ""))
        return answer["result"].get("value")

    async def press(self) -> None:
        """Press Enter."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await self._ask("Input.dispatchKeyEvent", type="keyDown", **key)
        await self._ask("Input.dispatchKeyEvent", type="keyUp", **key)

    async def stir(self) -> None:
        """Stir the page; then its clock runs ahead, so that nobody waits for its timers."""
        with suppress(PageGoneError):
            await self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=3, y=WINDOW["height"] // 2)
            await self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=WINDOW["height"] // 2)
            wheel = {"type": "mouseWheel", "x": 3, "y": WINDOW["height"] // 2, "deltaX": 0, "deltaY": 2000}
            await self._ask("Input.dispatchMouseEvent", **wheel)
            shift = {"key": "Shift", "code": "ShiftLeft", "windowsVirtualKeyCode": 16}
            await self._ask("Input.dispatchKeyEvent", type="rawKeyDown", **shift)
            await self._ask("Input.dispatchKeyEvent", type="keyUp", **shift)
            await self._ask("Emulation.setVirtualTimePolicy", policy="pauseIfNetworkFetchesPending",
                            budget=self._setting.patience * 1000, maxVirtualTimeTaskStarvationCount=1000)  # fmt: skip
            with suppress(TimeoutError):
                async with asyncio.timeout(self._setting.patience + 5):
                    await self._first(self._expired, self._crashed)
            await self._ask("Emulation.setVirtualTimePolicy", policy="advance")
            await self._browser.quiet()

    async def in_frames(self, expression: str) -> list[Any]:
        """In each frame, in a world of its own: the page's scripts cannot tell."""
        with suppress(PageGoneError):
            tree = (await self._ask("Page.getFrameTree"))["frameTree"]
            frames = [frame["id"] for frame in _frames(tree)][:50]
            found = await asyncio.gather(*(self._in_frame(frame, expression) for frame in frames))
            return [each for each in found if each is not None]
        return []

    async def _in_frame(self, frame: str, expression: str) -> Any:
        with suppress(PageGoneError):
            world = await self._ask("Page.createIsolatedWorld", FRAME, frameId=frame)
            answer = await self._ask(
                "Runtime.evaluate", FRAME, expression=expression, awaitPromise=True, returnByValue=True,
                contextId=world["executionContextId"],
            )  # fmt: skip
            return answer["result"].get("value")

    async def picture(self) -> bytes:
        """A JPEG of the window."""
        with suppress(PageGoneError):
            return base64.b64decode((await self._ask("Page.captureScreenshot", format="jpeg", quality=60))["data"])
        return b""

    async def close(self) -> None:
        """Leave the page."""
        with suppress(PipeError, TimeoutError):
            await asyncio.wait_for(self._browser.pipe.ask("Page.close", self.session), 5)

    async def _ask(self, method: str, patience: float = ANSWER, /, **parameters: Any) -> dict[str, Any]:
        answer = self._browser.pipe.tell(method, self.session, **parameters)
        crashed = asyncio.create_task(self._crashed.wait())
        waiting: list[Future[Any]] = [answer, crashed]
        try:
            await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            crashed.cancel()
        if not answer.done():
            answer.cancel()
            raise PageGoneError(method)
        try:
            return answer.result()
        except PipeError as error:
            raise PageGoneError(str(error)) from None

    async def _first(self, *events: Event) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()


def _frames(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [tree["frame"], *(frame for child in tree.get("childFrames", ()) for frame in _frames(child))]


def _cause(initiator: dict[str, Any]) -> str:
    """What made a request: the script and its line, or the page in whose markup it is."""
    stack = initiator.get("stack")
    while stack:
        for call in stack.get("callFrames", ()):
            if call["url"]:
                return f"{call['url']}:{call['lineNumber'] + 1}"
        stack = stack.get("parent")
    if "url" in initiator:
        line = f":{int(initiator['lineNumber']) + 1}" if "lineNumber" in initiator else ""
        return str(initiator["url"]) + line
    return ""
