"""How far each receiver is, for operators: on the command line, on the officer's page, and for metrics."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings.webhooks import Receiver
from ..site.site import Site
from ..store import is_sql_store
from ..store.receivers import Progress
from ..store.sql import SQLStore


@dataclass(frozen=True, kw_only=True)
class ReceiverStatus:
    """One receiver. Times are milliseconds since 1970, 0 for never."""

    name: str
    #: `works`, `fails` (it is tried again), `stopped` (it answered 410 Gone), or `removed` from CONSENT_WEBHOOKS.
    state: str
    #: Messages that it has still to be sent, at least.
    waiting: int
    #: How many of these it did not take when they were sent, and of how many subjects.
    refused: int
    subjects: int
    #: When the oldest of them happened.
    oldest: int
    acknowledged: int
    #: What was wrong when something was, last.
    error: str
    tried: int

    @property
    def is_well(self) -> bool:
        """Does it take all that it is sent?"""
        return self.state == "works" and not self.refused


def receivers(site: Site) -> list[ReceiverStatus]:
    """All receivers that this site has, or had. Raises StoreError while the database is away."""
    store, named = site.store, {each.name: each for each in site.settings.webhooks}
    if not is_sql_store(store):
        return []
    return [_status(store, each, named.get(each.name)) for each in store.progress() if each.site == site.settings.site]


def _status(store: SQLStore, progress: Progress, receiver: Receiver | None) -> ReceiverStatus:
    records = receiver is not None and "choice.recorded" in receiver.events
    waiting, refused, subjects, oldest = store.backlog(progress, records=records)
    state = "stopped" if progress.stopped else "fails" if progress.failures else "works"
    return ReceiverStatus(
        name=progress.name,
        state=state if receiver else "removed",
        waiting=waiting,
        refused=refused,
        subjects=subjects,
        oldest=oldest or 0,
        acknowledged=progress.acknowledged,
        error=progress.error,
        tried=progress.tried,
    )
