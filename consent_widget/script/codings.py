"""The content codings that a page may have been given before it could be looked through (RFC 9110, 8.4.1)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple


class CodingError(Exception):
    """The bytes are not what their header says."""


class Coding(NamedTuple):
    """A coding, both ways."""

    decompress: Callable[[bytes], bytes]
    compress: Callable[[bytes], bytes]

    def decode(self, body: bytes) -> bytes:
        """The bytes without it, or CodingError."""
        try:
            return self.decompress(body)
        except Exception as error:  # each library has its own
            raise CodingError from error


CODINGS: Mapping[str, Coding] = {
    "": Coding(bytes, bytes),
    "identity": Coding(bytes, bytes),
    "gzip": Coding(gzip.decompress, lambda body: gzip.compress(body, 6, mtime=0)),
    "deflate": Coding(zlib.decompress, zlib.compress),
}
try:
    import brotli
except ImportError:  # there is no wheel for this interpreter
    pass
else:
    CODINGS = {**CODINGS, "br": Coding(brotli.decompress, lambda body: brotli.compress(body, quality=4))}
