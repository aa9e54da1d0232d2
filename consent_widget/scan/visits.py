"""The four visitors of a scan: what each does on the site, and what was seen of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from .aliases import aliases
from .browsers import Browser
from .choosing import choose
from .crawl import crawl, explore
from .observed import PHASES, Observations
from .walk import Progress, Walk

Start = Callable[[], Coroutine[Any, Any, Browser]]


async def visit_site(start: Start, url: str, most: int, progress: Progress) -> Observations:
    """Looks at up to `most` pages of the site as every visitor. CannotLookError where the first page cannot be seen."""
    date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    starting = [asyncio.create_task(start()) for _ in range(2)]
    try:
        access = "".join(urlsplit(url).netloc.rpartition("@")[:2])
        first = Walk(browser=await starting[0], pages=[url.replace(access, "", 1)], access=access, progress=progress)
        home, published, cookie = await explore(first, most)
        site = await first.browser.site_of(urlsplit(first.pages[0]).hostname or "")
        walks = [first]
        if home:
            walks.append(Walk(browser=await starting[1], pages=first.pages, access=access, progress=progress))
            await _together(_refuse(first), _agree_and_withdraw(walks[1]))
        else:
            first.notes.append(("no_widget", ""))
        requests = [request for walk in walks for request in await walk.end()]
    finally:
        for each in starting:
            each.cancel()
        started = await asyncio.gather(*starting, return_exceptions=True)
        closing = (each.close() for each in started if not isinstance(each, BaseException))
        await asyncio.gather(*closing, return_exceptions=True)
    return Observations(
        url=first.pages[0], site=site, engine=first.browser.name, date=date, home=home, pages=tuple(first.pages),
        phases=tuple(phase for phase in PHASES if any(phase in walk.done for walk in walks)),
        requests=tuple(requests),
        stored=tuple(dict.fromkeys(each for walk in walks for each in walk.stored)),
        pictures=tuple(sorted(
            (each for walk in walks for each in walk.pictures), key=lambda each: PHASES.index(each.phase)
        )),
        notice=published, cookie=cookie,
        aliases=await asyncio.to_thread(aliases, {urlsplit(each.url).hostname or "" for each in requests}, site),
        notes=tuple(dict.fromkeys(each for walk in walks for each in walk.notes)),
    )  # fmt: skip


async def _together(*walks: Coroutine[Any, Any, None]) -> None:
    """Both at once. If one fails, the other ends, too."""
    tasks = [asyncio.create_task(each) for each in walks]
    try:
        await asyncio.gather(*tasks)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _refuse(walk: Walk) -> None:
    if await choose(walk, "reject"):
        await crawl(walk, "refused")


async def _agree_and_withdraw(walk: Walk) -> None:
    walk.become("new")
    if await choose(walk, "accept"):
        await crawl(walk, "accepted")
        if await choose(walk, "withdraw"):
            await crawl(walk, "withdrawn")
