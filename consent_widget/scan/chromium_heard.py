"""What Chromium's pages tell of themselves: what caused their requests, and the keys that they store."""

from __future__ import annotations

import asyncio
from time import monotonic, time
from typing import Any
from urllib.parse import urlsplit

from .browsers import Sent, Written
from .observed import Place

#: Seconds without a request after which nothing more is to come.
QUIET = 0.5


class Heard:
    """What has been told so far."""

    def __init__(self) -> None:
        self.written: list[Written] = []
        #: By address: what the first request to it was for, and from which page.
        self._causes: dict[str, tuple[str, str]] = {}
        self._stirred = 0.0

    def hear(self, method: str, params: dict[str, Any]) -> None:
        """An event of the DevTools protocol."""
        if method in ("Network.requestWillBeSent", "Target.attachedToTarget"):
            self._stirred = monotonic()
        if method == "Network.requestWillBeSent":
            self._causes.setdefault(params["request"]["url"], (_cause(params["initiator"]), params["documentURL"]))
        elif method == "Network.webSocketCreated":
            self._causes.setdefault(params["url"], (_cause(params.get("initiator", {})), ""))
        elif method == "DOMStorage.domStorageItemAdded":
            place: Place = "local" if params["storageId"]["isLocalStorage"] else "session"
            host = urlsplit(params["storageId"].get("securityOrigin") or params["storageId"]["storageKey"]).hostname
            self.written.append(Written(place=place, name=params["key"], host=host or "", at=time()))

    async def quiet(self) -> None:
        """Wait until nothing has been sent for a moment, but not long: workers have clocks of their own."""
        until = monotonic() + QUIET * 6
        while monotonic() < min(until, self._stirred + QUIET):
            await asyncio.sleep(QUIET / 5)

    def tell_causes(self, sent: list[Sent]) -> None:
        """Say of each request what caused it: the network's log knows only whose it was."""
        for each in sent:
            initiator, page = self._causes.get(each.url, ("", "")) if each.kind == "request" else ("", "")
            each.initiator, each.page = initiator or each.initiator, page or each.page


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
