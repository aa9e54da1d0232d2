"""Takes in records from a file: checked to the last line before the first is stored.

What is stored of an interrupted import is whole: run again, it goes on where it ended, because a record that is there
already is left alone. Imported records get numbers, salts and entries of the log now: it shows since when this database
has had them, and not that they were made when they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from ..choice.act import Choice
from ..choice.replay import Grant
from ..choice.written import read_record
from ..errors import NoticeError, RecordError
from ..notice.canonical import digest as sha256
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..site.site import Site
from .records import require_store_methods, text_of_notice
from .seen import Seen

#: How many records are looked up, and stored, at once.
BATCH = 500
#: How many lines with mistakes are named.
NAMED = 20


class Line(NamedTuple):
    """A line of a file: the fields of a record, or what is wrong with it."""

    number: int
    row: dict[str, object]
    wrong: str = ""


class Source(NamedTuple):
    """The records to take in: `lines` begins anew each time; `text` finds the text of a notice that lies beside them.
    Of them those are meant that say `site`, and were made from `first` on and before `end` (milliseconds since 1970).
    """

    lines: Callable[[], Iterable[Line]]
    text: Callable[[str], str | None]
    site: str
    first: int = 0
    end: int = 1 << 62


@dataclass
class Imported:
    """What came of it. `known`: were there already. `others`: of another site or time. `wrong`: so many lines cannot be
    taken in; the first are `named`, by number.
    """

    stored: int = 0
    known: int = 0
    others: int = 0
    wrong: int = 0
    named: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, number: int, error: RecordError) -> None:
        """Count a line that is wrong: a file may have millions."""
        self.wrong += 1
        if len(self.named) < NAMED:
            self.named.append((number, str(error)))


def check(site: Site, source: Source) -> Imported:
    """What an import would come to. Nothing is stored."""
    result = Imported()
    for batch in _new(site, source, result):
        result.stored += len(batch)
    return result


def take_in(site: Site, source: Source) -> Imported:
    """Store the records, which were checked before. If the file says something else now, it ends there."""
    store = require_store_methods(site, "take_in", "keep_notice")
    result, notices = Imported(), _Notices(site, source)
    kept = set[str]()
    for batch in _new(site, source, result):
        if result.wrong:
            break
        for digest in {choice.notice for choice in batch} - kept:
            store.keep_notice(digest, notices.text(digest))
            kept.add(digest)
        store.take_in(batch, [grant for choice in batch for grant in notices.used_up(choice)])
        result.stored += len(batch)
    return result


class _Notices:
    """The notices that records name, by digest."""

    def __init__(self, site: Site, source: Source) -> None:
        self._site, self._source = site, source
        self._found: dict[str, tuple[str, Notice | None]] = {}

    def text(self, digest: str) -> str:
        """The exact text; RecordError where it is neither here nor beside the records."""
        return self._find(digest)[0]

    def check(self, choice: Choice) -> None:
        """RecordError where the choice answers what its notice did not ask."""
        notice = self._find(choice.notice)[1]
        if notice and not choice.purposes.keys() <= notice.options.keys():
            raise RecordError("purposes names something that its notice does not ask about.")

    def used_up(self, choice: Choice) -> Iterator[Grant]:
        """The grants of a single use. Nobody can know whether they were used, so they are."""
        notice = self._find(choice.notice)[1]
        for key, granted in choice.purposes.items():
            if granted and notice and notice.options[key].purpose.consent == "single_use":
                yield Grant(choice.id, key)

    def _find(self, digest: str) -> tuple[str, Notice | None]:
        if digest not in self._found:
            text = text_of_notice(self._site, digest)
            if text is None:
                text = self._source.text(digest)
            if text is None or sha256(text) != digest:
                raise RecordError(
                    "notice: its text is neither here nor beside the records, or was altered. Import the folder or zip "
                    "file of the export, which has notices/<digest>.json."
                )
            try:
                self._found[digest] = text, stored_notice(text, digest)
            except (NoticeError, ValueError):  # of another release: what it says is kept, and cannot be compared
                self._found[digest] = text, None
        return self._found[digest]


def _new(site: Site, source: Source, result: Imported) -> Iterator[list[Choice]]:
    """The records that are not there yet, each with its `seq`, some at a time. Counts all others in `result`."""
    store = require_store_methods(site, "look_up")
    records = _read(site, source, result)
    with closing(Seen()) as seen:
        while batch := list(islice(records, BATCH)):
            known, latest = store.look_up([each.id for _, each in batch], {each.subject for _, each in batch})
            placed = []
            for number, choice in batch:
                try:
                    if new := _place(choice, known.get(choice.id), latest.get(choice.subject, (0, 0)), seen):
                        placed.append(new)
                    else:
                        result.known += 1
                except RecordError as error:
                    result.refuse(number, error)
            if placed:
                yield placed


def _read(site: Site, source: Source, result: Imported) -> Iterator[tuple[int, Choice]]:
    notices = _Notices(site, source)
    for line in source.lines():
        try:
            if line.wrong:
                raise RecordError(line.wrong)
            if line.row.get("site", "") != source.site:
                result.others += 1
                continue
            choice = read_record(line.row, site.settings.site)
            if not source.first <= choice.time < source.end:
                result.others += 1
                continue
            notices.check(choice)
            yield line.number, choice
        except RecordError as error:
            result.refuse(line.number, error)


def _place(choice: Choice, stored: Choice | None, latest: tuple[int, int], seen: Seen) -> Choice | None:
    """The record with its place among the acts of its subject; None where it is there already."""
    said = repr(sorted(choice.plain().items()))
    before = seen.is_same(choice.id, said)
    if before is not None:
        if not before:
            raise RecordError("Another line has the same id and says something else.")
        return None
    if stored:
        if replace(stored, seq=choice.seq or stored.seq) != replace(choice, seq=choice.seq or stored.seq):
            raise RecordError("Another record with this id is stored here, and says something else.")
        return None
    seq, time = map(max, seen.latest(choice.subject), latest)
    if not choice.seq:
        if choice.time < time:
            raise RecordError(
                "This visitor has a later act, further up or in the database. Sort the lines, the oldest first; what "
                "is older than the database has is not taken in, or else it would count as the newest."
            )
        choice = replace(choice, seq=seq + 1)
    elif choice.seq <= seq:
        raise RecordError("seq: this visitor has an act of the same or of a later number already.")
    seen.keep(choice.subject, choice.seq, choice.time)
    return choice
