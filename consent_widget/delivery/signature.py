"""Signs messages as Standard Webhooks 1.0 has it (symmetric, `v1`): the receiver knows who sent them, and when."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable


def signatures(secrets: Iterable[bytes], id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature with each key, so that a receiver may know the old or the new one.
    `timestamp` is that of the attempt (seconds since 1970), or an old message could be sent again by whoever saw it.
    """
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    return " ".join(f"v1,{b64encode(hmac.digest(secret, signed, 'sha256')).decode()}" for secret in secrets)
