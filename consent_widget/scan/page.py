"""One page, as one visitor sees it: what it leads to, loads and stores."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from . import inpage
from .browsers import PageGoneError, Tab
from .observed import CannotLookError, Phase, Picture, Request, Stored, web_address
from .walk import Walk

#: The files that the widget comes in.
WIDGET_FILE = re.compile(r"/widget(\.[0-9a-f]{16})?\.(m?js|css)$")


async def visit_page(walk: Walk, phase: Phase, url: str, *, picture: bool) -> dict[str, Any]:
    """One page: what it leads to and loads. CannotLookError where it is none."""
    tab = await walk.browser.open()
    try:
        page = await open_page(walk, tab, url)
        if picture and (image := await tab.picture()):
            walk.pictures.append(Picture(phase=phase, url=url, image=image))
        await tab.stir()
        with suppress(PageGoneError):
            page |= _read(await tab.ask(inpage.DOCUMENT))  # with what scripts have made of it
        if picture and phase == "new":
            page |= await _widget(tab, page["files"])
        for frame in await tab.in_frames(inpage.STORED):
            _note_frame(walk, phase, frame)
        return page
    finally:
        await tab.close()


async def _widget(tab: Tab, files: list[str]) -> dict[str, Any]:
    """Where the widget's files come from, the notice that it tells, and how its cookie is called."""
    paths = (urldefrag(each)[0].partition("?")[0] for each in files)
    home = next((urljoin(each, ".") for each in paths if WIDGET_FILE.search(each)), "")
    notice, cookie = None, "cw"
    with suppress(PageGoneError):
        notice = await tab.ask(inpage.answered(f"{home}notice.json")) if home else None
        match notice:
            case {"locales": [str(locale), *_]}:
                match await tab.ask(inpage.answered(f"{home}i18n/{locale}.json")):
                    case {"cookie": str(named)}:
                        cookie = named
    return {"home": home, "notice": notice, "cookie": cookie}


async def open_page(walk: Walk, tab: Tab, url: str) -> dict[str, Any]:
    """What it says of itself, once it has come to rest. CannotLookError where it is no page, or never does."""
    inside = urlsplit(url).netloc == urlsplit(walk.pages[0]).netloc
    await tab.go(url.replace("://", f"://{walk.access}", 1) if inside else url)
    for _ in range(5):  # a page that leads to the next one cannot answer meanwhile
        with suppress(PageGoneError):
            page = _read(await tab.ask(inpage.DOCUMENT))
            if not page["url"].startswith("http"):
                raise CannotLookError("cannot be opened")
            if page["type"] not in ("text/html", "application/xhtml+xml"):
                raise CannotLookError(f"is no page ({page['type']})")
            return page
        await asyncio.sleep(1)
    raise CannotLookError(
        "does not come to rest: it leads to other addresses again and again, or keeps the browser busy"
    )


def _read(said: Any) -> dict[str, Any]:
    """What a page says of itself. CannotLookError where only its scripts can have said it."""
    match said:
        case {"url": str(), "type": str(), "status": int(), "links": [*links], "files": [*files]}:
            if all(isinstance(each, str) for each in (*links, *files)):
                return {**said, **{name: list(filter(web_address, said[name])) for name in ("links", "files")}}
    raise CannotLookError("cannot be read: its scripts have replaced what the browser answers")


def _note_frame(walk: Walk, phase: Phase, frame: dict[str, Any]) -> None:
    if not frame["host"]:
        return
    for place in ("local", "session", "database", "cache", "worker"):
        for name in frame[place]:
            walk.stored.append(Stored(place=place, name=name, host=frame["host"], phase=phase, page=frame["page"]))
    for name, kind in (("connects", "preconnect"), ("icons", "request")):
        for url in frame[name]:
            if web_address(url):
                walk.markup.append(
                    Request(url=url, phase=phase, page=frame["page"], initiator=frame["page"], kind=kind)
                )
