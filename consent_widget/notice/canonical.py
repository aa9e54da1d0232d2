"""Canonical JSON (RFC 8785): equal values have the same text, and so the same SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring

from ..errors import ConsentError

MAX_SAFE_INTEGER = 2**53 - 1


def canonical(value: object) -> bytes:
    """The canonical UTF-8 bytes of `value`. ConsentError for floats, which no notice needs and which programming
    languages write differently (RFC 8785, 3.2.2.3), for integers beyond 2^53-1, and for what JSON does not have.
    """
    return _text(value).encode()


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            raise ConsentError("An integer beyond 2^53-1 cannot be made canonical. Use a string.")
        return str(value)
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{_text(str(key))}:{_text(item)}" for key, item in pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(_text, value)) + "]"
    raise ConsentError(f"{type(value).__name__} cannot be made canonical. Use text, whole numbers, lists and tables.")
