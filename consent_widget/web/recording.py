"""The way of one choice: parse what was sent, apply it to the visitor's state, store it, sign the state after it.

Everything that a visitor chooses comes through `record_choice`, from the script or from a form. A guardian's decision
(guardian_decision.py) and the age that an account says (account_age.py) are stored without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request

from ..choice.act import Choice, needs_a_person, record_id
from ..choice.actions import ACTIONS
from ..choice.age import older
from ..choice.iab import FRAMEWORKS
from ..choice.policy import barred
from ..choice.state import State
from ..choice.submission import Submission, parse
from ..errors import (
    AgeNeeded,
    GuardianNeeded,
    InvalidPayload,
    NotPressed,
    Problem,
    RateLimited,
    StateMoved,
)
from ..notice.model import Notice
from ..site.asking import asks_age
from ..site.beside import site_beside
from ..site.site import Site
from ..subject.records import History, shown_notice, state_after_erasure
from ..subject.storing import (
    make_site_choice,
    state_after,
    store_errors_as_not_saved,
    store_refusals,
    store_submitted,
)
from .account import own_state
from .account_age import record_account_age
from .consent import Consent, current_consent
from .cookie import set_consent_cookie

#: For this long a retry without a token is answered with the visitor's token: the first response was lost. Later only
#: the record is confirmed, so that a key which somebody found gives no access.
RETRY_MS = 3_600_000


@dataclass(frozen=True)
class Recorded:
    """A stored choice, the notice that it answers, the state after it, and that state as a signed token.
    `new` is False for a retry. `token` is empty for a retry that comes too late to show whose it is.
    """

    choice: Choice
    notice: Notice
    state: State
    token: str
    new: bool


def record_choice(site: Site, body: object, *, by_script: bool = False) -> Recorded:
    """Record what was submitted, or raise the Problem to respond with. Nothing is half done: no token without a durable
    record. After StateMoved, `consent.state` is the visitor's current state. `by_script`: our script sent it, and not a
    form.
    """
    sent: Mapping[str, object] = body if isinstance(body, dict) else {}
    with store_errors_as_not_saved():
        here, site = site, site_beside(site, sent.get("notice"))
    notice = _notice_answered(site, sent)
    consent = current_consent(here)
    visitor = consent.state or _state_of_token(site, sent)
    history = History(site, visitor.subject if visitor else "")
    band = _band(site, consent, visitor, history)
    try:
        submission = parse(body, notice, barred(notice, band))
        band = _check_age(site, consent, submission, band)
    except Problem:
        if visitor and (earlier := _recorded_before(site, history, sent)):
            return _answer_retry(site, consent, visitor, earlier)
        raise
    _check_sender(site, submission)

    before_erasure = _with_account_age(site, consent, visitor, history)
    visitor = _unless_erased(before_erasure, history)
    if submission.action == "acknowledge" and visitor is None:
        raise InvalidPayload("acknowledge is for a visitor who has chosen before. This one has no choice on record.")
    erased = before_erasure is not None and before_erasure != visitor
    state = visitor or consent.new_state()
    if state.seq:  # or another device of the same account has just begun
        visitor = state
    # If the records were erased, the press was made on the erased state, whatever the browser says.
    pressed_on = before_erasure.id if before_erasure and erased else submission.after

    shared = bool(site.settings.cookie_domain and visitor and history.unknown)
    more = (*consent.signals, *(("shared",) if shared else ()))
    script = _script(site, submission) if by_script and site is here else ""  # else another release has asked
    choice = make_site_choice(site, submission, state, band, gpc=consent.gpc, more=more, script=script)
    try:
        stored, new = store_submitted(site, choice, visitor, pressed_on, history)
    except StateMoved:
        consent.state = store_refusals(site, choice, visitor)
        raise
    state = state_after(site, state, stored, new=new)
    own = new or (visitor is not None and visitor.subject == stored.subject)
    if not own and choice.time - stored.time > RETRY_MS:
        return Recorded(stored, notice, state, "", new)
    consent.state = state
    return Recorded(stored, notice, state, site.token_signer.write(state), new)


def _script(site: Site, submission: Submission) -> str:
    """Which script asked: that of the notice and the language that were shown. Empty where nobody can tell."""
    shown = next((each for each in site.in_turn if each.notice.digest == submission.notice), None)
    return shown.assets.script(submission.locale, site.settings.render == "script").hash if shown else ""


def _recorded_before(site: Site, history: History, sent: Mapping[str, object]) -> Choice | None:
    """The record of this act, if the visitor's browser has sent it before and only the answer was lost. By now another
    notice may be in effect, or another rule.
    """
    key, digest = sent.get("key"), sent.get("notice")
    if not (isinstance(key, str) and isinstance(digest, str) and digest):
        return None
    with store_errors_as_not_saved():
        found = history.find(record_id(site.settings.site, key))
    same = found and found.notice.startswith(digest) and found.action == sent.get("action")
    return found if same else None


def _answer_retry(site: Site, consent: Consent, visitor: State, earlier: Choice) -> Recorded:
    consent.state = state = state_after(site, visitor, earlier, new=False)
    notice = shown_notice(site, earlier.notice) or site.notice
    return Recorded(earlier, notice, state, site.token_signer.write(state), new=False)


def acknowledge(site: Site, response: Response, recorded: Recorded) -> Response:
    """Set the signed cookie."""
    return set_consent_cookie(response, site, recorded.state, recorded.token) if recorded.token else response


def _notice_answered(site: Site, sent: Mapping[str, object]) -> Notice:
    """An announced notice can be acknowledged; everything else answers the notice in effect."""
    if sent.get("action") == "acknowledge":
        return site.notice_acknowledged(sent.get("notice"))
    return site.notice


def _state_of_token(site: Site, sent: Mapping[str, object]) -> State | None:
    """The state of a visitor whose browser keeps the token elsewhere than in a cookie of this host."""
    token = sent.get("token")
    return own_state(site, token) if isinstance(token, str) else None


def _band(site: Site, consent: Consent, visitor: State | None, history: History) -> str:
    """The age band by the account, else by the records (an older cookie makes nobody older), else by the cookie."""
    if consent.account_band or visitor is None:
        return consent.account_band or ""
    if site.settings.age is None:  # it is asked, or was, by another process
        return visitor.band
    with store_errors_as_not_saved():
        return site.settings.age.placed(history.age_band or visitor.band)


def _check_age(site: Site, consent: Consent, submission: Submission, band: str) -> str:
    """The visitor's age band once this submission counts; or a Problem, where somebody of that age may not send it."""
    action, granting = submission.action, any(submission.purposes.values())
    age, answer = site.settings.age, str(ACTIONS[action].age or "")
    if answer and not (age and age.ask):
        raise InvalidPayload(f"{action} is for sites that ask how old a visitor is (CONSENT_AGE).")
    answer = age.placed(answer) if age else answer
    if band == "child" and (granting or older(answer, band)):
        raise GuardianNeeded("A child agrees to nothing alone, and stays one here. A guardian can agree.")
    if older(answer, band):
        raise InvalidPayload("The age band is known. Only the visitor's account can say that they are older.")
    if granting and asks_age(site, band):
        raise AgeNeeded("Say how old the visitor is (age_child, age_teen, age_adult) before anything is granted.")
    return consent.account_band or answer or band


