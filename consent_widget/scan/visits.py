"""The four visitors of a scan: what each does on the site, page by page, and what was seen of it."""

from __future__ import annotations

import asyncio
import re
import socket
from asyncio import Semaphore
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from . import inpage
from .browsers import Browser, PageGoneError, Sent, Tab
from .observed import PHASES, CannotLookError, Observations, Phase, Picture, Request, Stored, web_address

Progress = Callable[[Phase, int, int, str], None]
Start = Callable[[], Coroutine[Any, Any, Browser]]
#: How many pages are open at once, and for how many seconds the widget is waited for.
AT_ONCE, PATIENCE = 4, 20
#: Links that lead to files, and those that may change something.
NO_PAGE = re.compile(
    r"\.(?!html?$|php$|aspx?$|jsp$)[a-z][a-z0-9]{1,4}$|log-?out|sign-?out|delete|remove|unsubscribe", re.I
)
#: The files that the widget comes in.
WIDGET_FILE = re.compile(r"/widget(\.[0-9a-f]{16})?\.(m?js|css)$")


@dataclass(kw_only=True)
class Walk:
    """One browser on its way through the site, and what it has seen so far."""

    browser: Browser
    pages: list[str]
    #: `name:password@` where the site asks for one.
    access: str
    progress: Progress
    #: From which moment on it was which visitor; None while somebody just changes their mind.
    turns: list[tuple[float, Phase | None]] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    markup: list[Request] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    done: list[Phase] = field(default_factory=list)

    def become(self, phase: Phase | None) -> None:
        """From now on this is another visitor."""
        self.turns.append((time(), phase))

    def _phase(self, at: float) -> Phase | None:
        return next((phase for since, phase in reversed(self.turns) if since <= at), None)

    async def end(self) -> list[Request]:
        """End the browser. What was sent, by visitor."""
        sent, written = await self.browser.close()
        for note in written:
            if phase := self._phase(note.at):
                self.stored.append(Stored(place=note.place, name=note.name, host=note.host, phase=phase))
        return [*self.markup, *self._requests(sent)]

    def _requests(self, sent: list[Sent]) -> Iterator[Request]:
        for each in sent:
            if phase := self._phase(each.at):
                url, page, initiator = (
                    text.replace(self.access, "") if self.access else text
                    for text in (each.url, each.page, each.initiator)
                )
                cookies = tuple(each.cookies)
                yield Request(
                    url=url, phase=phase, page=page, initiator=initiator, kind=each.kind, cookies=cookies
                )  # fmt: skip


async def visit_site(start: Start, url: str, most: int, progress: Progress) -> Observations:
    """Looks at up to `most` pages of the site as every visitor. CannotLookError where the first page cannot be seen."""
    date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    starting = [asyncio.create_task(start()) for _ in range(2)]
    try:
        access = "".join(urlsplit(url).netloc.rpartition("@")[:2])
        first = Walk(browser=await starting[0], pages=[url.replace(access, "", 1)], access=access, progress=progress)
        home, published, cookie = await _explore(first, most)
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
        aliases=await asyncio.to_thread(_aliases, {urlsplit(each.url).hostname or "" for each in requests}, site),
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
    if await _choose(walk, "reject"):
        await _crawl(walk, "refused")


async def _agree_and_withdraw(walk: Walk) -> None:
    walk.become("new")
    if await _choose(walk, "accept"):
        await _crawl(walk, "accepted")
        if await _choose(walk, "withdraw"):
            await _crawl(walk, "withdrawn")


async def _explore(walk: Walk, most: int) -> tuple[str, dict[str, Any] | None, str]:
    """The first page, and those that it and the next ones lead to. The address of the widget, the site's notice, and
    the name of the widget's cookie, where the site has them.
    """
    walk.become("new")
    walk.progress("new", 1, most, walk.pages[0])
    seen = await _visit(walk, "new", walk.pages[0], picture=True)
    if seen["status"] >= 400:  # of further pages, one that answers 404 or asks for consent is a page as any other
        raise CannotLookError(f"answers {seen['status']}")
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
    for url in dict.fromkeys(urldefrag(link)[0] for link in links):
        parts = urlsplit(url)
        leads_on = parts[:2] == origin and not NO_PAGE.search(parts.path) and not (home and url.startswith(home))
        if leads_on and url not in walk.pages and not any(each.startswith(url) for each in unseen):
            yield url


async def _crawl(walk: Walk, phase: Phase) -> None:
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
                return await _visit(walk, phase, url, picture=url == walk.pages[0])
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


async def _visit(walk: Walk, phase: Phase, url: str, *, picture: bool) -> dict[str, Any]:
    """One page: what it leads to and loads. CannotLookError where it is none."""
    tab = await walk.browser.open()
    try:
        page = await _open(walk, tab, url)
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


async def _open(walk: Walk, tab: Tab, url: str) -> dict[str, Any]:
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


async def _choose(walk: Walk, action: str) -> bool:
    """Open the first page and choose there. False, with a note that says why, where the widget does not offer it."""
    tab = await walk.browser.open()
    try:
        await _open(walk, tab, walk.pages[0])
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
    said, phase = {"reject": "reject_all", "accept": "accept_all", "withdraw": "withdraw_all"}[action], None
    selector = f"#cw-{action}-all"
    listening = False
    while monotonic() < until:
        await asyncio.sleep(0.2)
        with suppress(PageGoneError):
            widget = await tab.ask(inpage.WIDGET)
            if not widget["there"]:
                continue
            if not listening:
                await tab.ask(inpage.LISTEN)
                listening = True
            if action != "withdraw" and not widget[action]:
                if widget["age"]:
                    await tab.ask(inpage.focus("[value=age_adult]"))
                    await tab.press()
                continue
            phase = {"reject": "refused", "accept": "accepted", "withdraw": None}[action]
            await asyncio.sleep(0.6)  # the widget takes no grant from who cannot have read what they are asked
            if action == "withdraw":
                walk.become(None)
                await tab.ask(inpage.WITHDRAW)
            elif await tab.ask(inpage.focus(selector)):
                walk.become(phase)  # type: ignore[arg-type]
                await tab.press()
            if await _heard(tab, said):
                return True
    return False


async def _heard(tab: Tab, said: str) -> bool:
    until = monotonic() + 3
    while monotonic() < until:
        with suppress(PageGoneError):
            if await tab.ask(f"{inpage.heard(said)} && {inpage.SENT}"):
                return True
        await asyncio.sleep(0.1)
    return False


def _aliases(hosts: set[str], site: str) -> dict[str, str]:
    """Of hosts of the site itself, those that are another's by a CNAME record: a vendor may stand behind them."""
    found = {}
    until = monotonic() + PATIENCE
    for host in hosts:
        if host.endswith(f".{site}") and not host.endswith(".localhost") and monotonic() < until:
            with suppress(OSError, UnicodeError):
                *_, (_, _, _, name, _) = socket.getaddrinfo(host, None, flags=socket.AI_CANONNAME)[:1]
                if name and name != host:
                    found[host] = name.rstrip(".").lower()
    return found
