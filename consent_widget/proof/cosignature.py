"""What a witness signs: at this time, this was the largest tree of the log that it saw (c2sp.org/tlog-cosignature,
Ed25519, version 1). Its signature is the time in eight bytes, and Ed25519's 64.
"""

from __future__ import annotations

#: Bytes of a cosignature.
LENGTH = 8 + 64


def cosigned_text(checkpoint: str, time: int) -> str:
    """The text that is signed, for the text of a checkpoint and a time (seconds since 1970)."""
    return f"cosignature/v1\ntime {time}\n{checkpoint}"


def timestamp_of(cosignature: bytes) -> int | None:
    """When it was made (seconds since 1970). None where these bytes are no cosignature."""
    time = int.from_bytes(cosignature[:8], "big")
    return time if len(cosignature) == LENGTH and time < 1 << 63 else None