def _check_sender(site: Site, submission: Submission) -> None:
    """Only a person grants, and nobody sends too many choices."""
    granting = needs_a_person(submission.action, submission.purposes)
    if granting and submission.surface in FRAMEWORKS and not _may_be_granted_there(site, submission):
        raise NotPressed("A consent manager of advertising grants only what CONSENT_IAB says.")
    if submission.scripted and granting and (submission.confirmed or not site.settings.scripted_grants):
        raise NotPressed("A script pressed this. Only a person can grant.")
    if wait := site.limit.wait(request.remote_addr):
        raise RateLimited("Too many choices from one place. Try again later.", wait)


def _may_be_granted_there(site: Site, submission: Submission) -> bool:
    """May these be granted by what the visitor agreed to in the consent manager of the page's advertising?"""
    grants = site.settings.iab.grants if site.settings.iab else ()
    return submission.surface == "tcf" and submission.action == "allow" and submission.purposes.keys() <= set(grants)


def _with_account_age(site: Site, consent: Consent, visitor: State | None, history: History) -> State | None:
    """The visitor's state, once what their account says about their age is recorded."""
    if consent.state:
        record_account_age(site, history)
    return consent.state or visitor


def _unless_erased(visitor: State | None, history: History) -> State | None:
    """The visitor's state; None if their records were erased. An erased child goes on as a child without records."""
    if visitor is None:
        return None
    with store_errors_as_not_saved():
        if not history.erased:
            return visitor
    return state_after_erasure(visitor) if visitor.band == "child" else None
