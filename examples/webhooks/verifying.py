"""Is a message genuine? Standard Webhooks 1.0 in a few lines; there are packages for most languages."""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode

from werkzeug.datastructures import Headers

#: A message older than this (seconds) may be one that somebody caught and sends again.
OLDEST = 300


def is_genuine(secret: str, headers: Headers, body: bytes) -> bool:
    """`body` must be the bytes as they came: JSON that was read and written anew has another signature."""
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp)) > OLDEST:
        return False
    key = b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((id.encode(), timestamp.encode(), body))
    expected = b"v1," + b64encode(hmac.digest(key, signed, "sha256"))
    sent = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(expected, each) for each in sent)
