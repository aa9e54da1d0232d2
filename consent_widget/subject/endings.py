"""Tells the site's own code when something that was granted no longer is, so that it can stop and clear up."""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app

from ..choice.act import Choice
from ..choice.replay import Grant
from ..errors import StoreError
from ..signals import consent_ended
from ..site.site import Site
from .records import replay_subject, require_store_methods


def announce_ended(site: Site, subject: str, choices: list[Choice] | None = None) -> int:
    """Send `consent_ended` for every grant of a subject that has ended and was not told yet; how many those were.
    A grant whose listener failed is told again another time.
    """
    if not has_listeners():
        return 0
    store = require_store_methods(site, "history", "claim_ends", "release_ends")
    ended = replay_subject(site, subject, choices).ended
    mine = store.claim_ends(ended) if ended else []
    for reason in sorted({ended[grant] for grant in mine}):  # in order, so that it is known which are told
        grants = [grant for grant in mine if ended[grant] == reason]
        try:
            send_consent_ended(subject, grants, reason)
        except BaseException:
            store.release_ends([grant for grant in mine if ended[grant] >= reason])
            raise
    return len(mine)


def has_listeners() -> bool:
    """Does any code of this app listen?"""
    return bool(consent_ended.has_receivers_for(current_app._get_current_object()))  # type: ignore[attr-defined]


def send_consent_ended(subject: str, grants: Collection[Grant], reason: str) -> None:
    """Tell every listener."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    consent_ended.send(app, subject=subject, purposes=tuple(grant.key for grant in grants), reason=reason)


def announce_erased(subject: str, grants: Collection[Grant]) -> None:
    """Tell every listener, once the records are gone: one that fails is logged, and neither brings them back nor keeps
    the others from hearing of it.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for listener in consent_ended.receivers_for(app):
        try:
            listener(app, subject=subject, purposes=tuple(grant.key for grant in grants), reason="erased")
        except Exception:
            current_app.logger.exception("A listener of consent_ended failed after an erasure. It is not told again.")


def announce_ended_now(site: Site, subject: str) -> None:
    """As far as it goes during a request: what fails here is logged, and told by the next `flask consent expire`."""
    try:
        if hasattr(site.store, "claim_ends"):
            announce_ended(site, subject)
    except StoreError as error:
        current_app.logger.error("The end of a consent could not be told: %s", error)
    except Exception:  # a listener's fault must not make a kept choice look lost
        current_app.logger.exception("A listener of consent_ended failed.")


def announce_all_ended(site: Site) -> tuple[int, int]:
    """Go through the records of every subject: how many ended grants were told, and how many could not be."""
    told = failed = 0
    histories = require_store_methods(site, "histories", "claim_ends").histories
    for choices in histories(site.settings.site):
        try:
            told += announce_ended(site, choices[0].subject, choices)
        except StoreError:
            raise
        except Exception:
            current_app.logger.exception("A listener of consent_ended failed.")
            failed += 1
    return told, failed
