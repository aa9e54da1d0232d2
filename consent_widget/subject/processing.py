"""What may be done with somebody's information now, for back-office code and jobs: by subject, asked of the store and
not of a cookie. Needs an app context and no request.

Withdrawal, expiry and a changed meaning count, and the newest choice wins. While the store is away these raise
StoreError: then do nothing.
"""

from __future__ import annotations

from ..choice import policy
from ..days import today
from ..errors import ConfigurationError
from ..notice.parts import Purpose
from ..site.site import Site, current_site
from .endings import announce_erased
from .records import history, replay_subject, require_store_methods


def granted(subject: str | None, purpose: str, recipient: str | None = None, *, gpc: bool = False) -> bool:
    """May this subject's information be used for `purpose`? With separate consent: given to `recipient`.
    `gpc` says that the opt-out signal is known to be on.
    """
    site = current_site()
    require_purpose(site, purpose, recipient)
    if not subject:
        return False
    state = replay_subject(site, subject).state
    return policy.permits(site.notice, state, purpose, gpc=gpc, today=today(), recipient=recipient)


def may_share(subject: str | None, recipient: str, purpose: str | None = None, *, gpc: bool = False) -> bool:
    """May this subject's information be passed to the named recipient? Where the notice names him for
    several purposes, say for which.
    """
    site = current_site()
    named = next((each for each in site.notice.recipients if each.id == recipient), None)
    if named is None:
        raise ConfigurationError(f"The notice names no recipient {recipient!r}. Check the id where it is asked for.")
    if purpose is None and len(named.purposes) > 1:
        raise ConfigurationError(
            f"{recipient!r} is named for several purposes. Say which: {', '.join(named.purposes)}."
        )
    purpose = purpose or named.purposes[0]
    known = require_purpose(site, purpose, recipient)
    if known.control == "always_on":
        return granted(subject, purpose, gpc=gpc)
    alone = known.consent == "separate"
    return granted(subject, purpose, recipient, gpc=gpc) and (alone or granted(subject, purpose, gpc=gpc))


def can_message(subject: str | None, purpose: str = "marketing_messages", *, gpc: bool = False) -> bool:
    """May this subject be sent what he did not order? `purpose` is what the notice calls that."""
    return granted(subject, purpose, gpc=gpc)


def use(subject: str | None, purpose: str, recipient: str | None = None, *, gpc: bool = False) -> bool:
    """Use up the agreement to a single use: True exactly once for the latest time the subject agreed, however many
    ask at the same moment. False means: do not do it; ask again. A refusal that is recorded meanwhile comes before the
    use: then this is False, and the agreement is used up all the same.
    """
    site = current_site()
    known = require_purpose(site, purpose, recipient)
    if known.consent != "single_use":
        raise ConfigurationError(f"{purpose!r} is not a single_use purpose. Ask granted({purpose!r}) instead.")
    store = require_store_methods(site, "history", "use", "uses")
    if not subject or (gpc and known.gpc_opt_out):
        return False
    key = f"{purpose}:{recipient}" if recipient else purpose
    grant = replay_subject(site, subject).grants.get(key)
    if grant is None or not store.use(subject, grant):
        return False
    # Read once more: what was recorded since the first read came before this use.
    return replay_subject(site, subject, uses=False).grants.get(key) == grant


def erase(subject: str) -> bool:
    """Delete every record of a subject for good: nothing is granted any more, and nothing can be proved any more.
    False while a remainder can still be read in the database's own files (see SQLStore.erase).
    Sends `consent_ended` with the reason `"erased"`; a listener that fails is logged. A subject of another site that
    shares the database is left alone.
    """
    site = current_site()
    store, choices = require_store_methods(site, "erase"), history(site, subject)
    grants = replay_subject(site, subject, choices).grants
    gone = store.erase(subject) is not False if choices else True
    announce_erased(subject, grants.values())
    return gone


def require_purpose(site: Site, purpose: str, recipient: str | None = None) -> Purpose:
    """The purpose that is asked about, or ConfigurationError where no visitor could ever have granted that."""
    known = site.notice.purpose(purpose)
    if known is None:
        raise ConfigurationError(f"The notice has no purpose {purpose!r}. Check the id where it is asked for.")
    if recipient is None and known.consent == "separate":
        raise ConfigurationError(f"{purpose!r} is granted to each recipient alone. Say which recipient is meant.")
    named = (each.id for each in site.notice.recipients if purpose in each.purposes)
    if recipient is not None and recipient not in named:
        raise ConfigurationError(
            f"The notice names no recipient {recipient!r} for {purpose!r}. Check the id where it is asked for."
        )
    return known
