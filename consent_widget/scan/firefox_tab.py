"""One page in Firefox."""

from __future__ import annotations

import asyncio
import base64
import re
from contextlib import suppress
from time import monotonic
from typing import Any

from .browsers import PageGoneError, Setting
from .faults import plain_fault
from .marionette import ANSWER, Marionette
from .observed import CannotLookError

#: Seconds until a frame has answered, and until all that a page loads has come.
FRAME, LOADED = 5, 8
STATE = "[document.readyState, document.documentURI, document.URL]"


class FirefoxTab:
    """A window with one page."""

    def __init__(self, firefox: Marionette, window: str, setting: Setting) -> None:
        self._firefox, self._window, self._setting = firefox, window, setting

    async def go(self, url: str) -> None:
        """Open an address."""
        until = monotonic() + self._setting.deadline
        try:
            await self._do("WebDriver:Navigate", url=url)
        except PageGoneError as error:  # with the address of the page that tells of the error
            raise CannotLookError(_fault(str(error))) from None
        state = shown = ""
        while state not in ("interactive", "complete") or shown in ("", "about:blank"):
            if monotonic() > until:
                raise CannotLookError(f"did not finish within {self._setting.deadline:g} seconds")
            await asyncio.sleep(0.1)
            with suppress(PageGoneError):
                state, there, shown = await self._state()
                if there.startswith(("about:neterror", "about:certerror", "about:httpsonlyerror")):
                    raise CannotLookError(_fault(there))
        until = monotonic() + LOADED
        while state != "complete" and monotonic() < until:
            await asyncio.sleep(0.1)
            with suppress(PageGoneError):
                state, *_ = await self._state()

    async def ask(self, expression: str) -> Any:
        """What a JavaScript expression comes to."""
        async with self._firefox.turn:
            await self._switch()
            return await self._evaluate(expression, ANSWER, newSandbox=False, sandbox=None)

    async def _state(self) -> Any:
        async with self._firefox.turn:
            await self._switch()
            return await self._evaluate(STATE, ANSWER, sandbox="scan")

    async def _evaluate(self, expression: str, patience: float, /, **world: Any) -> Any:
        """In the frame that is chosen. The value comes in a list, as Firefox says null where a page is being left."""
        script = f"return (async () => [await ({expression})])();"
        match await self._firefox.ask("WebDriver:ExecuteScript", patience, script=script, args=[], **world):
            case [value]:
                return value
        raise PageGoneError("The page is being left.")

    async def press(self) -> None:
        """Press Enter."""
        await self._act({"type": "key", "id": "keys", "actions": _typed("\ue007")})

    async def stir(self) -> None:
        """Stir the page, and wait: its clock runs as all clocks do."""
        middle = {"duration": 0, "origin": "viewport", "y": 300}
        moves = [{"type": "pointerMove", "x": x, **middle} for x in (3, 5)]
        wheel = {"type": "scroll", "x": 3, "deltaX": 0, "deltaY": 2000, **middle}
        with suppress(PageGoneError):
            await self._act({"type": "pointer", "id": "mouse", "actions": moves})
            await self._act({"type": "wheel", "id": "wheel", "actions": [wheel]})
            await self._act({"type": "key", "id": "keys", "actions": _typed("\ue008")})
        await asyncio.sleep(self._setting.patience)

    async def in_frames(self, expression: str) -> list[Any]:
        """In each frame, from the top down."""
        found: list[Any] = []
        async with self._firefox.turn:
            with suppress(PageGoneError):
                await self._switch()
                await self._look_into(expression, found, 3)
        return found

    async def _look_into(self, expression: str, found: list[Any], depth: int) -> None:
        ask = self._firefox.ask
        with suppress(PageGoneError):
            found.append(await self._evaluate(expression, FRAME, sandbox="scan"))
        count = await self._evaluate("window.length", FRAME, sandbox="scan") if depth else 0
        for number in range(min(count, 20)):
            with suppress(PageGoneError):
                await ask("WebDriver:SwitchToFrame", FRAME, id=number)
                await self._look_into(expression, found, depth - 1)
                await ask("WebDriver:SwitchToParentFrame", FRAME)

    async def picture(self) -> bytes:
        """A PNG of the window."""
        with suppress(PageGoneError):
            return base64.b64decode(await self._do("WebDriver:TakeScreenshot", full=False))
        return b""

    async def close(self) -> None:
        """Leave the page."""
        with suppress(PageGoneError):
            await self._do("WebDriver:CloseWindow")

    async def _act(self, source: dict[str, Any]) -> None:
        await self._do("WebDriver:PerformActions", actions=[source])

    async def _do(self, name: str, **parameters: Any) -> Any:
        async with self._firefox.turn:
            await self._switch()
            return await self._firefox.ask(name, **parameters)

    async def _switch(self) -> None:
        await self._firefox.ask("WebDriver:SwitchToWindow", handle=self._window, focus=True)


def _fault(text: str) -> str:
    found = re.search(r"about:\w+error\?(?:.*&)?e=(\w+)", text)
    return plain_fault(found[1]) if found else "cannot be opened: Firefox does not say why"


def _typed(key: str) -> list[dict[str, str]]:
    return [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
