"""One page in Chromium, with all its frames."""

from __future__ import annotations

import asyncio
import base64
from asyncio import Event, Future
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from .browsers import PageGoneError, Setting
from .faults import plain_fault
from .observed import CannotLookError
from .pipe import Pipe, PipeError

#: Seconds until a page has answered a question, and a frame.
ANSWER, FRAME = 10, 8
#: Seconds in which all that a page loads has come, before it is looked at anyway.
LOADED = 8
WINDOW = {"width": 1280, "height": 900}


class ChromiumTab:
    """A page with all its frames."""

    def __init__(self, pipe: Pipe, session: str, setting: Setting, quiet: Callable[[], Awaitable[None]]) -> None:
        self._pipe, self._session, self._setting, self._quiet = pipe, session, setting, quiet
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
                    raise CannotLookError(plain_fault(fault))
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
            await self._quiet()

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
            await asyncio.wait_for(self._pipe.ask("Page.close", self._session), 5)

    async def _ask(self, method: str, patience: float = ANSWER, /, **parameters: Any) -> dict[str, Any]:
        answer = self._pipe.tell(method, self._session, **parameters)
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
