"""How a visitor chooses: they wait for the widget, press its button, and wait until the server has their choice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic

from . import inpage
from .browsers import PageGoneError, Tab
from .observed import CannotLookError, Phase
from .page import open_page
from .walk import Walk

#: For how many seconds the widget is waited for.
PATIENCE = 20
#: Which visitor a press makes, and how the widget calls it.
PRESSED: dict[str, Phase] = {"reject": "refused", "accept": "accepted"}
SAID = {"reject": "reject_all", "accept": "accept_all", "withdraw": "withdraw_all"}


async def choose(walk: Walk, action: str) -> bool:
    """Open the first page and choose there. False, with a note that says why, where the widget does not offer it."""
    tab = await walk.browser.open()
    try:
        await open_page(walk, tab, walk.pages[0])
        if await _press(walk, tab, action):
            return True
    except (CannotLookError, PageGoneError):
        pass
    finally:
        await tab.close()
        await asyncio.sleep(0.3)
        if action == "withdraw":
            walk.become("withdrawn")
    walk.notes.append(("not_offered", action))
    return False


async def _press(walk: Walk, tab: Tab, action: str) -> bool:
    until = monotonic() + PATIENCE
    pressed = False
    while monotonic() < until:
        await asyncio.sleep(0.2)
        with suppress(PageGoneError):
            if pressed and await _heard(tab, action):
                return True
            widget = await tab.ask(inpage.WIDGET)
            if not widget["there"]:
                continue
            if action != "withdraw" and not widget[action]:
                if widget["age"]:
                    await tab.ask(inpage.focus("[value=age_adult]"))
                    await tab.press()
                continue
            await tab.ask(inpage.LISTEN)
            await asyncio.sleep(0.6)  # the widget takes no grant from who cannot have read what they are asked
            if action == "withdraw":
                walk.become(None)
                pressed = True
                await tab.ask(inpage.WITHDRAW)
            elif await tab.ask(inpage.focus(f"#cw-{action}-all")):
                walk.become(PRESSED[action])
                pressed = True
                await tab.press()
    return False


async def _heard(tab: Tab, action: str) -> bool:
    until = monotonic() + 3
    while monotonic() < until:
        with suppress(PageGoneError):
            if await tab.ask(f"{inpage.heard(SAID[action])} && {inpage.SENT}"):
                return True
        await asyncio.sleep(0.1)
    return False
