"""Deletes the records that are older than the notice promises to keep them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from ..choice.act import Choice
from ..choice.keeping import stands_until
from ..days import months_before, today
from ..errors import ConfigurationError
from ..notice.model import Notice
from ..site.site import Site
from .endings import announce_ends_of, wants_ends
from .records import replay_subject, require_store_methods, shown_notice

NO_TERM = (
    "The notice does not say how long records are kept, so nothing is too old. Set records_months in it, and tell "
    "visitors: {records_months} in a text stands for the number."
)


@dataclass
class Purged:
    """What was deleted, or would be: `records` by the digest of the notice that they answered, of how many `visitors`.
    `failed` are visitors whose records stay, because a listener to `consent_ended` failed. `complete` is False while
    the deleted rows can still be read in the database's own files.
    """

    records: Counter[str] = field(default_factory=Counter)
    visitors: int = 0
    failed: int = 0
    complete: bool = True


def terms(site: Site) -> Mapping[str, int]:
    """For how many months records are kept once a choice has ended, by the digest of the notice that was answered: as
    that notice promised, or else as the one in effect does. ConfigurationError where none says it.
    """
    answered = require_store_methods(site, "answered").answered(site.settings.site)
    months = {digest: _months(shown_notice(site, digest)) or _months(site.notice) for digest in answered}
    if answered and not any(months.values()):
        raise ConfigurationError(NO_TERM)
    return {digest: number for digest, number in months.items() if number}


def purge(site: Site, *, dry_run: bool = False) -> Purged:
    """Delete what is too old at this site, and say what that was; with `dry_run` only say it. A record stays while its
    choice stands, for the notice's term after that, and while an earlier one of the same visitor stays: so no
    withdrawal goes before what it withdrew. Grants whose end the site's code was not told yet are announced first.
    """
    result, kept_months = Purged(), terms(site)
    if not kept_months:
        return result
    batches = _batches(site, kept_months, result, dry_run=dry_run)
    if dry_run:
        for _ in batches:
            pass
    else:
        result.complete = require_store_methods(site, "purge").purge(batches) is not False
    return result


def _batches(site: Site, kept_months: Mapping[str, int], result: Purged, *, dry_run: bool) -> Iterator[list[Choice]]:
    ended_before = {digest: months_before(today(), months) for digest, months in kept_months.items()}
    store = require_store_methods(site, "ended_histories")
    for histories in store.ended_histories(max(ended_before.values()), site.settings.site):
        too_old: dict[str, list[Choice]] = {}
        for history in histories:
            old = takewhile(lambda each: stands_until(each) < ended_before.get(each.notice, 0), history)
            too_old[history[0].subject] = list(old)
        untold = set() if dry_run else _not_told(site, [each for each in histories if too_old[each[0].subject]])
        result.failed += len(untold)
        batch = [choice for subject, old in too_old.items() if subject not in untold for choice in old]
        result.records.update(choice.notice for choice in batch)
        result.visitors += len({choice.subject for choice in batch})
        if batch:
            yield batch


def _not_told(site: Site, histories: Sequence[list[Choice]]) -> Collection[str]:
    """Tell the site's code what has ended there, which nobody could tell once it is deleted. Returns the subjects for
    whom a listener failed.
    """
    if not wants_ends(site):
        return set()
    results = {history[0].subject: replay_subject(site, history[0].subject, history) for history in histories}
    return announce_ends_of(site, results)[1]


def _months(notice: Notice | None) -> int | None:
    return notice.records_months if notice else None
