"""What a store must do, and what it may do besides. Only Store is required; each other protocol makes one more ability
work. `consent_widget.testing` checks a store of your own against all that it claims.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from ..choice.account import Linked
from ..choice.act import Choice
from ..choice.replay import Grant
from ..choice.tally import Contexts, Showing, Tally


@runtime_checkable
class Store(Protocol):
    """Stores choices."""

    def add(self, choice: Choice) -> Choice:
        """Store `choice` and return it only once it is durable. Raise StoreError when it cannot be stored.

        If this `id` is already stored, store nothing and return that earlier choice: this one is a retry of it.

        Otherwise store `choice.placed_after(latest)` and return that very object, no copy: so a retry in the same
        millisecond is told apart. It belongs into the same transaction as the look-up: `latest` is the highest
        `seq` that is stored for its subject, None if there is none. That keeps a late grant from undoing a refusal; it
        raises StateMoved.
        """
        ...


@runtime_checkable
class HistoryStore(Protocol):
    """Can be read back: for a visitor's own page, answers outside a request, receipts, and children."""

    def history(self, subject: str) -> list[Choice]:
        """All choices of one subject, oldest first."""
        ...


@runtime_checkable
class KnowingStore(Protocol):
    """Can say whether a subject has records without reading them: so a choice takes no longer after thousands."""

    def knows(self, subject: str, site: str) -> bool:
        """Has a subject made any choice at this site that was not erased?"""
        ...


@runtime_checkable
class ErasingStore(Protocol):
    """Can erase: for visitors who ask for it."""

    def erase(self, subject: str) -> bool | None:
        """Delete everything about a subject for good. Return False while something of it is still left on the disk."""
        ...


@runtime_checkable
class AccountStore(Protocol):
    """Knows which subject the choices of an account are recorded under: for `CONSENT_ACCOUNT`. What erases a subject
    has to delete its link, too.
    """

    def linked(self, names: Sequence[bytes]) -> Linked | None:
        """The subject of the account that has one of these names (16 bytes each, the newest key's first); None where it
        has none yet. A link that is found under an older name is kept under the first one from now on.
        """
        ...

    def link(self, name: bytes, subject: str) -> Linked:
        """Make this the subject of an account that has none, and return the one that it has from now on: of two calls
        at the same moment both return the same.
        """
        ...

    def last_act(self, subject: str) -> int | None:
        """The highest `seq` that is stored for a subject, or None."""
        ...


@runtime_checkable
class NoticeStore(Protocol):
    """Knows earlier notices, so that grants made under them count. Without it only their refusals do.

    The widget does not hand the text to a store of your own: put it there yourself (`Notice.text` under
    `Notice.digest`).
    """

    def notice(self, digest: str) -> str | None:
        """The exact text that was stored for a digest, or None."""
        ...


@runtime_checkable
class SingleUseStore(Protocol):
    """Decides who uses a grant of a single use."""

    def use(self, subject: str, grant: Grant) -> bool:
        """Use up a grant of this subject. True for the first caller only, also among several processes; False where
        the subject has no choice of that id.
        """
        ...

    def uses(self, subject: str) -> Mapping[Grant, int]:
        """The grants of a subject that are used up, and when (milliseconds since 1970)."""
        ...


@runtime_checkable
class EndingStore(Protocol):
    """Remembers which ended grants were announced (the signal `consent_ended`)."""

    def claim_ends(self, grants: Mapping[Grant, int]) -> list[Grant]:
        """Those of `grants` that nobody has claimed yet, or not since the time when they ended (milliseconds since
        1970, 0 where that does not matter): one that ended, came back and ends again. They are claimed from now on, in
        every process.
        """
        ...

    def release_ends(self, grants: Collection[Grant]) -> None:
        """Give claims back: these ends could not be announced."""
        ...


@runtime_checkable
class RevivingStore(EndingStore, Protocol):
    """Can say which ends were announced, so that a grant which stands again is told again when it ends again."""

    def claimed(self, grants: Collection[Grant]) -> list[Grant]:
        """Those of `grants` that are claimed."""
        ...


@runtime_checkable
class HistoriesStore(Protocol):
    """Can go through all subjects: for `flask consent expire`."""

    def histories(self, site: str | None = None) -> Iterator[list[Choice]]:
        """The history of each subject in turn, of one site or of all."""
        ...


@runtime_checkable
class ExportingStore(Protocol):
    """Can list all records: for `flask consent export`."""

    def export(self, site: str | None = None) -> Iterable[Choice]:
        """Every choice, of one site or of all, oldest first."""
        ...


@runtime_checkable
class PurgingStore(Protocol):
    """Can delete what is old: for `flask consent purge`."""

    def answered(self, site: str = "") -> Collection[str]:
        """The digests of all notices that choices of a site answered, oldest first."""
        ...

    def ended_histories(self, day: int, site: str = "") -> Iterable[Sequence[list[Choice]]]:
        """The histories of at least those subjects of a site that have a choice with `valid_until` before `day`, some
        at a time.
        """
        ...

    def purge(self, batches: Iterable[Sequence[Choice]]) -> bool | None:
        """Delete these choices, and whether they were used up or announced, for good. Return False while something of
        them is still left on the disk.
        """
        ...


@runtime_checkable
class ReachableStore(Protocol):
    """Can say whether it works: for the health check."""

    def ping(self) -> None:
        """Raise StoreError when choices cannot be stored at the moment."""
        ...


@runtime_checkable
class ShowingsStore(Protocol):
    """Can keep how often the first layer was given: for the officer's page."""

    def add_shown(self, counted: Iterable[tuple[Showing, int]]) -> None:
        """Add these numbers to those that are stored. Other processes do the same at any time."""
        ...

    def shown(self, first: int, end: int, site: str = "") -> list[tuple[Showing, int]]:
        """The numbers of a site from day `first` on and before day `end` (days since 1970)."""
        ...


@runtime_checkable
class CountingStore(Protocol):
    """Can count records: for the officer's page."""

    def count_up(self, seconds: float) -> float:
        """Count what is not counted yet, for about so many seconds: how much of all is counted now, from 0 to 1. A
        store that counts anew each time returns 1.
        """
        ...

    def first_day(self, site: str = "") -> int | None:
        """The day (since 1970) of a site's first record, or None."""
        ...

    def tallies(self, first: int, end: int, site: str = "", step: int = 1) -> tuple[Contexts, list[Tally]]:
        """How many records of a site there are of each day from `first` on and before `end` (days since 1970), context
        and answers. With a `step` of 7, of each week that begins on a Monday.
        """
        ...
