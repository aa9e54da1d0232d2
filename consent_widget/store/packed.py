"""Names and answers in few bytes, as the database keeps them."""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence

#: A random name of 128 bits, as `new_subject` makes them: the last character holds two bits.
SUBJECT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: How long either is.
LENGTH = 16
#: Ends any other text, and is no part of one in UTF-8.
END = b"\xff"


def subject_to_bytes(subject: str) -> bytes:
    """16 bytes; more, or fewer, of a name that was not made here."""
    if not SUBJECT.fullmatch(subject):
        return _other_to_bytes(subject)
    return a2b_base64(subject.replace("-", "+").replace("_", "/") + "==")


def subject_from_bytes(name: bytes) -> str:
    """The subject."""
    if len(name) != LENGTH:
        return _other_from_bytes(name)
    return b2a_base64(name, newline=False)[:22].decode().replace("+", "-").replace("/", "_")  # exports are long


def id_to_bytes(id: str) -> bytes:
    """16 bytes of a UUID; more, or fewer, of another id."""
    return bytes.fromhex(id.replace("-", "")) if UUID.fullmatch(id) else _other_to_bytes(id)


def id_from_bytes(name: bytes) -> str:
    """The id."""
    if len(name) != LENGTH:
        return _other_from_bytes(name)
    text = name.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def ids_beginning(text: str) -> tuple[bytes, bytes] | None:
    """The least and the greatest UUID that begins so; None where none does."""
    least, greatest = text + _ZEROS[len(text) :], text + _ZEROS.replace("0", "f")[len(text) :]
    return (id_to_bytes(least), id_to_bytes(greatest)) if UUID.fullmatch(least) else None


def answers_to_bytes(keys: Sequence[str], purposes: Mapping[str, bool]) -> bytes:
    """Bit i, from the lowest of the first byte on, says whether the option `keys[i]` was granted."""
    bits = 0
    for place, key in enumerate(keys):
        if purposes[key]:
            bits |= 1 << place
    return bits.to_bytes((len(keys) + 7) // 8, "little")


def answers_from_bytes(keys: Sequence[str], answers: bytes) -> dict[str, bool]:
    """The answers by option."""
    bits = int.from_bytes(answers, "little")
    return {key: bool(bits >> place & 1) for place, key in enumerate(keys)}


_ZEROS = "00000000-0000-0000-0000-000000000000"


def _other_to_bytes(name: str) -> bytes:
    text = name.encode("utf-8", "surrogatepass") + END
    return text if len(text) != LENGTH else text + END


def _other_from_bytes(name: bytes) -> str:
    return name.rstrip(END).decode("utf-8", "surrogatepass")
