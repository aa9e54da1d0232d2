"""Makes vendors' tags and embeds in a page inert: by text that is put into their start tags, and by nothing else.

So everything else of the page stays as it is, byte for byte; and without what was put in, it is the page as it was. The
gates of the script (static/src/gates) open what they find.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from itertools import pairwise
from operator import itemgetter
from typing import Literal, NamedTuple

from ..vendors.addresses import host_of, hosts_in
from .known import Known, Party, calls_only
from .markup import BY_ATTRIBUTE, Attribute, Tag, tags

#: What a `<link>` is fetched for, by its `rel`. Others only name an address.
FETCHED = frozenset(
    (
        *("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "manifest", "stylesheet"),
        *("preload", "modulepreload", "prefetch", "prerender", "preconnect", "dns-prefetch"),
    )
)
#: Attributes that load something in elements of these names.
BY_ELEMENT = {
    "link": ("href", "imagesrcset"),
    "object": ("data",),
    "script": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
    "feimage": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}
#: What goes on when it is there, and so has to end.
PLAYING = ("iframe", "frame", "embed", "object", "video", "audio")
SERVICE = "data-consent-service"
#: What of a script gets another name: besides its type what it is in SVG, where not every browser looks at that.
RENAMED = ("type", "data-type", *BY_ELEMENT["script"])
#: Types of scripts that run, beside JavaScript in all its old names; all others are data.
SPECIAL = ("module", "importmap", "speculationrules")
JAVASCRIPT = re.compile(r"(?:text|application)/(?:x-)?(?:java|ecma|j|live)script(?:1\.[0-5])?", re.IGNORECASE)
#: In a page that has loaded, this replaces the whole page: such a script cannot run later.
WRITES = re.compile(r"\bdocument\s*\.\s*write(?:ln)?\b")
LINK = re.compile(r'(?:<[^>]*>|"(?:[^"\\]|\\.)*"|[^,<"])+')
REL = re.compile(r';\s*rel\s*=\s*"?([^";]*)', re.IGNORECASE)
#: How deep pages within pages (`srcdoc`) are read. Of what is still deeper only the hosts count that are named there.
DEEPEST = 5
CANDIDATE = re.compile(r"[^\s,]+")
#: The encodings of browsers in which a letter is not a byte, by how a page begins and by their names (Encoding, 4.2).
WIDE_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
WIDE = {"utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}

#: What becomes of a vendor's tags in a page: they are held back; they are live, as this visitor has agreed; or they are
#: live for everybody.
Fate = Literal["held", "granted", "free"]


class Gated(NamedTuple):
    """A page, or a part of one, that was looked through."""

    #: With all that was put in.
    body: bytes
    #: Everybody whom it asks, held back or not.
    parties: tuple[Party, ...] = ()
    #: Those of them whose tag stands in it although the widget loads it by itself: it stays inert.
    doubled: tuple[Party, ...] = ()


def gate(
    body: bytes,
    known: Known,
    own_host: str,
    fate: Callable[[Party], Fate],
    charset: str = "",
    seen: Iterable[Party] = (),
) -> Gated:
    """`body`, HTML as it is sent, with everything inert of those who are held back. What is live by the visitor's grant
    is marked, so that the script knows what has to end when they withdraw it (static/src/linked/live.js).

    `own_host` is the host of the page, `charset` what its header says, and `seen` are those whom an earlier part of the
    page asks. Each byte outside of what is put in stays as it is, whatever its encoding.
    """
    wide = WIDE_MARKS.get(body[:2]) or WIDE.get(charset.lower())
    if not wide and not seen and not known.signs.may_be_in(body):
        return Gated(body)
    # in the encodings of browsers that have ASCII in them, markup reads the same if each byte is one character
    try:
        text = body.decode(wide or "latin-1")
    except UnicodeDecodeError:
        return Gated(body)
    mark = 3 if body.startswith(BOM_UTF8) else int(text.startswith("\ufeff"))
    text = " " * mark + text[mark:]  # else it would be the first word of the page
    reading = _Reading(text, known, own_host, fate, list(seen))
    inserted = [(at, new.encode(wide or "ascii")) for at, new in reading.insertions()]
    parties, doubled = tuple(dict.fromkeys(reading.parties)), tuple(dict.fromkeys(reading.doubled))
    if wide:
        inserted = [(len(text[:at].encode(wide)), new) for at, new in inserted]
    return Gated(put_in(body, inserted), parties, doubled)


def without_links(header: str, known: Known, own_host: str, fate: Callable[[Party], Fate]) -> str:
    """A `Link` header (RFC 8288), which a browser obeys as it does a `<link>`, without what asks those held back."""
    links = [link for link in LINK.findall(header) if link.strip()]
    kept = []
    for link in links:
        address, rel = link.partition(">")[0].lstrip().removeprefix("<"), REL.search(link)
        is_fetched = rel and set(rel[1].lower().split()) & FETCHED
        if not is_fetched or not any(fate(party) == "held" for party in known.of_address(address, own_host)):
            kept.append(link.strip())
    return ", ".join(kept) if len(kept) < len(links) else header


def put_in(body: bytes, insertions: list[tuple[int, bytes]]) -> bytes:
    """`body` with each of these put in at its place."""
    if not insertions:
        return body
    insertions.sort(key=itemgetter(0))
    places = [0, *(at for at, _ in insertions), len(body)]
    parts = [body[begin:end] for begin, end in pairwise(places)]
    return b"".join(part + new for part, new in zip(parts, [*(new for _, new in insertions), b""], strict=True))


@dataclass
class _Reading:
    text: str
    known: Known
    own_host: str
    fate: Callable[[Party], Fate]
    parties: list[Party] = field(default_factory=list)
    doubled: list[Party] = field(default_factory=list)
    base_host: str = ""
    scripting: bool = True
    depth: int = 0

    def insertions(self) -> Iterator[tuple[int, str]]:
        found = tags(self.text, scripting=self.scripting)
        self.base_host = self._base(found) or self.base_host
        calls: list[tuple[Tag, list[Attribute]]] = []
        for tag in found:
            if tag.name == "noscript":
                yield from self._without_scripts(tag) if self.scripting else ()
                continue
            attributes = tag.attributes(self.text)
            if tag.name != "script":
                yield from self._element(tag, attributes)
            elif _runs(attributes):
                parties = self._of_script(tag, attributes)
                yield from self._script(tag, attributes, parties)
                if not parties and not _value(attributes, "src"):
                    calls.append((tag, attributes))
        for tag, attributes in calls:
            text = tag.inner
            called = [party for party in dict.fromkeys(self.parties) if calls_only(party, text)]
            yield from self._script(tag, attributes, called)

    def _without_scripts(self, tag: Tag) -> Iterator[tuple[int, str]]:
        """A browser that runs scripts reads no tags there, one that runs none does."""
        begin = tag.end(self.text)
        inner = self._inside(self.text[begin : begin + len(tag.inner)], scripting=False)
        yield from ((begin + at, new) for at, new in inner)

    def _inside(self, text: str, *, scripting: bool) -> Iterator[tuple[int, str]]:
        """The same for HTML within this page."""
        return replace(self, text=text, scripting=scripting, depth=self.depth + 1).insertions()

    def _base(self, found: list[Tag]) -> str:
        for tag in found:
            if tag.name == "base" and (href := _value(tag.attributes(self.text), "href")):
                return host_of(href)
        return ""

    def _of_script(self, tag: Tag, attributes: list[Attribute]) -> list[Party]:
        addresses = [each.value for each in attributes if each.name in ("src", *BY_ELEMENT["script"])]
        if not addresses:
            return self.known.of_script(tag.inner, self.own_host)
        return [party for address in addresses for party in self._asked(address, is_script=True)]

    def _script(self, tag: Tag, attributes: list[Attribute], parties: list[Party]) -> Iterator[tuple[int, str]]:
        """What makes a script inert: a type that no browser runs. Its own becomes `data-type`, which the gates give it
        back: of two with one name the first counts, but what WebKit loads ahead goes by the last.
        """
        held = self._held(parties)
        doubled = [party for party in parties if party.loaded and not calls_only(party, tag.inner)]
        self.doubled.extend(doubled)
        if not held and not doubled:
            yield from self._live(tag, attributes, parties)
            return
        # no gate opens what the widget loads by itself, nor what would replace the page
        names = {} if doubled or WRITES.search(tag.inner) else _gate(attributes, held)
        yield tag.name_end(self.text), _written({"type": "text/plain", **names})
        for each in attributes:
            if each.name in RENAMED:
                yield each.at, "data-"

    def _element(self, tag: Tag, attributes: list[Attribute]) -> Iterator[tuple[int, str]]:
        """What makes any other element inert: names of attributes that mean nothing to a browser."""
        rel = set(_value(attributes, "rel").lower().split())
        if tag.name == "link" and not rel & FETCHED:
            return
        names = (*BY_ATTRIBUTE, *BY_ELEMENT.get(tag.name, ()))
        asked = {each.at: self._asked_by(each) for each in attributes if each.name in names}
        held = {each.name: found for each in attributes if (found := self._held(asked.get(each.at, [])))}
        if not held:
            if tag.name in PLAYING:
                yield from self._live(tag, attributes, [party for found in asked.values() for party in found])
            return
        if parties := [party for name, found in held.items() if name != "ping" for party in found]:
            yield tag.name_end(self.text), _written(_gate(attributes, list(dict.fromkeys(parties))))
        for each in attributes:
            if each.name.removeprefix("data-") in held:  # one that is there already would count before ours
                yield each.at, "data-"

    def _live(self, tag: Tag, attributes: list[Attribute], parties: list[Party]) -> Iterator[tuple[int, str]]:
        granted = [party for party in dict.fromkeys(parties) if self.fate(party) == "granted"]
        if granted and not _has(attributes, "data-consent"):
            yield (
                tag.name_end(self.text),
                _written({"data-consent-granted": _purposes(granted), SERVICE: granted[0].id}),
            )

    def _asked_by(self, attribute: Attribute) -> list[Party]:
        if attribute.name == "srcdoc":
            if self.depth > DEEPEST:
                return [party for host in hosts_in(attribute.value) for party in self.known.at_host(host)]
            begin = len(self.parties)
            list(self._inside(attribute.value, scripting=self.scripting))
            return self.parties[begin:]
        several = attribute.name in ("srcset", "imagesrcset", "ping", "attributionsrc")
        addresses = CANDIDATE.findall(attribute.value) if several else [attribute.value]
        return [party for address in addresses for party in self._asked(address)]

    def _asked(self, address: str, *, is_script: bool = False) -> list[Party]:
        return self.known.of_address(address, self.own_host, self.base_host, is_script=is_script)

    def _held(self, parties: list[Party]) -> list[Party]:
        """Of those who are asked, the ones that are held back."""
        self.parties.extend(parties)
        return [party for party in dict.fromkeys(parties) if self.fate(party) == "held"]


def _runs(attributes: list[Attribute]) -> bool:
    """Is it a script, and not a block of data?"""
    type = _value(attributes, "type").strip()
    return not type or type.lower() in SPECIAL or bool(JAVASCRIPT.fullmatch(type))


def _gate(attributes: list[Attribute], parties: list[Party]) -> dict[str, str]:
    """The attributes that the gates read, unless the site has written its own."""
    if _has(attributes, "data-consent"):
        return {}
    return {"data-consent": _purposes(parties), SERVICE: parties[0].id}


def _purposes(parties: list[Party]) -> str:
    return " ".join(dict.fromkeys(purpose for party in parties for purpose in party.purposes))


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())


def _has(attributes: list[Attribute], name: str) -> bool:
    return any(each.name == name for each in attributes)


def _value(attributes: list[Attribute], name: str) -> str:
    return next((each.value for each in attributes if each.name == name), "")
