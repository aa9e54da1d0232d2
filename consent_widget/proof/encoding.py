"""Bytes and numbers in lines of text. Each has one spelling only: nobody can change a line and keep its meaning."""

from __future__ import annotations

import base64
import binascii
import re

from ..errors import ProofError

NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def whole_number(text: str) -> int:
    """A number as these formats write it, without leading zeros; ProofError where it is none."""
    if not NUMBER.fullmatch(text) or int(text) >= 1 << 63:
        raise ProofError("A number is not written as it must be.")
    return int(text)


def encoded(data: bytes) -> str:
    """Bytes in Base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode()


def decoded(text: str, length: int | None = None) -> bytes:
    """Bytes from Base64, which has one spelling only; ProofError where it is none, or of another length."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or encoded(data) != text or length not in (None, len(data)):
        raise ProofError(f"This is not Base64{f' of {length} bytes' if length else ''}.")
    return data
