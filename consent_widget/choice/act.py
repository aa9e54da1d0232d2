"""One act of one visitor, as it came in (Submission) and as it is kept (Choice). Never edited:
changing one's mind is another choice.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, TypeGuard, get_args

from ..days import iso_date
from ..errors import (
    InvalidPayload,
    NotConsentBased,
    SeparateConsentRequired,
    StaleNotice,
    StateMoved,
    UnknownPurpose,
)
from ..notice.model import Notice, Option
from .actions import ACTIONS, Action

Surface = Literal["layer", "centre", "placeholder", "ask", "page", "api", "bar"]
#: Where a choice came from that no browser sent for its own visitor.
ServerSurface = Literal["guardian", "account"]
KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
#: A state that an act was made on: `<subject>.<seq, base 36>`, or `0` where there was none (see State.id).
STATE = re.compile(r"0|[A-Za-z0-9_-]{22}\.[0-9a-z]{1,8}")
MOVED = "Something else was chosen since this was pressed. Show the visitor how it stands now, and ask again."


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What the visitor's browser says was chosen: checked, but not yet recorded. `after` names the state that the
    visitor saw when they pressed; None where the browser does not say.
    """

    key: str
    after: str | None
    notice: str
    locale: str
    action: Action
    surface: Surface
    purposes: Mapping[str, bool]
    gpc: bool = False
    scripted: bool = False
    token: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A record of one act. `acknowledge` says only that a change of the notice was seen, `age_…` how old the visitor
    is: they grant and deny nothing, and so have no purposes. `age_band` is how old he was known to be. Times are the
    server's, in milliseconds since 1970 (UTC); `purposes` says granted or denied for everything that was offered,
    `valid_until` is a day since 1970. `seq` counts the acts of a subject, so `seq - 1` is the state that this one was
    made on. `key` is the SHA-256 of the idempotency key, so that whoever reads the records cannot send an act again.

    Holds no address, no browser name, no page: nothing that would tell who the visitor is.
    """

    subject: str
    seq: int
    time: int
    notice: str
    locale: str
    action: Action
    surface: Surface | ServerSurface
    purposes: Mapping[str, bool]
    valid_until: int
    key: str
    actor: Literal["subject", "guardian"] = "subject"
    signals: tuple[str, ...] = ()
    age_band: str | None = None
    site: str = ""
    region: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def plain(self) -> dict[str, object]:
        """JSON-ready, with times in ISO 8601: what exports and receipts are made of. Without the `key`, which only
        recognises a retry.
        """
        return {
            **{name: value for name, value in asdict(self).items() if name != "key"},
            "purposes": dict(self.purposes),
            "signals": list(self.signals),
            "time": datetime.fromtimestamp(self.time / 1000, UTC).isoformat(timespec="milliseconds"),
            "valid_until": iso_date(self.valid_until),
        }

    def same_act_as(self, other: Choice) -> bool:
        """Do both say the same thing? Then the second is a retry and not another act."""
        told = (self.notice, self.action, self.surface, dict(self.purposes))
        return told == (other.notice, other.action, other.surface, dict(other.purposes))

    @property
    def opens(self) -> bool:
        """Does this act allow more than before: does it grant something, or does a visitor say that they are older?
        Such an act counts only on the state that it was made on; a refusal counts always.
        """
        return self.surface != "account" and grants(self.action, self.purposes)

    def placed_after(self, latest: int | None) -> Choice:
        """The choice as the next one of a subject whose last kept act has this `seq`; None where none is kept.

        Where the state has moved on since, a refusal becomes the newest act all the same; an act that opens something
        is StateMoved. So is every act of a subject whose records were erased.
        """
        if latest is None and self.seq > 1:
            raise StateMoved(MOVED)
        if latest is None or latest < self.seq:
            return self
        if self.opens:
            raise StateMoved(MOVED)
        return replace(self, seq=latest + 1)


def hashed(key: str) -> str:
    """An idempotency key as it is kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_subject() -> str:
    """A random name for a visitor of this site: 128 bits, linked to nothing."""
    return secrets.token_urlsafe(16)


def new_key() -> str:
    """An idempotency key for one act."""
    return secrets.token_urlsafe(16)


def grants(action: str, purposes: Mapping[str, bool]) -> bool:
    """Does an act grant something, or open the way to it? Such an act needs a person's own press."""
    return any(purposes.values()) or (_is_action(action) and ACTIONS[action].opens)


def answers_from_form(notice: Notice, action: str, granted: Iterable[str], answered: Container[str]) -> dict[str, bool]:
    """The full answer that a form without script means: `granted` are its ticked boxes, `answered`
    what was decided before. static/src/core/compose.js does the same. An unknown action answers for nothing.
    """
    picked = set(granted)
    if not _is_action(action):
        return {}
    rule = ACTIONS[action]
    if rule.answers_for == "picked":
        return dict.fromkeys(picked, rule.grants == "picked")
    return {
        key: option.in_accept_all if rule.grants == "ordinary" else rule.grants == "picked" and key in picked
        for key, option in _required(notice, action).items()
        if not (rule.answers_for == "undecided" and key in answered)
    }


def _required(notice: Notice, action: Action) -> dict[str, Option]:
    """The options that an action answers for by itself, whatever the visitor has picked."""

    def covers(option: Option) -> bool:
        match ACTIONS[action].answers_for:
            case "offered" | "undecided":
                return option.in_bulk
            case "ordinary":
                return option.in_bulk and option.recipient is None
            case "signal":
                return option.purpose.gpc_opt_out
        return False

    return {key: option for key, option in notice.options.items() if covers(option)}


