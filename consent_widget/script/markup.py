"""Finds the elements of a page that may load something, and says where they stand in its text.

turbohtml (the extra `gate`) builds the same tree as a browser, so what looks like a tag in a comment, in a text field
or in a script is none. Without it the standard library's parser does, more slowly, and knows less of broken pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

try:
    from turbohtml import Document, Element, Tokenizer, parse

    FAST = True
except ImportError:  # the extra is not installed, or there is no wheel for this interpreter
    FAST = False

#: The elements that are looked at, by their names; pictures are too many for that.
NAMES = (
    *("script", "noscript", "base", "link", "iframe", "frame", "embed", "object", "video", "audio", "source", "track"),
    *("image", "use", "feImage"),
)
ELSEWHERE = ("//", ":", "\\\\", "\\9 ", "\\a ")
PICTURES = ",".join(
    f"{picture}[{name}]:is({','.join(map(form.format, ELSEWHERE))})"
    for picture, name, form in (
        ("img", "src", '[src*="{}"]'),
        ("img", "srcset", '[srcset*="{}"]'),
        ("input", "src", '[src*="{}"]'),
    )
)
#: Attributes by which an element of any name may load something.
BY_ATTRIBUTE = ("src", "srcset", "srcdoc", "poster", "background", "ping", "attributionsrc")
SELDOM = "[background],[ping],[attributionsrc]"
#: In these elements nothing else is an element (HTML, 13.2.5: RCDATA, RAWTEXT and PLAINTEXT states).
TEXT_ONLY = frozenset({"textarea", "title", "style", "xmp", "iframe", "noembed", "noframes", "plaintext"})

FRAMESET = re.compile("<frameset", re.IGNORECASE)
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
        return [Attribute(each[1].lower(), each.start(1), _read(each[2] or each[3] or each[4] or "")) for each in found]


def _read(value: str) -> str:
    """What a value says. Of a page whose bytes are taken for one character each, its UTF-8 is read here."""
    if not value.isascii():
        with suppress(UnicodeError):
            value = value.encode("latin-1").decode()
    return unescape(value)


def tags(text: str, *, scripting: bool = True) -> list[Tag]:
    """Those of a page that may load something, in the order of the page. A browser that runs scripts reads none within
    `<noscript>`, and one that runs none (not `scripting`) does.
    """
    return list(_by_turbohtml(text, scripting) if FAST else _by_library(text))


def reader() -> Tokenizer | None:
    """Reads the tags of a page that comes in pieces, each with its text. None without turbohtml."""
    return Tokenizer(capture_source=True) if FAST else None


def _by_turbohtml(text: str, scripting: bool) -> Iterator[Tag]:
    # a line break of two characters would count as one; a browser ignores a further one wherever a tag may have it
    text = text.replace("\r", "\n")
    page = parse(text, scripting=scripting, allow_declarative_shadow_roots=False)
    found = _loading(page)
    if page.find("frameset"):  # it has frames alone, but browsers load ahead what else stands there
        text_again = FRAMESET.sub("<framesxt", text)
        found += _loading(parse(text_again, scripting=scripting, allow_declarative_shadow_roots=False))
    places = {(each.source_line, each.source_col or 0): each for each in found if each.source_line}
    before = [0, *accumulate(map(len, text.split("\n")))]  # without the line breaks
    for (line, column), element in sorted(places.items(), key=itemgetter(0)):
        name = element.tag.lower()
        if name == "noscript" and element.namespace.value != "html":
            continue  # in SVG it is an element like all others, and what is in it are elements
        yield Tag(name, before[line - 1] + line - 1 + column, element.text if name in ("script", "noscript") else "")


def _loading(page: Document) -> list[Element]:
    """The elements that may load something."""
    found = [element for name in NAMES for element in page.find_all(name)]
    found += page.select(SELDOM)
    # most pictures have a path for an address, which is this page's own unless a `<base>` says otherwise
    return found + page.select("img,input[src]" if page.find("base") else PICTURES)


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
        if tag in NAMES or any(name in BY_ATTRIBUTE for name, _ in attrs):
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
