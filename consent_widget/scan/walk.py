"""One browser on its way through a site, and what it has seen so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import time

from .browsers import Browser, Sent
from .observed import Phase, Picture, Request, Stored

Progress = Callable[[Phase, int, int, str], None]


@dataclass(kw_only=True)
class Walk:
    """A browser, which is one visitor after the other. `pages` are those of the site that are looked at."""

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
