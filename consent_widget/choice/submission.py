"""What a visitor's browser sends when they choose: read it, check it, and make the record of it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard, get_args

from ..days import day_of
from ..errors import InvalidPayload, NotConsentBased, SeparateConsentRequired, StaleNotice, UnknownPurpose
from ..notice.model import Notice
from ..notice.options import Option
from .act import Actor, Choice, ServerSurface, Surface, record_id
from .actions import ACTIONS, Action, ActionRule, is_action
from .age import MINORS, read_band
from .policy import forced_off, lifetime, signal_stops
from .state import CONFIRMS, State

KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
#: Names the state that the visitor saw: `<subject>.<seq, base 36>`, or `0` where there was none (see State.id).
STATE = re.compile(r"0|[A-Za-z0-9_-]{22}\.[0-9a-z]{1,8}")
SURFACES = frozenset(get_args(Surface))
DIGEST = re.compile(r"[0-9a-f]{16,64}")
FIELDS = ("action", "after", "gpc", CONFIRMS, "key", "locale", "notice", "purposes", "scripted", "surface", "token")
KNOWN = frozenset(FIELDS)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A choice that was checked and is not yet recorded: what a browser sent, what a guardian decided, or what an
    account says. `after` names the state that the visitor saw when they pressed; None where the browser does not say.
    `confirmed`: they were told of their browser's opt-out signal, and allow it in spite of that.
    """

    key: str
    after: str | None = None
    notice: str
    locale: str
    action: Action
    surface: Surface | ServerSurface
    purposes: Mapping[str, bool]
    gpc: bool = False
    scripted: bool = False
    confirmed: bool = False


def parse(body: object, notice: Notice, barred: Container[str] = ()) -> Submission:
    """The submission that untrusted JSON holds, answering `notice`. Raises the Problem to answer with. Options in
    `barred` are off for this visitor: "Accept all" need not grant them, and "allow" may not. A grant by any other
    action is recorded as denied (make_choice).
    """
    if not isinstance(body, dict):
        raise InvalidPayload("The body must be a JSON object.")
    if not body.keys() <= KNOWN:
        raise InvalidPayload(f"The body has a field of another name than: {', '.join(FIELDS)}.")
    key, digest, purposes, after = body.get("key"), body.get("notice"), body.get("purposes"), body.get("after")
    action, surface, locale = body.get("action"), body.get("surface"), body.get("locale")
    gpc, scripted, token = body.get("gpc", False), body.get("scripted", False), body.get("token", "")
    confirmed = body.get(CONFIRMS, False)
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise InvalidPayload("key must be 22 to 64 random letters, digits, - or _.")
    if after is not None and not (isinstance(after, str) and STATE.fullmatch(after)):
        raise InvalidPayload("after must name the state that the visitor saw: subject.seq of their token, or 0.")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise InvalidPayload("notice must be the digest of the notice that was shown, or its first 16 digits or more.")
    if not is_action(action):
        raise InvalidPayload(f"action must be one of {', '.join(get_args(Action))}.")
    if not _is_surface(surface):
        raise InvalidPayload(f"surface must be one of {', '.join(get_args(Surface))}.")
    if not isinstance(purposes, dict) or not {*map(type, purposes.values())} <= {bool}:
        raise InvalidPayload("purposes must map each purpose to true or false.")
    if {*map(type, (gpc, scripted, confirmed))} != {bool}:
        raise InvalidPayload(f"gpc, scripted and {CONFIRMS} must be true or false.")
    if confirmed and (action, surface) != ("allow", "page"):
        raise InvalidPayload(f"{CONFIRMS} is for allow on a page that asks about nothing else.")
    if not isinstance(token, str):
        raise InvalidPayload("token must be the one that the last choice was answered with.")
    if not isinstance(locale, str) or len(locale) > 20:
        raise InvalidPayload("locale must be a language tag.")
    if not notice.digest.startswith(digest):
        raise StaleNotice("The notice has changed since it was shown. Show the current one and ask again.")
    if locale not in notice.locales:
        raise InvalidPayload(f"locale must be one of {', '.join(notice.locales)}.")
    _check_answers(notice, action, purposes, gpc and not confirmed, barred)
    return Submission(
        key=key, after=after, notice=notice.digest, locale=locale, action=action, surface=surface, purposes=purposes,
        gpc=gpc, scripted=scripted, confirmed=confirmed,
    )  # fmt: skip


def make_choice(
    submission: Submission, notice: Notice, state: State, *, gpc: bool, now_ms: int, site: str = "", region: str = "",
    age_band: str | None = None, actor: Actor = "subject", more: tuple[str, ...] = (), script: str = "",
    layout: str = "",
) -> Choice:  # fmt: skip
    """The record to store for a submission about a visitor in `state`. It is valid until its first answer expires. A
    service that is answered as its purpose is left out: it follows. `more` are signals besides those sent.
    """
    gpc = gpc or submission.gpc
    today, band = day_of(now_ms), read_band(age_band)
    stops = {key for key, each in notice.options.items() if gpc and signal_stops(each, state, today, gpc=gpc)}
    barred_by_signal = () if submission.confirmed and band not in MINORS else stops
    purposes = forced_off(notice, submission.purposes, barred_by_signal, band)
    confirms = submission.confirmed and any(granted and key in stops for key, granted in purposes.items())
    purposes = {
        key: granted
        for key, granted in purposes.items()
        if notice.options[key].service is None or granted is not purposes.get(notice.options[key].purpose.id)
    }
    return Choice(
        subject=state.subject,
        seq=state.seq + 1,
        time=now_ms,
        notice=submission.notice,
        locale=submission.locale,
        action=submission.action,
        surface=submission.surface,
        purposes=purposes,
        valid_until=today + lifetime(notice, region, any(purposes.values())),
        actor=actor,
        signals=(*(("gpc",) * gpc), *((CONFIRMS,) * confirms), *(("scripted",) * submission.scripted), *more),
        age_band=age_band,
        site=site,
        region=region,
        script=script,
        layout=layout,
        id=record_id(site, submission.key),
    )


