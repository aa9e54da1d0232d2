"""The way through a site: the pages that its first one leads to, and all of them again as another visitor."""

from __future__ import annotations

import asyncio
import re
from asyncio import Semaphore
from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

from .faults import ASKS_WHO
from .observed import CannotLookError, Phase, Stored
from .page import visit_page
from .walk import Walk

#: How many pages are open at once.
AT_ONCE = 4
#: Links that lead to files, and those that may change something.
NO_PAGE = re.compile(
    r"\.(?!html?$|php$|aspx?$|jsp$)[a-z][a-z0-9]{1,4}$|log-?out|sign-?out|delete|remove|unsubscribe", re.I
)


async def explore(walk: Walk, most: int) -> tuple[str, dict[str, Any] | None, str]:
    """The first page, and those that it and the next ones lead to. The address of the widget, the site's notice, and
    the name of the widget's cookie, where the site has them.
    """
    walk.become("new")
    walk.progress("new", 1, most, walk.pages[0])
    seen = await visit_page(walk, "new", walk.pages[0], picture=True)
    if seen["status"] >= 400:  # of further pages, one that answers 404 or asks for consent is a page as any other
        raise CannotLookError(ASKS_WHO if seen["status"] == 401 else f"answers {seen['status']}")
    walk.pages[0], home = seen["url"], seen["home"]
    ahead = list(_links(walk, seen["links"], home, most))
    while ahead and len(walk.pages) < most:
        batch = ahead[: most - len(walk.pages)]
        found = await _visit_all(walk, "new", batch)
        ahead = ahead[len(batch) :]
        walk.pages += [url for url, page in zip(batch, found, strict=True) if page]
        for page in found:
            ahead += [each for each in _links(walk, page["links"], home, most) if each not in ahead] if page else []
    await _end_turn(walk, "new")
    return home, seen["notice"], seen["cookie"]


def _links(walk: Walk, links: list[str], home: str, most: int) -> Iterator[str]:
    origin = urlsplit(walk.pages[0])[:2]
    unseen = {url for _, url in walk.notes}
    # in a page behind a password the address of a link has it, too
    for url in dict.fromkeys(urldefrag(link)[0].replace(f"://{walk.access}", "://", 1) for link in links):
        parts = urlsplit(url)
        leads_on = parts[:2] == origin and not NO_PAGE.search(parts.path) and not (home and url.startswith(home))
        if leads_on and url not in walk.pages and not any(each.startswith(url) for each in unseen):
            yield url


async def crawl(walk: Walk, phase: Phase) -> None:
    """All pages again, as another visitor."""
    await _visit_all(walk, phase, walk.pages)
    await _end_turn(walk, phase)


async def _visit_all(walk: Walk, phase: Phase, pages: list[str]) -> list[dict[str, Any] | None]:
    limit, count = Semaphore(AT_ONCE), 0

    async def one(url: str) -> dict[str, Any] | None:
        nonlocal count
        async with limit:
            count += 1
            total = len(pages) if phase != "new" else len(pages) + len(walk.pages)
            walk.progress(phase, count + total - len(pages), total, url)
            try:
                return await visit_page(walk, phase, url, picture=url == walk.pages[0])
            except CannotLookError as error:
                walk.notes.append(("unseen", f"{url} {error}"))
                return None

    return await asyncio.gather(*map(one, pages))


async def _end_turn(walk: Walk, phase: Phase) -> None:
    """When the pages are closed, what they sent as they went is still on its way."""
    await asyncio.sleep(0.3)
    walk.done.append(phase)
    for name, host in await walk.browser.cookies():
        walk.stored.append(Stored(place="cookie", name=name, host=host, phase=phase))
