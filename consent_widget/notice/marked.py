"""What was added to a text and what was removed, word by word; in Chinese, character by character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

CHINESE = r"\u2E80-\u9FFF\uF900-\uFAFF\uFF00-\uFFEF"
LETTER, INSIDE = rf"[^\W{CHINESE}]", rf"[^\s,;:{CHINESE}]"
#: A word, number, address or citation (`6(1)(a)`); white space; or one character.
TOKEN = re.compile(rf"{LETTER}(?:{INSIDE}*(?:{LETTER}|\)))?|\s+|.", re.DOTALL)
#: A text of which less than this stayed is shown as replaced: one sees more in two sentences than in scattered words.
STAYED = 0.5
#: What stayed between two changes is repeated in both where it has no more characters than this.
SHORT = 3

Sign = Literal["del", "ins"] | None


def marked(before: str, after: str) -> list[tuple[Sign, str]]:
    """Both texts in one, as runs: removed (`del`), added (`ins`), or in both (None)."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if _is_long(block.a, block.size, old)]
    stayed = sum(len("".join(old[block.a : block.a + block.size])) for block in blocks)
    if stayed < STAYED * min(len(before), len(after)):
        blocks = []
    return list(_runs(old, new, [(block.a, block.b, block.size) for block in blocks]))


def _is_long(start: int, size: int, old: list[str]) -> bool:
    at_an_end = start == 0 or start + size == len(old)
    return bool(size) and (at_an_end or len("".join(old[start : start + size]).strip()) > SHORT)


def _runs(old: list[str], new: list[str], blocks: list[tuple[int, int, int]]) -> Iterator[tuple[Sign, str]]:
    was = now = 0
    for start, other, size in (*blocks, (len(old), len(new), 0)):
        runs: tuple[tuple[Sign, list[str]], ...] = (
            ("del", old[was:start]),
            ("ins", new[now:other]),
            (None, old[start : start + size]),
        )
        yield from ((sign, "".join(tokens)) for sign, tokens in runs if tokens)
        was, now = start + size, other + size
