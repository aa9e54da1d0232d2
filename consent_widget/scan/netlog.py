"""Reads Chromium's own log of the network (`--log-net-log`). The DevTools protocol tells of the requests of pages that
are still there; the log tells of all: beacons of a page that was left, shared workers, every hop of a redirect.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .browsers import Sent, Written
from .headers import connected_ahead, cookie_names

STARTED, SENT, ANSWERED, KEPT = (
    "URL_REQUEST_START_JOB",
    "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_READ_RESPONSE_HEADERS",
    "COOKIE_STORE_COOKIE_ADDED",
)
#: What the log has as the initiator of requests that no page made: the address that was entered, and the browser's own.
NO_ORIGIN = "not an origin"


def read_log(path: Path) -> tuple[list[Sent], list[Written]]:
    """Every request that pages made, in order, and every cookie that was stored. What the browser asks for itself, such
    as updates, is left out.
    """
    log = _parsed(path)
    types = {number: name for name, number in log["constants"]["logEventTypes"].items()}
    offset = int(log["constants"]["timeTickOffset"])
    found = list(_found(log["events"], types, offset))
    return [each for each in found if isinstance(each, Sent)], [each for each in found if isinstance(each, Written)]


def _parsed(path: Path) -> Any:
    """The log. Where the browser came to a sudden end, its last lines are missing."""
    text = path.read_text("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        whole = text[: text.rindex("},\n") + 1]
        return json.loads(whole + "]}")


def _found(events: list[dict[str, Any]], types: dict[int, str], offset: int) -> Iterator[Sent | Written]:
    current: dict[int, Sent] = {}
    for event in events:
        kind, source, params = types[event["type"]], event["source"]["id"], event.get("params", {})
        at = (int(event["time"]) + offset) / 1000
        if kind == STARTED and "url" in params:
            current.pop(source, None)
            origin = params.get("initiator", NO_ORIGIN)
            if urlsplit(params["url"]).scheme not in ("http", "https", "ws", "wss"):
                continue
            if origin != NO_ORIGIN or params.get("request_type") == "main frame":
                current[source] = Sent(url=params["url"], at=at, initiator="" if origin == NO_ORIGIN else origin)
                yield current[source]
        elif kind == KEPT and "name" in params:
            yield Written(place="cookie", name=params["name"], host=params["domain"].lstrip("."), at=at)
        elif source in current and kind == SENT:
            current[source].page = "".join(_values(params, "referer")[-1:])
        elif source in current and kind == ANSWERED:
            current[source].cookies += cookie_names(_values(params, "set-cookie"))
            yield from connected_ahead(_values(params, "link"), current[source].url, at)


def _values(params: dict[str, Any], name: str) -> list[str]:
    pairs = (line.partition(":") for line in params.get("headers", ()) if isinstance(line, str))
    return [value.strip() for key, _, value in pairs if key.lower() == name]
