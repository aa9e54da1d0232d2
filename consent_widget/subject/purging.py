"""Deletes the records that are older than the notice promises to keep them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from flask import current_app

from ..choice.act import Choice
from ..choice.keeping import stands_until
from ..days import months_before, today
from ..errors import ConfigurationError, StoreError
from ..notice.model import Notice
from ..site.site import Site
from .endings import announce_ended, wants_ends
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
        batch = []
        for history in histories:
            old = list(takewhile(lambda each: stands_until(each) < ended_before.get(each.notice, 0), history))
            if old and (dry_run or _all_told(site, history, result)):
                result.records.update(choice.notice for choice in old)
                result.visitors += 1
                batch += old
        if batch:
            yield batch


def _all_told(site: Site, history: list[Choice], result: Purged) -> bool:
    """Tell the site's code what has ended in this history, which nobody could tell once it is deleted."""
    try:
        if wants_ends(site):
            subject = history[0].subject
            announce_ended(site, subject, replay_subject(site, subject, history))
    except StoreError:
        raise
    except Exception:
        current_app.logger.exception("A listener of consent_ended failed.")
        result.failed += 1
        return False
    return True


def _months(notice: Notice | None) -> int | None:
    return notice.records_months if notice else None
