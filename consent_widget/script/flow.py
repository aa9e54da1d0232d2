"""The same for a page that is sent in pieces: each goes on as soon as it is certain where its tags begin and end."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .inert import Fate, Gated, gate
from .known import Known, Party
from .markup import TEXT_ONLY

if TYPE_CHECKING:
    from turbohtml import Tokenizer

#: What belongs together: within these, a tag is text, or means something else than outside.
TOGETHER = TEXT_ONLY | {"script", "noscript", "svg", "math"}
LINE_BREAK = re.compile("\n")
#: A piece that is kept waiting for longer than this many characters goes on nevertheless.
LONGEST = 1 << 20


def gate_pieces(
    tokenizer: Tokenizer,
    pieces: Iterable[bytes],
    known: Known,
    own_host: str,
    fate: Callable[[Party], Fate],
    tell: Callable[[Gated], object],
) -> Iterator[bytes]:
    """The pieces of a page as they come, gated. What is kept back is at most a tag that is not complete, or a script.
    `tell` is told what each part asks. Where the pieces come from is closed with this.
    """
    waiting, seen = "", dict[Party, None]()
    line, column = 1, 0
    lines = [0]  # where the lines begin in what waits; counted as they come, as much may wait for long
    inside: list[str] = []

    def gated(text: str) -> bytes:
        part = gate(text.encode("latin-1"), known, own_host, fate, "", seen)
        seen.update(dict.fromkeys(part.parties))
        tell(part)
        return part.body

    try:
        for piece in pieces:
            text = piece.decode("latin-1")
            plain = text.replace("\r", "\n")
            lines += [len(waiting) + found.end() for found in LINE_BREAK.finditer(plain)]
            waiting += text
            certain = 0
            for token in tokenizer.feed(plain):
                if not token.tag or not token.source:
                    continue
                start = lines[token.line - line] + token.col - (column if token.line == line else 0)
                if not inside:
                    certain = start
                if not token.self_closing or token.tag in ("script", "noscript"):
                    _enter_or_leave(inside, token.tag, is_start=not token.source.startswith("</"))
                if not inside:
                    certain = start + len(token.source)
            if not inside:
                begin = waiting.find("<", certain)  # what begins no tag is text
                certain = len(waiting) if begin < 0 else begin
            elif len(waiting) > LONGEST:
                certain = len(waiting)
            if certain:
                gone, waiting = waiting[:certain], waiting[certain:]
                breaks = bisect(lines, certain) - 1
                line, column = line + breaks, certain - lines[breaks] + (0 if breaks else column)
                lines = [0, *(begin - certain for begin in lines[breaks + 1 :])]
                yield gated(gone)
        if waiting:
            yield gated(waiting)
    finally:
        if close := getattr(pieces, "close", None):
            close()


def _enter_or_leave(inside: list[str], tag: str, *, is_start: bool) -> None:
    if is_start and tag in TOGETHER:
        inside.append(tag)
    elif not is_start and inside and tag == inside[-1]:
        inside.pop()
