"""What is known of a vendor's tag: who runs it, what it stores, how it is started, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ..text import Text

Kind = Literal["analytics", "advertising", "embed", "chat", "map", "captcha", "payment", "login", "other"]
Place = Literal["local", "session", "database"]
#: What makes the calls of a vendor wait until its script is there: an array of lists (`_hmt.push(["…"])`), an array of
#: items (`uetq.push("…", "…")`), a function that pushes its arguments, or an object with methods.
QueueKind = Literal["lists", "items", "function", "methods"]
Entry = Literal["pair", "timed"]
#: When a call is made:
#: - `before` anything else is said to the vendor, in every page;
#: - `grant`: the service may run now; `deny`: it ran, and may not any longer;
#: - `change`: the visitor has decided, and what the call says (its signals) is new;
#: - `start`: the tag is loaded now; `loaded`: its script is there; `open`: it is, and the visitor has pressed for it.
#: When a tag starts, its calls for `grant`, `change` and `start` are made in the order of the file, and before whatever
#: the page itself has said to the vendor until then.
Moment = Literal["before", "grant", "deny", "change", "start", "loaded", "open"]
#: Who says so: the vendor (its documents or its own script), public code or several sites' own statements that agree,
#: or a single collection of such facts.
By = Literal["vendor", "code", "collection"]


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie that the tag sets. `*` at the end of its name stands for any ending; `lifetime` is as in lifetimes.py.
    With `host` it is set there, where the site can neither read nor delete it.
    """

    name: str
    lifetime: str
    host: str | None = None