def parse(raw: object, notice: Notice, barred: Container[str] = ()) -> Submission:
    """Untrusted JSON as a submission to this notice, or the Problem to answer with. What is `barred` is off for this
    visitor, whatever he answers.
    """
    if not isinstance(raw, dict):
        raise InvalidPayload("The body must be a JSON object.")
    allowed = {"key", "after", "notice", "locale", "action", "surface", "purposes", "gpc", "scripted", "token"}
    if not raw.keys() <= allowed:
        raise InvalidPayload(f"The body has a field of another name than: {', '.join(sorted(allowed))}.")
    key, shown, purposes, after = raw.get("key"), raw.get("notice"), raw.get("purposes"), raw.get("after")
    action, surface, locale = raw.get("action"), raw.get("surface"), raw.get("locale")
    gpc, scripted, token = raw.get("gpc", False), raw.get("scripted", False), raw.get("token", "")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise InvalidPayload("key must be 22 to 64 random letters, digits, - or _.")
    if after is not None and not (isinstance(after, str) and STATE.fullmatch(after)):
        raise InvalidPayload("after must name the state that the visitor saw: subject.seq of their token, or 0.")
    if not isinstance(shown, str) or not re.fullmatch(r"[0-9a-f]{16,64}", shown):
        raise InvalidPayload("notice must be the digest of the notice that was shown, or its first 16 digits or more.")
    if not _is_action(action):
        raise InvalidPayload(f"action must be one of {', '.join(get_args(Action))}.")
    if not _is_surface(surface):
        raise InvalidPayload(f"surface must be one of {', '.join(get_args(Surface))}.")
    if not isinstance(purposes, dict) or not all(type(granted) is bool for granted in purposes.values()):
        raise InvalidPayload("purposes must map each purpose to true or false.")
    if type(gpc) is not bool or type(scripted) is not bool:
        raise InvalidPayload("gpc and scripted must be true or false.")
    if not isinstance(token, str):
        raise InvalidPayload("token must be the one that the last choice was answered with.")
    if not isinstance(locale, str) or len(locale) > 20:
        raise InvalidPayload("locale must be a language tag.")
    if not notice.digest.startswith(shown):
        raise StaleNotice("The notice has changed since it was shown. Show the current one and ask again.")
    if locale not in notice.locales:
        raise InvalidPayload(f"locale must be one of {', '.join(notice.locales)}.")
    _check_answers(notice, action, purposes, gpc, barred)
    return Submission(
        key=key, after=after, notice=notice.digest, locale=locale, action=action, surface=surface, purposes=purposes,
        gpc=gpc, scripted=scripted, token=token,
    )  # fmt: skip


def _is_action(value: object) -> TypeGuard[Action]:
    return value in get_args(Action)


def _is_surface(value: object) -> TypeGuard[Surface]:
    return value in get_args(Surface)


def _check_answers(
    notice: Notice, action: Action, purposes: Mapping[str, bool], gpc: bool, barred: Container[str]
) -> None:
    rule, options = ACTIONS[action], notice.options
    if rule.answers_for == "nothing":
        if purposes:
            raise InvalidPayload(f"{action} answers for no purpose.")
        return
    for key, granted in purposes.items():
        option = options.get(key)
        if option is None:
            _refuse_unknown(notice, key)
        elif granted and rule.grants == "nothing":
            raise InvalidPayload(f"{action} grants nothing.")
        elif granted and rule.grants == "ordinary" and not option.in_accept_all:
            raise SeparateConsentRequired(f"{action} cannot grant a purpose that needs a consent of its own.")
    required = _required(notice, action)
    if rule.answers_for == "picked":
        _check_picked(notice, action, purposes, gpc, barred)
    elif rule.answers_for == "signal":
        if purposes.keys() != required.keys() or not purposes:
            raise InvalidPayload(f"{action} must answer for all that the opt-out signal covers, and for nothing else.")
    elif not purposes or not all(options[key].in_bulk for key in purposes):
        raise UnknownPurpose(f"{action} answers for purposes of the preference centre only.")
    elif rule.answers_for != "undecided" and not required.keys() <= purposes.keys():
        raise InvalidPayload(f"{action} must answer for every purpose that is offered.")
    elif rule.grants == "ordinary":
        for key, option in required.items():
            off = key in barred or (gpc and option.purpose.gpc_opt_out)
            if option.in_accept_all and not purposes[key] and not off:
                raise InvalidPayload(f"{action} must grant every ordinary purpose.")


def _check_picked(
    notice: Notice, action: Action, purposes: Mapping[str, bool], gpc: bool, barred: Container[str]
) -> None:
    granting = ACTIONS[action].grants == "picked"
    picked = [notice.options[key] for key in purposes]
    if granting and gpc and any(option.purpose.gpc_opt_out for option in picked):
        raise InvalidPayload(f"{action} cannot grant what the browser's opt-out signal forbids.")
    if granting and any(option.key in barred for option in picked):
        raise InvalidPayload(f"{action} cannot grant what is for adults only.")
    alone = len(picked) == 1 or not any(option.on_its_own for option in picked)
    if not picked or not alone or set(purposes.values()) != {granting}:
        raise InvalidPayload(f"{action} answers for purposes, or for one recipient or one single use alone.")


def _refuse_unknown(notice: Notice, key: str) -> None:
    purpose = notice.purpose(key)
    if purpose is None:
        raise UnknownPurpose("purposes holds one that this notice does not offer.")
    if purpose.control == "always_on":
        raise NotConsentBased("purposes holds one that does not rest on consent and is always on.")
    raise SeparateConsentRequired("purposes holds one that is granted to a named recipient, or at the moment of use.")
