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
from ..notice.model import Notice

Action = Literal[
    "accept_all", "reject_all", "save", "close", "withdraw_all", "allow", "refuse", "opt_out", "acknowledge",
    "age_child", "age_teen", "age_adult",
]  # fmt: skip
Surface = Literal["layer", "centre", "placeholder", "ask", "page", "api", "bar"]
#: Where a choice came from that no browser sent for its own visitor.
ServerSurface = Literal["guardian", "account"]
REFUSALS = ("reject_all", "withdraw_all", "close", "refuse", "opt_out")
SWEEPING = ("reject_all", "withdraw_all")
#: Acts that only tell something: they answer for no purpose.
TELLING = ("acknowledge", "age_child", "age_teen", "age_adult")
#: Acts that open the way to granting, for whoever is old enough.
GROWN = ("age_teen", "age_adult")
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


def grants(action: object, purposes: Mapping[str, bool]) -> bool:
    """Does an act grant something, or open the way to it? Such an act needs a person's own press."""
    return any(purposes.values()) or action in GROWN


def answers_from_form(notice: Notice, action: str, granted: Iterable[str], answered: Container[str]) -> dict[str, bool]:
    """The full answer that a form without script means: `granted` are its ticked boxes, `answered`
    what was decided before. static/src/choosing.js does the same.
    """
    granted = set(granted)
    if action in TELLING:
        return {}
    if action in ("allow", "refuse"):
        return dict.fromkeys(granted, action == "allow")
    if action == "opt_out":
        return {key: False for key, option in notice.options.items() if option.purpose.gpc_opt_out}
    return {
        key: option.in_accept_all if action == "accept_all" else action == "save" and key in granted
        for key, option in notice.options.items()
        if option.in_bulk
        and not (action == "close" and key in answered)
        and not (action == "accept_all" and option.recipient)
    }


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
    _check_vector(notice, action, purposes, gpc, barred)
    return Submission(
        key=key, after=after, notice=notice.digest, locale=locale, action=action, surface=surface, purposes=purposes,
        gpc=gpc, scripted=scripted, token=token,
    )  # fmt: skip


def _is_action(value: object) -> TypeGuard[Action]:
    return value in get_args(Action)


def _is_surface(value: object) -> TypeGuard[Surface]:
    return value in get_args(Surface)


def _check_vector(
    notice: Notice, action: Action, purposes: Mapping[str, bool], gpc: bool, barred: Container[str]
) -> None:
    if action in TELLING:
        if purposes:
            raise InvalidPayload(f"{action} tells something, and answers for no purpose.")
        return
    for key, granted in purposes.items():
        option = notice.options.get(key)
        if option is None:
            _refuse_unknown(notice, key)
        elif granted and action in REFUSALS:
            raise InvalidPayload(f"{action} grants nothing.")
        elif granted and action == "accept_all" and not option.in_accept_all:
            raise SeparateConsentRequired("accept_all cannot grant a purpose that needs a consent of its own.")
    bulk = {option.key: option for option in notice.options.values() if option.in_bulk}
    if action in ("allow", "refuse"):
        if gpc and action == "allow" and any(notice.options[key].purpose.gpc_opt_out for key in purposes):
            raise InvalidPayload("allow cannot grant what the browser's opt-out signal forbids.")
        if action == "allow" and any(key in barred for key in purposes):
            raise InvalidPayload("allow cannot grant what is for adults alone.")
        alone = len(purposes) == 1 or not any(notice.options[key].on_its_own for key in purposes)
        if not purposes or not alone or set(purposes.values()) != {action == "allow"}:
            raise InvalidPayload(f"{action} answers for purposes, or for one recipient or one single use alone.")
    elif action == "opt_out":
        if purposes.keys() != answers_from_form(notice, action, (), ()).keys() or not purposes:
            raise InvalidPayload("opt_out must answer for everything that the opt-out signal speaks of, and no more.")
    elif not purposes.keys() <= bulk.keys() or not purposes:
        raise UnknownPurpose(f"{action} answers for purposes of the preference centre only.")
    elif action == "accept_all":
        for option in bulk.values():
            forced_off = (gpc and option.purpose.gpc_opt_out) or option.key in barred
            if option.in_accept_all and not purposes.get(option.key) and not forced_off:
                raise InvalidPayload("accept_all must grant every ordinary purpose.")
            if option.recipient is None and option.key not in purposes:
                raise InvalidPayload("accept_all must answer for every ordinary purpose.")
    elif action != "close" and purposes.keys() != bulk.keys():
        raise InvalidPayload(f"{action} must answer for every purpose that is offered.")


def _refuse_unknown(notice: Notice, key: str) -> None:
    purpose = notice.purpose(key)
    if purpose is None:
        raise UnknownPurpose("purposes holds one that this notice does not offer.")
    if purpose.control == "always_on":
        raise NotConsentBased("purposes holds one that does not rest on consent and is always on.")
    raise SeparateConsentRequired("purposes holds one that is granted to a named recipient, or at the moment of use.")