@dataclass(frozen=True, kw_only=True)
class Key:
    """What else the tag stores on the site: a key in local or session storage, or an IndexedDB database."""

    name: str
    place: Place = "local"


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What tells the vendor's tag where its host does not: on the site's own host (a tag gateway, a proxy, a server of
    one's own), or between vendors that share a host. Plain texts, compared as they stand: one that occurs in the path
    and query of its `address`es, or within a `script` of it.
    """

    address: tuple[str, ...] = ()
    script: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What differs from site to site; with `each`, from one embedded element of a page to the next. A value has to
    match all of `pattern` (a regular expression), which lets nothing through that could end a string, an attribute or
    an address. Without a `default` the notice or the element has to say it; an empty one means that it may be left out.
    """

    pattern: str
    example: str
    each: bool = False
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The stub in the page that keeps calls until the script is there: the global of this `name`. A function pushes
    onto its own property `at`, or with `at_global` onto the global array of that name; once there, the script takes
    calls by the function's property `forward`. An object with `methods` keeps `[method, …]` in itself, being an array,
    or in its property `at`, being a function then.

    `entry` says how else a call is kept: with `pair` as the method and a list of the arguments, with `timed` as the
    arguments and the time. `fields` are properties that the script expects of a stub; `lists` are further arrays in it,
    by their path, each with properties of its own. A method `people.set` is kept in the list `people`.
    """

    name: str
    kind: QueueKind
    at: str | None = None
    at_global: bool = False
    forward: str | None = None
    entry: Entry | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call to the vendor. It goes to the tag's queue; or with `to`, a global object, to that object's method, which
    is named first: as soon as that object is there. With `new` an object of the class `to` is made and becomes the
    global of that name. `once`: of several services with the same queue, only the first makes it. `given`: it is made
    only where the site gives this parameter.

    `{name}` in a text stands for a parameter, and is only ever inserted as data. A whole text may also stand for what
    only the page knows: `{now}` is the time, `{queue}` the queue, `{purposes}` a table of all purposes with true or
    false, and the name of a signal is what that signal says now. `{wait}` is how many milliseconds the vendor should
    wait for the visitor's choice, and its key is left out where the choice is there at once.
    """

    on: Moment
    call: tuple[object, ...]
    to: str | None = None
    new: str | None = None
    once: bool = False
    given: str | None = None


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One of the things that a vendor is told, such as Google's `ad_storage`. It says `yes` while the service may run
    and all these `purposes` of the notice are granted, and else `no`. Without `purposes` it says `no`, unless the site
    names some: that the service may run does not mean that much. Services with the same queue share their signals.
    """

    purposes: tuple[str, ...] | None = None
    yes: object = "granted"
    no: object = "denied"


@dataclass(frozen=True, kw_only=True)
class Tag:
    """How the tag is loaded: a `script` or a `frame`, by address, with these `attributes`; `globals` are set before,
    as data; the script `first`, if any, has to have run before. With `everywhere` it belongs to no place in a page, so
    the widget can load it on each.
    """

    script: str | None = None
    first: str | None = None
    frame: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    queue: Queue | None = None
    globals: Mapping[str, object] = field(default_factory=dict)
    everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Embed:
    """How the content stands at a place in a page. `page` is the vendor's own page with the same content, for visitors
    without JavaScript. `addresses` are those of the vendor that a parameter is read from: each a regular expression for
    host and path together, whose groups are parameters; `queries` says what a parameter is called in their queries,
    where it has another name there. `played` is added to the frame's query after a press.

    A script calls the function that the parameter `ready` of its address names as soon as it can be used; without one,
    it can be when it has loaded. Its calls are made for each element: a whole text `{element}` is the element that it
    fills, `{done}` a function that takes what the site's own scripts are to get; else they get the global `gives`.
    """

    page: str | None = None
    addresses: tuple[str, ...] = ()
    queries: Mapping[str, str] = field(default_factory=dict)
    played: Mapping[str, str] = field(default_factory=dict)
    ready: str | None = None
    gives: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who says so, of which facts: fields of the vendor (`hosts`), or single entries (`cookies._ga`). `date` is the day
    on which it was read, or that of the collection (YYYY-MM-DD).
    """

    of: tuple[str, ...]
    by: By
    title: str
    date: str
    url: str | None = None

    def covers(self, place: str) -> bool:
        """Does it say what the catalogue has at this place?"""
        return place in self.of or place.partition(".")[0] in self.of


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that the catalogue says, and who says so. Verified: the vendor does, or public code that agrees."""

    place: str
    sources: tuple[Source, ...]

    @property
    def verified(self) -> bool:
        """Is it more than a hint?"""
        return any(source.by != "collection" for source in self.sources)

    @property
    def date(self) -> str | None:
        """The day of its newest source. None: nobody was asked."""
        return max((source.date for source in self.sources), default=None)


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A vendor's tag. `id` is the name of its file; `country` is where the information goes (ISO 3166), the farthest
    one where there are several; `purpose` is what most sites use it for, by the names of the notice `minimal`.
    `known_as` is how readers of each language know the company, where they would not know it by its own name.
    `verified` says that every fact below is, and that none is missing.

    `cookies` and `storage` are empty only where a source says that it stores nothing of the kind. Of a vendor without
    either nobody knows, and visitors are told so. `marks` help to recognise the tag, and claim nothing.
    """

    id: str
    name: Text
    description: Text
    company: str
    known_as: Text | None = None
    country: str
    kind: Kind
    purpose: Literal["necessary", "functional", "analytics", "marketing"]
    verified: bool
    hosts: tuple[str, ...]
    cookies: tuple[Cookie, ...] | None = None
    storage: tuple[Key, ...] | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tag: Tag | None = None
    embed: Embed | None = None
    calls: tuple[Call, ...] = ()
    marks: Marks = Marks()
    signals: Mapping[str, Signal] = field(default_factory=dict)
    note: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def storage_unknown(self) -> bool:
        """Does nobody know what it stores?"""
        return self.cookies is None and self.storage is None

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Everything that it says of the vendor, each with its sources."""
        return tuple(
            Fact(place=place, sources=tuple(source for source in self.sources if source.covers(place)))
            for place in self._places()
        )

    def _places(self) -> Iterator[str]:
        yield from ("company", "country")
        yield from (f"hosts.{host}" for host in self.hosts)
        for name, stored in (("cookies", self.cookies), ("storage", self.storage)):
            yield from (f"{name}.{each.name}" for each in stored or ())
            if stored == ():
                yield name
        if self.tag:
            yield "tag"
        if self.calls:
            yield "calls"
