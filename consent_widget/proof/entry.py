"""What stands in the log for a record: a commitment to it, which tells nothing about it once its salt is deleted."""

from __future__ import annotations

import hashlib
import json
import os

from ..choice.act import Choice
from ..notice.canonical import canonical

#: How many random bytes keep somebody who knows the commitment from guessing the record.
SALT_BYTES = 16
ENCODE = json.JSONEncoder(
    ensure_ascii=False,
    separators=(",", ":"),
    sort_keys=True,
    check_circular=False,  # a record holds no record
).encode


def new_salt() -> bytes:
    """A random salt for one record."""
    return os.urandom(SALT_BYTES)


def canonical_record(choice: Choice) -> bytes:
    """The record as canonical JSON (RFC 8785), in UTF-8. It is what the commitment is about."""
    text = ENCODE(choice.plain())
    # beyond ASCII the names of purposes might be sorted otherwise
    return text.encode() if text.isascii() else canonical(choice.plain())


def commitment(salt: bytes, record: bytes) -> bytes:
    """SHA-256 of the salt and the canonical record: the entry of the log, 32 bytes."""
    return hashlib.sha256(salt + record).digest()
