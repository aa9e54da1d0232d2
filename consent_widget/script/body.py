"""A response body that is made once and sent to everybody."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Body:
    """Bytes that never change, and the same bytes compressed."""

    content: bytes
    mimetype: str

    @cached_property
    def hash(self) -> str:
        """Names the content in its URL and its ETag."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """The value of an `integrity` attribute (Subresource Integrity), for pages that pin the content."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.content).digest()).decode()

    @property
    def is_compressed(self) -> bool:
        """Was it sent before, so that it is compressed already?"""
        return "encodings" in vars(self)

    @cached_property
    def encodings(self) -> dict[str, bytes]:
        """The content by content coding, the smallest first."""
        content = self.content
        compressed = {"gzip": gzip.compress(content, 9, mtime=0), "identity": content}
        try:
            import brotli
        except ImportError:  # there is no wheel for this interpreter
            return compressed
        return {"br": brotli.compress(content, quality=11), **compressed}


class LateBody(Body):
    """A body that is made of its parts each time that its bytes are needed, which is seldom once it is compressed. The
    scripts of many sites are mostly the same, so their parts take a fraction of the memory.
    """

    def __init__(self, make: Callable[[], str], mimetype: str) -> None:
        object.__setattr__(self, "make", make)
        object.__setattr__(self, "mimetype", mimetype)

    @property
    def content(self) -> bytes:
        """The bytes, made anew."""
        text: str = object.__getattribute__(self, "make")()
        return text.encode()


@dataclass(frozen=True)
class StoredBody(Body):
    """The same, of another release: as it was compressed when it was stored."""

    gzipped: bytes

    @cached_property
    def encodings(self) -> dict[str, bytes]:
        """The content by content coding, the smallest first."""
        return {"gzip": self.gzipped, "identity": self.content}


def compact(data: object) -> str:
    """`data` as JSON without spaces, in real characters and not in escapes."""
    return COMPACT.encode(data)
