"""What receivers are sent: one event of one subject, as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..choice.act import Choice
from ..days import iso_moment

#: The version of this format. A new one is a new number; a receiver refuses what it does not know.
FORMAT = 1


@dataclass(frozen=True)
class Message:
    """One event, ready to be signed. `id` is the same at every attempt, so that receivers recognise what they have."""

    id: str
    subject: str
    body: bytes


def recorded(choice: Choice) -> Message:
    """`choice.recorded`, with the record as exports have it. Its id is the record's."""
    plain = choice.plain()
    body = _body("choice.recorded", str(plain["time"]), choice.site, plain)
    return Message(f"msg_{choice.id.replace('-', '')}", choice.subject, body)


def told(event: str, site: str, subject: str, time: int, detail: Mapping[str, object]) -> Message:
    """`consent.ended` or `subject.erased`, of a moment in milliseconds since 1970."""
    body = _body(event, iso_moment(time), site, {"subject": subject, **detail})
    return Message(f"msg_{hashlib.sha256(body).hexdigest()[:32]}", subject, body)


def _body(type: str, timestamp: str, site: str, data: Mapping[str, object]) -> bytes:
    """In ASCII, which means the same in whatever encoding a receiver reads it."""
    content = {"type": type, "timestamp": timestamp, "format": FORMAT, "site": site, "data": data}
    return json.dumps(content, separators=(",", ":")).encode()
