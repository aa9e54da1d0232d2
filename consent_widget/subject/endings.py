"""Tells the site's own code when a grant has ended, so that it can stop and clear up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from flask import current_app

from ..choice.replay import Grant, Replay
from ..errors import StoreError
from ..signals import consent_ended
from ..site.site import Site
from ..store import is_sql_store
from ..store.protocol import RevivingStore
from .records import replay_subject, require_store_methods

#: So many subjects are looked at together: one query tells which of their ends were announced.
AT_ONCE = 200
#: The ends of so many are claimed in one commit. If the process is killed meanwhile, nobody is told of the rest.
CLAIMED_AT_ONCE = 20


def announce_ended(site: Site, subject: str, result: Replay | None = None) -> int:
    """Send `consent_ended` for each of a subject's grants that has ended and was not announced yet, and have receivers
    of messages told. Returns how many were announced. If a listener fails, its grants are announced to listeners again
    next time, and to receivers once.
    """
    if not wants_ends(site):
        return 0
    require_store_methods(site, "history", "claim_ends", "release_ends")
    announced, errors = _announce(site, {subject: result or replay_subject(site, subject)})
    if errors:
        raise errors[subject]
    return announced


def announce_ends_of(site: Site, results: Mapping[str, Replay]) -> tuple[int, Collection[str]]:
    """The same for many subjects, in few transactions. A listener that fails is logged, and all others are announced.
    Returns how many grants were announced, and the subjects for whom a listener failed.
    """
    announced, failed = 0, set[str]()
    news = iter(_with_news(site, results).items())
    while some := dict(islice(news, CLAIMED_AT_ONCE)):
        told, errors = _announce(site, some)
        for error in errors.values():
            current_app.logger.error("A listener of consent_ended failed.", exc_info=error)
        announced += told
        failed |= errors.keys()
    return announced, failed


def _announce(site: Site, results: Mapping[str, Replay]) -> tuple[int, Mapping[str, Exception]]:
    """For some subjects, claimed together: how many were announced, and what listeners raised."""
    untold, announced, errors = set(_claim(site, results)), 0, dict[str, Exception]()
    try:
        for subject, result in results.items():
            reasons = {result.ended[grant] for grant in untold.intersection(result.ended)}
            try:
                for reason in sorted(reasons):  # in a fixed order: where a listener fails, all later ones are released
                    grants = [grant for grant, ended in result.ended.items() if ended == reason and grant in untold]
                    send_consent_ended(subject, grants, reason)
                    untold.difference_update(grants)
                    announced += len(grants)
            except StoreError:
                raise
            except Exception as error:
                errors[subject] = error
    finally:
        if untold:
            _release(site, list(untold))
    return announced, errors


def _claim(site: Site, results: Mapping[str, Replay]) -> list[Grant]:
    """The ends that nobody has announced yet. They are this thread's to announce."""
    if not any(result.ended for result in results.values()):
        return []
    if site.settings.webhooks and is_sql_store(site.store):
        return site.store.claim_and_queue_ends(site.settings.site, results)
    ends = {grant: time for result in results.values() for grant, time in result.ended_at.items()}
    claimed: list[Grant] = require_store_methods(site, "claim_ends").claim_ends(ends)
    return claimed


def _release(site: Site, grants: list[Grant]) -> None:
    """These ends are to be announced again, to code of the app: receivers were told with the claim."""
    if site.settings.webhooks and is_sql_store(site.store):
        site.store.keep_written(grants)
    else:
        require_store_methods(site, "release_ends").release_ends(grants)


def wants_ends(site: Site) -> bool:
    """Is anybody told of ends: code of this app, or a receiver of messages?"""
    return has_listeners() or any("consent.ended" in receiver.events for receiver in site.settings.webhooks)


def has_listeners() -> bool:
    """Is any code of this app connected to `consent_ended`?"""
    return bool(consent_ended.has_receivers_for(current_app._get_current_object()))  # type: ignore[attr-defined]


def send_consent_ended(subject: str, grants: Collection[Grant], reason: str) -> None:
    """Send `consent_ended` to every listener."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    consent_ended.send(app, subject=subject, purposes=tuple(grant.key for grant in grants), reason=reason)


def announce_erased(subject: str, grants: Collection[Grant]) -> None:
    """Send `consent_ended` after an erasure. A listener that fails is logged: it neither brings the records back nor
    keeps the other listeners from being called.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for listener in consent_ended.receivers_for(app):
        try:
            listener(app, subject=subject, purposes=tuple(grant.key for grant in grants), reason="erased")
        except Exception:
            current_app.logger.exception("A listener of consent_ended failed after an erasure. It is not told again.")


def announce_ended_now(site: Site, subject: str) -> None:
    """Announce ended grants during a request, if code of this app listens. (For receivers of messages, that is done
    where these are sent.) A failure is only logged: the next `flask consent expire` tries again.
    """
    try:
        if has_listeners() and hasattr(site.store, "claim_ends"):
            announce_ended(site, subject)
    except StoreError as error:
        current_app.logger.error("The end of a consent could not be told: %s", error)
    except Exception:  # a listener's fault must not make a stored choice look lost
        current_app.logger.exception("A listener of consent_ended failed.")


def announce_all_ended(site: Site) -> tuple[int, int]:
    """Go through the records of every subject. Returns how many ended grants were announced, and for how many subjects
    a listener failed.
    """
    announced = failed = 0
    histories = require_store_methods(site, "histories", "claim_ends").histories(site.settings.site)
    while wants_ends(site) and (several := list(islice(histories, AT_ONCE))):
        results = {choices[0].subject: replay_subject(site, choices[0].subject, choices) for choices in several}
        _release_standing(site, results.values())
        told, unheard = announce_ends_of(site, results)
        announced, failed = announced + told, failed + len(unheard)
    return announced, failed


def _with_news(site: Site, results: Mapping[str, Replay]) -> Mapping[str, Replay]:
    """The subjects of whom an end may not have been announced. One query for all: mostly there is nothing to tell."""
    unclaimed = getattr(site.store, "unclaimed", set)
    untold = unclaimed({grant: time for result in results.values() for grant, time in result.ended_at.items()})
    return {subject: result for subject, result in results.items() if not untold.isdisjoint(result.ended)}


def _release_standing(site: Site, results: Iterable[Replay]) -> None:
    """A grant that had ended with its meaning, and stands again with it, is announced again when it ends again."""
    if isinstance(site.store, RevivingStore):
        standing = [grant for result in results for grant in result.grants.values()]
        if revived := site.store.claimed(standing):
            site.store.release_ends(revived)
