"""What a scan needs of a browser, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .observed import Place


@dataclass(kw_only=True)
class Sent:
    """A request that a page made: when it left, in seconds since 1970, by what, from which page, and the names of the
    cookies that came back with the answer.
    """

    url: str
    at: float
    initiator: str = ""
    page: str = ""
    kind: str = "request"
    cookies: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Written:
    """Something that was stored, and when, in seconds since 1970: it may be gone a moment later."""

    place: Place
    name: str
    host: str
    at: float


class Tab(Protocol):
    """A page of the browser."""

    async def go(self, url: str) -> None:
        """Open an address, until its document is there. CannotLookError where it never is."""

    async def ask(self, expression: str) -> Any:
        """What a JavaScript expression comes to, in the page's own world; a promise is awaited. PageGoneError where the
        page does not answer, for example because it is just being left.
        """

    async def press(self) -> None:
        """Press Enter, as a person does, on what has the focus."""

    async def stir(self) -> None:
        """Do what many tags wait for: scroll, move the mouse, press a key; then let `patience` seconds pass."""

    async def in_frames(self, expression: str) -> list[Any]:
        """What an expression comes to in each frame of the page. Frames that do not answer are left out."""

    async def picture(self) -> bytes:
        """What is seen of it; empty where the browser cannot say."""

    async def close(self) -> None:
        """Leave the page, which then sends what it kept until then."""


class Browser(Protocol):
    """One browser that nobody has used, so one new visitor."""

    name: str

    async def open(self) -> Tab:
        """A new, empty tab."""

    async def cookies(self) -> Sequence[tuple[str, str]]:
        """Every cookie that the browser has: its name and its host."""

    async def site_of(self, host: str) -> str:
        """The part of a host name that its owner can set cookies on: `shop.example` of `www.shop.example`."""

    async def close(self) -> tuple[list[Sent], list[Written]]:
        """End the browser. Every request that its pages made since it was started, and all that they stored."""


class PageGoneError(Exception):
    """The page does not answer."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How the browsers are started. `hosts` maps names to other addresses (`"shop.example": "127.0.0.1:8000"`),
    `patience` is for how many seconds a page is watched once it is there, and `deadline` after how many it has to be.
    """

    program: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10
    deadline: float = 20
