"""What a site may do with a subject's information now: for jobs and back-office code. The answers come from the store,
not from a cookie; they need an app context and no request.

They take account of withdrawal, expiry and changed meaning; the latest choice wins. While the store is unavailable they
raise StoreError: then do nothing.
"""

from __future__ import annotations

from functools import partial

from ..choice import policy
from ..choice.account import Reference
from ..choice.policy import decision
from ..choice.state import State
from ..days import today
from ..errors import ConfigurationError
from ..notice.model import Notice
from ..notice.options import option_key
from ..notice.parts import Purpose
from ..site.site import current_site
from .accounts import subject_of
from .endings import announce_erased
from .ids import is_in_effect, require_purpose, require_recipient, require_service
from .records import read_history, replay_subject, require_store_methods


def granted(
    subject: str | None, purpose: str, recipient: str | None = None, *, gpc: bool = False, cookie: State | None = None
) -> bool:
    """May this subject's information be used for `purpose`? For a purpose with separate consent: may it be given to
    `recipient`? Pass `gpc=True` when the subject's browser is known to send the opt-out signal. `cookie` is the state
    in the subject's own cookie, where a request has brought it: see State.heeding.
    """
    site = current_site()
    if not is_in_effect(site, lambda notice: require_purpose(notice, purpose, recipient)) or not subject:
        return False
    state = _heeding(replay_subject(site, subject).state, cookie)
    return policy.permits(site.notice, state, purpose, gpc=gpc, today=today(), recipient=recipient)


def granted_service(subject: str | None, service: str, *, gpc: bool = False) -> bool:
    """May this subject's information go to this service of the notice? The subject may have decided about it alone."""
    site = current_site()
    if not is_in_effect(site, lambda notice: require_service(notice, service)) or not subject:
        return False
    return policy.permits_service(site.notice, replay_subject(site, subject).state, service, gpc=gpc, today=today())


def may_share(
    subject: str | None, recipient: str, purpose: str | None = None, *, gpc: bool = False, cookie: State | None = None
) -> bool:
    """May this subject's information be passed to the named recipient? `purpose` is required where the notice names
    the recipient for several purposes.
    """
    site = current_site()
    if not is_in_effect(site, lambda notice: _shared_purpose(notice, recipient, purpose)):
        return False
    found = _shared_purpose(site.notice, recipient, purpose)
    may = partial(granted, subject, found.id, gpc=gpc, cookie=cookie)
    if found.control == "always_on":
        return may()
    return may(recipient) and (found.consent == "separate" or may())


def _shared_purpose(notice: Notice, recipient: str, purpose: str | None) -> Purpose:
    """The purpose that something is shared with a recipient for."""
    named = require_recipient(notice, recipient)
    if purpose is None and len(named.purposes) > 1:
        raise ConfigurationError(
            f"{recipient!r} is named for several purposes. Say which: {', '.join(named.purposes)}."
        )
    return require_purpose(notice, purpose or named.purposes[0], recipient)


def can_message(
    subject: str | None, purpose: str = "marketing_messages", *, gpc: bool = False, cookie: State | None = None
) -> bool:
    """May this subject be sent messages that they did not order? `purpose` is the id of that purpose in the notice."""
    return granted(subject, purpose, gpc=gpc, cookie=cookie)


def use(
    subject: str | None, purpose: str, recipient: str | None = None, *, gpc: bool = False, cookie: State | None = None
) -> bool:
    """Use up the subject's consent to a single use. True exactly once for each time they agreed, however many callers
    ask at the same moment. False means: do not do it; ask the subject again. A refusal that is recorded during the
    call comes first: the answer is then False, and the consent is used up all the same.
    """
    site = current_site()
    if not is_in_effect(site, lambda notice: _single_use(notice, purpose, recipient)):
        return False
    found = _single_use(site.notice, purpose, recipient)
    store = require_store_methods(site, "history", "use", "uses")
    if not subject or (gpc and found.gpc_opt_out):
        return False
    key = option_key(purpose, recipient)
    result = replay_subject(site, subject)
    grant, state = result.grants.get(key), _heeding(result.state, cookie)
    stands = decision(site.notice.options[key], state, today())
    if grant is None or not (stands and stands.granted) or not store.use(subject, grant):
        return False
    # Read again: whatever was recorded since the first read came before this use.
    return replay_subject(site, subject, uses=False).grants.get(key) == grant


def _single_use(notice: Notice, purpose: str, recipient: str | None) -> Purpose:
    found = require_purpose(notice, purpose, recipient)
    if found.consent != "single_use":
        raise ConfigurationError(f"{purpose!r} is not a single_use purpose. Ask granted({purpose!r}) instead.")
    return found


def _heeding(stored: State, cookie: State | None) -> State:
    return stored.heeding(cookie) if cookie and cookie.subject == stored.subject else stored


def erase(subject: str) -> bool:
    """Delete every record of a subject for good: nothing is granted any more, and nothing can be proved any more.
    Returns False while a remainder can still be read in the database's own files (see SQLStore.erase).
    Sends `consent_ended` with the reason `"erased"`; a listener that fails is logged. Does nothing to a subject of
    another site that shares the database.
    """
    site = current_site()
    store, choices = require_store_methods(site, "erase"), read_history(site, subject)
    grants = replay_subject(site, subject, choices).grants
    complete = store.erase(subject) is not False if choices else True
    announce_erased(subject, grants.values())
    return complete


def erase_account(reference: Reference) -> bool:
    """The same for an account that is closed (`CONSENT_ACCOUNT` names it so): its choices, and the link to it. What was
    chosen in a browser while nobody was signed in is not the account's, and stays.
    """
    subject = subject_of(reference)
    return erase(subject) if subject else True
