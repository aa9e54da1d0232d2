"""Finds the elements of a page that may load something, and says where they stand in its text.

turbohtml (the extra `gate`) builds the same tree as a browser, so what looks like a tag in a comment, in a text field
or in a script is none. Without it the standard library's parser does, more slowly, and knows less of broken pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate
from typing import NamedTuple

try:
    from turbohtml import Tokenizer, parse

    FAST = True
except ImportError:  # the extra is not installed, or there is no wheel for this interpreter
    FAST = False

#: The elements that are looked at, whatever their attributes are.
BY_NAME = ("script", "noscript", "base", "link", "object", "image", "use", "feimage")
#: Attributes by which an element of any name may load something.
BY_ATTRIBUTE = ("src", "srcset", "srcdoc", "poster", "background", "ping", "attributionsrc")
#: What an address to another host has in it. All others need not be looked at, unless a `<base>` says otherwise.
ELSEWHERE = ("//", ":", "\\\\", "\\9 ", "\\a ")


def _holding(name: str) -> str:
    return ",".join(f'[{name}*="{sign}"]' for sign in ELSEWHERE)


NAMES = (*BY_NAME, "feImage")
ANY = ",".join((*NAMES, *(f"[{name}]" for name in BY_ATTRIBUTE)))
ABSOLUTE = ",".join((*NAMES, *(f"[{name}]:is({_holding(name)})" for name in BY_ATTRIBUTE)))
#: In these elements nothing else is an element (HTML, 13.2.5: RCDATA, RAWTEXT and PLAINTEXT states).
TEXT_ONLY = frozenset({"textarea", "title", "style", "xmp", "iframe", "noembed", "noframes", "plaintext"})

BLANK = "\t\n\f\r "
#: One attribute (HTML, 13.2.5.32 to 13.2.5.38). A name may begin with what looks odd; a value needs no quotes.
_ATTRIBUTE = (
    rf"[{BLANK}/]*+([^{BLANK}/>][^{BLANK}/>=]*+)"
    rf"(?:[{BLANK}]*+=[{BLANK}]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^{BLANK}>\"'][^{BLANK}>]*+)?))?+"
)
ATTRIBUTE = re.compile(_ATTRIBUTE)
NAME = re.compile(rf"<[^{BLANK}/>]*+")
TAG = re.compile(rf"{NAME.pattern}(?:{_ATTRIBUTE})*+[{BLANK}/]*+>")


class Attribute(NamedTuple):
    """An attribute as it is written: its name in lower case, where that stands, and what it says."""

    name: str
    at: int
    value: str


class Tag(NamedTuple):
    """A start tag: the element's name in lower case, where the tag begins, and the text within the element: that of a
    script, or what is shown without scripts.
    """

    name: str
    start: int
    inner: str

    def name_end(self, text: str) -> int:
        """Where the name ends, as it is written."""
        found = NAME.match(text, self.start)
        return found.end() if found else self.start

    def end(self, text: str) -> int:
        """Where the tag ends."""
        found = TAG.match(text, self.start)
        return found.end() if found else self.start

    def attributes(self, text: str) -> list[Attribute]:
        """Its attributes, also those that stand twice: only the first counts."""
        found = ATTRIBUTE.finditer(text, self.name_end(text), self.end(text) - 1)
        return [
            Attribute(each[1].lower(), each.start(1), unescape(each[2] or each[3] or each[4] or "")) for each in found
        ]


def tags(text: str) -> list[Tag]:
    """Those of a page that may load something, in the order of the page."""
    return list(_by_turbohtml(text) if FAST else _by_library(text))


def reader() -> Tokenizer | None:
    """Reads the tags of a page that comes in pieces, each with its text. None without turbohtml."""
    return Tokenizer(capture_source=True) if FAST else None


def _by_turbohtml(text: str) -> Iterator[Tag]:
    # a line break of two characters would count as one; a browser ignores a further one wherever a tag may have it
    text = text.replace("\r", "\n")
    page = parse(text, scripting=True, allow_declarative_shadow_roots=False)
    lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    for element in page.select(ANY if page.select_one("base[href]") else ABSOLUTE):
        if element.source_line is None or element.source_col is None:
            continue
        start, name = lines[element.source_line - 1] + element.source_col, element.tag.lower()
        yield Tag(name, start, element.text if name in ("script", "noscript") else "")


def _by_library(text: str) -> Iterator[Tag]:
    parser = _Parser(text)
    parser.feed(text)
    yield from parser.found


class _Parser(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Tag] = []
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, unless it is text."""
        if self._inside:
            return
        self._inside = tag if tag in TEXT_ONLY else ""
        if tag in BY_NAME or any(name in BY_ATTRIBUTE for name, _ in attrs):
            line, column = self.getpos()
            self.found.append(Tag(tag, self._lines[line - 1] + column, ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A slash at the end of a tag means nothing in HTML."""
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        """The text of a script."""
        if self.cdata_elem == "script" and self.found and self.found[-1].name == "script":
            self.found[-1] = self.found[-1]._replace(inner=self.found[-1].inner + data)

    def handle_endtag(self, tag: str) -> None:
        """A text has ended."""
        if self._inside == tag:
            self._inside = ""
