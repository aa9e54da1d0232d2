"""Whether the bytes of a page may name a known host. Every page is asked, so this is what must be fast.

Each search begins with one certain byte, which `re` looks for at the speed of memory. A page of 100 kB takes 0.1 ms; to
read its tags takes ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: What ends a label of a host, as one byte.
SPACED = bytes(byte if (chr(byte).isalnum() and byte < 128) or byte in b"-_" else 32 for byte in range(256)).lower()
#: The longest label (RFC 1035, 2.3.4).
LABEL = 63
#: A byte before a label that may be a part of it, written in another way: what a browser removes, a reference (it need
#: not end with a semicolon), an escape, or a letter beyond ASCII.
ODD = frozenset(b"\t\n\r;&#%\\") | frozenset(range(128, 256))
#: The dot before the last label, written in another way: as a reference, escaped, or as one of the full stops that
#: stand for it (UTS 46), in UTF-8; with the byte that each begins with.
HIDDEN = tuple(
    (pattern[:1], re.compile(pattern))
    for pattern in (
        rb"&(?:#0*46(?!\d)|#[xX]0*2[eE](?![0-9a-fA-F])|period;)",
        rb"%(?:2[eE]|[eE][fF]%[bB]|[eE]3%80%82)",
        b"\xe3\x80\x82[a-zA-Z&%\xef]",
        b"\xef(?:\xbc\x8e|\xbd\xa1)[a-zA-Z&%\xef]",
    )
)
SCRIPT = re.compile(rb"<[sS][cC][rR][iI][pP][tT][^>]*")


class Signs:
    """What shows that a page may name one of these hosts, or one of these `marks` of a script on its own host."""

    def __init__(self, hosts: Iterable[str], marks: Iterable[bytes]) -> None:
        hosts = list(hosts)
        self._bare = tuple(host.encode() for host in hosts if "." not in host)
        parts = [host.rpartition(".") for host in hosts if "." in host]
        self._labels = {before.rpartition(".")[2].encode() for before, _, _ in parts}
        self._marks = tuple(marks)
        # a dot and a last label of a known host; or one that is broken, or goes on in another way
        ends = sorted({end for _, _, end in parts})
        first = "".join({end[:1] + end[:1].upper() for end in ends})
        either = "|".join("".join(f"[{letter}{letter.upper()}]" for letter in end) for end in ends) or "(?!)"
        broken = r"[a-zA-Z]{0,7}(?:[\t\n\r]+[a-zA-Z]|&[#a-zA-Z]+|%[2-7]|[\x80-\xff])"
        dots = rf"\.(?=[{first}\t\n\r&%\x80-\xff])(?:(?:{either})(?![\w-])|{broken})"
        self._dots = re.compile(dots.encode("latin-1"))

    def may_be_in(self, body: bytes) -> bool:
        """False only where nothing in a page asks anybody known, however its addresses are written."""
        for found in self._dots.finditer(body):
            at = found.start()
            before = body[max(at - LABEL - 1, 0) : at]
            label = before.translate(SPACED).rpartition(b" ")[2]
            if label in self._labels or (len(label) < len(before) and before[-len(label) - 1] in ODD):
                return True
        if any(first in body and sign.search(body) for first, sign in HIDDEN):
            return True
        if any(name in body for name in self._bare):
            return True
        scripts = SCRIPT.findall(body) if self._marks else ()
        return any(mark in tag for tag in scripts for mark in self._marks)