def answers_from_form(notice: Notice, action: str, picked: Iterable[str], decided: Container[str]) -> dict[str, bool]:
    """The answers that a form without script means: `picked` are its ticked boxes, `decided` the options that the
    visitor decided before. static/src/core/answers.js does the same. An unknown action answers for nothing. A service
    is named where it differs from its purpose.
    """
    if not is_action(action):
        return {}
    rule, picked = ACTIONS[action], set(picked)
    if rule.answers_for == "picked":
        return dict.fromkeys(picked, rule.may_grant == "picked")
    answers = {
        key: option.in_accept_all if rule.may_grant == "accept_all" else rule.may_grant == "picked" and key in picked
        for key, option in covered_by(notice, action).items()
        if not (rule.answers_for == "undecided" and key in decided)
    }
    exceptions = {
        key: key in picked
        for key, option in notice.options.items()
        if rule.may_grant == "picked" and option.service and (key in picked) != (option.purpose.id in picked)
    }
    return answers | exceptions


def covered_by(notice: Notice, action: Action) -> Mapping[str, Option]:
    """The options that an action answers for, by key. Empty where the visitor picks them."""
    scope = ACTIONS[action].answers_for
    return {
        key: option
        for key, option in notice.options.items()
        if (scope in ("offered", "undecided") and option.in_bulk)
        or (scope == "offered_except_recipients" and option.in_bulk and option.recipient is None)
        or (scope == "signal" and option.purpose.gpc_opt_out and option.service is None)
    }


def is_offered(option: Option, rule: ActionRule) -> bool:
    """May an action on the whole form answer for this option? Only one that saves the switches names services."""
    return option.in_centre if rule.may_grant == "picked" else option.in_bulk


def _is_surface(value: object) -> TypeGuard[Surface]:
    return isinstance(value, str) and value in SURFACES


def _check_answers(
    notice: Notice, action: Action, purposes: Mapping[str, bool], gpc: bool, barred: Container[str]
) -> None:
    rule, covered = ACTIONS[action], covered_by(notice, action)
    if rule.answers_for == "nothing":
        if purposes:
            raise InvalidPayload(f"{action} answers for no purpose.")
        return
    for key, granted in purposes.items():
        option = notice.options.get(key)
        if option is None or (option.for_guardian and action != "refuse"):  # which withdraws what a guardian agreed to
            _raise_unknown(notice, key)
        elif granted and rule.may_grant == "nothing":
            raise InvalidPayload(f"{action} grants nothing.")
        elif granted and rule.may_grant == "accept_all" and not option.in_accept_all:
            raise SeparateConsentRequired(f"{action} cannot grant a purpose that needs a consent of its own.")
    if rule.answers_for == "picked":
        _check_picked(notice, action, purposes, gpc, barred)
    elif rule.answers_for == "signal":
        if purposes.keys() != covered.keys() or not purposes:
            raise InvalidPayload(f"{action} must answer for all that the opt-out signal covers, and for nothing else.")
    elif not purposes or not all(is_offered(notice.options[key], rule) for key in purposes):
        raise UnknownPurpose(f"{action} answers for purposes of the preference centre only.")
    elif rule.answers_for != "undecided" and not covered.keys() <= purposes.keys():
        raise InvalidPayload(f"{action} must answer for every purpose that is offered.")
    elif rule.may_grant == "accept_all":
        for key, option in covered.items():
            off = key in barred or (gpc and option.purpose.gpc_opt_out)
            if option.in_accept_all and not purposes[key] and not off:
                raise InvalidPayload(f"{action} must grant every purpose in Option.in_accept_all.")


def _check_picked(
    notice: Notice, action: Action, purposes: Mapping[str, bool], gpc: bool, barred: Container[str]
) -> None:
    granting = ACTIONS[action].may_grant == "picked"
    picked = [notice.options[key] for key in purposes]
    if granting and gpc and any(option.purpose.gpc_opt_out for option in picked):
        raise InvalidPayload(f"{action} cannot grant what the browser's opt-out signal forbids.")
    if granting and any(option.key in barred for option in picked):
        raise InvalidPayload(f"{action} cannot grant what is for adults only.")
    alone = len(picked) == 1 or not granting or not any(option.on_its_own for option in picked)
    if not picked or not alone or set(purposes.values()) != {granting}:
        raise InvalidPayload(f"{action} answers for purposes; a recipient or a single use is allowed alone.")


def _raise_unknown(notice: Notice, key: str) -> None:
    purpose = notice.purpose(key)
    if purpose is None:
        raise UnknownPurpose("purposes holds one that this notice does not offer.")
    if purpose.control == "always_on":
        raise NotConsentBased("purposes holds one that does not rest on consent and is always on.")
    raise SeparateConsentRequired(
        "purposes holds one that is granted to named recipients only. Name the recipient too: purpose:recipient."
    )
