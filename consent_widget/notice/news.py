"""What visitors who have not seen a notice are told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .changes import Difference, changes, entries_since, gravest
from .fields import ChangeClass
from .model import Notice
from .parts import Change, Successor
from .publishing import Version


@dataclass(frozen=True, kw_only=True)
class News:
    """What a visitor who last saw `before` is told about `after`. `announced`: that one takes effect on a later day.
    `entries` are what `after` itself lists as changed. `ahead` is announced to follow `after`, where that is worth
    telling: who leaves this news unread still learns of that one before its day.
    """

    before: Notice
    after: Notice
    announced: bool
    differences: tuple[Difference, ...]
    entries: tuple[Change, ...]
    change_class: ChangeClass
    ahead: Notice | None = None

    @property
    def worth_telling(self) -> bool:
        """Is it more than wording? Then the site announces it."""
        return self.change_class != "editorial"

    @property
    def successor(self) -> Successor | None:
        """Who takes the site over, where this news says so."""
        return next((entry.successor for entry in self.entries if entry.successor), None)


def make_news(current: Notice, announced: Notice | None, versions: Sequence[Version]) -> Mapping[str, News]:
    """The news for each visitor, by the first eight digits of the digest of the notice that they saw last
    (State.notice). Those who saw the current notice, or one that differs by wording alone, are told of the
    announced one; all others of the current one, and that another follows.
    """
    coming = _news(current, announced, announced=True) if announced else None
    ahead = announced if coming and coming.worth_telling else None
    news = {}
    for version in versions:
        if coming and version.digest == current.digest:
            news[version.digest[:8]] = coming
        elif version.digest not in (current.digest, announced and announced.digest):
            since = replace(_news(version.notice, current, announced=False), ahead=ahead)
            if ahead and not since.worth_telling:
                since = _news(version.notice, ahead, announced=True)
            news[version.digest[:8]] = since
    return news


def _news(before: Notice, after: Notice, *, announced: bool) -> News:
    differences, entries = changes(before, after), entries_since(before, after)
    return News(
        before=before,
        after=after,
        announced=announced,
        differences=differences,
        entries=entries,
        change_class=gravest(differences, entries),
    )
