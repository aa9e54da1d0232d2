"""The account that is signed in (`CONSENT_ACCOUNT`), and what its visitor had chosen in this browser before.

While somebody is signed in, the consent cookie holds the account's choices. A second cookie keeps the browser's own for
the time after: so nobody who uses the browser next goes on with what an account has chosen (CNIL 2025-131).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from flask import Response, current_app, request

from ..choice.account import is_of_account, new_account_subject
from ..choice.age import Band
from ..choice.state import MAX_COOKIE_DAYS, State
from ..days import DAY
from ..errors import NotSaved, StateMoved
from ..site.site import Site
from ..subject.accounts import account_names, taken_over
from ..subject.records import by_the_store, read_history, replay_subject, require_store_methods
from ..subject.storing import make_site_choice, state_after, store_choice, store_errors_as_not_saved
from .cookie import cookies_of, newest_token
from .http import PRIVATE
from .request import cookie_domain, cookie_name
from .unpressed import unpressed

#: What is still to be told, once, on a page: nothing; that choices came from the account; that choices of this browser
#: went to the account.
NOTHING, FROM_ACCOUNT, TO_ACCOUNT = "-", "a", "b"
#: What a choice says beside its answers where it is an account's.
SIGNAL = "account"


class Kept(NamedTuple):
    """The second cookie: what is still to be told, whose choices the consent cookie holds, and the token of the browser
    itself, or an empty text if nobody had chosen in it.
    """

    tell: str
    account: bytes
    token: str


@dataclass
class Account:
    """The account that is signed in: its names, the newest key's first; the subject that its choices are recorded
    under, once it has any; and what the second cookie holds.
    """

    names: tuple[bytes, ...]
    kept: Kept
    subject: str = ""
    since: int = 0


def signed_in(site: Site) -> tuple[bytes, ...] | None:
    """The names of the account that is signed in; none where nobody is. None where nobody can tell: a fault of the
    site's function breaks no page, and changes nothing of what counts.
    """
    hook = site.settings.account
    try:
        reference = hook() if hook else None
        return () if reference is None else account_names(site).of(reference)
    except Exception:
        current_app.logger.exception("CONSENT_ACCOUNT: the function failed, or named no account. Nothing follows it.")
        return None


def own_tokens(site: Site, tokens: Iterable[str]) -> list[str]:
    """These tokens without those of accounts. An account's counts in one place alone, the cookie of somebody who is
    signed in to it: not kept from before signing out, nor sent by a script, nor as what a browser had chosen itself.
    """
    states = {token: site.token_signer.read(token) for token in tokens if token}
    follows = site.settings.account is not None
    return [token for token, state in states.items() if not (follows and state and is_of_account(state.subject))]


def own_state(site: Site, *tokens: str) -> State | None:
    """The newest state that the browser itself has, by these tokens."""
    return newest_token(site, own_tokens(site, tokens))[1]


def kept_cookie(site: Site) -> Kept | None:
    """The second cookie of this request."""
    for value in cookies_of(request.environ.get("HTTP_COOKIE", ""), _name(site)):
        head, _, token = value.partition(".")
        with suppress(ValueError):
            kept = Kept(head[:1], urlsafe_b64decode(head[1:] + "=="), token)
            if kept.tell in (NOTHING, FROM_ACCOUNT, TO_ACCOUNT) and len(kept.account) == 16:
                return kept
    return None


def keep(response: Response, site: Site, kept: Kept) -> Response:
    """Set the second cookie. No script can read it."""
    value = kept.tell + urlsafe_b64encode(kept.account).decode().rstrip("=") + "." + kept.token
    response.headers["Cache-Control"] = PRIVATE
    response.set_cookie(
        _name(site), value, max_age=MAX_COOKIE_DAYS * DAY, secure=request.is_secure, httponly=True, samesite="Lax",
        domain=cookie_domain(site),
    )  # fmt: skip
    return response


def forget(response: Response, site: Site) -> Response:
    """Delete the second cookie."""
    response.headers["Cache-Control"] = PRIVATE
    response.delete_cookie(
        _name(site), secure=request.is_secure, httponly=True, samesite="Lax", domain=cookie_domain(site)
    )
    return response


def follow(site: Site, account: Account, state: State | None, *, gpc: bool, band: Band | None) -> State | None:
    """The state of the account, where it is another than `state`, the one of the consent cookie; else that. Raises
    StoreError. Costs two queries where nothing is new, and the records of both once somebody has signed in.
    """
    store = require_store_methods(site, "linked", "last_act")
    link = store.linked(account.names)
    if state and state.subject == account.subject:
        if link and link.subject == state.subject:
            account.since = link.since
            return by_the_store(site, state) or state
        state = own_state(site, account.kept.token)  # another's, or erased or begun anew since
        account.subject = ""
    return _join(site, account, state, gpc=gpc, band=band)


def _join(site: Site, account: Account, browser: State | None, *, gpc: bool, band: Band | None) -> State | None:
    """Let a browser go on with the account's choices, once what was chosen in it later is the account's too."""
    link = require_store_methods(site, "linked").linked(account.names)
    subject = link.subject if link else ""
    choices = read_history(site, subject) if link else []
    state = replay_subject(site, subject, choices).state if choices else State(subject)
    child = (band or state.band) == "child"
    if browser and browser.band == "child" and not child:
        return browser  # only the account itself can say that they are no child
    own = read_history(site, browser.subject) if browser and browser.subject != subject else []
    new = taken_over(site, own, choices) if browser and (browser.band == "child") == child else None
    tell = FROM_ACCOUNT if state.decisions else NOTHING
    if new and new.answers and not site.limit.wait(request.remote_addr):
        if link is None:
            link = require_store_methods(site, "link").link(account.names[0], new_account_subject())
            state = state._replace(subject=link.subject)
        submission = unpressed(site, "save", "taken_over", new.answers, new.locale)
        choice = make_site_choice(site, submission, state, band or state.band, gpc=gpc, more=(SIGNAL,))
        with suppress(NotSaved, StateMoved):  # another device was first: the next page looks again
            stored, _ = store_choice(site, replace(choice, valid_until=new.until))
            state, tell = state_after(site, state, stored, new=True), TO_ACCOUNT
    if not (link and state.seq):
        return browser
    account.subject, account.since = link.subject, link.since
    if browser and browser.subject == link.subject:  # the second cookie is lost: nobody knows what it kept
        account.kept = account.kept._replace(tell=NOTHING, token="")
    else:
        account.kept = account.kept._replace(tell=tell)
    return state


def begin(site: Site, account: Account) -> State:
    """The state of an account whose visitor makes its first choice now: of two devices at once both begin the same."""
    with store_errors_as_not_saved():
        store = require_store_methods(site, "link", "last_act")
        link = store.link(account.names[0], new_account_subject())
        account.subject, account.since = link.subject, link.since
        chosen = store.last_act(link.subject) is not None
        return replay_subject(site, link.subject).state if chosen else State(link.subject)


def _name(site: Site) -> str:
    return f"{cookie_name(site)}-own"
