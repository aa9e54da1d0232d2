"""One act of one visitor, as it is recorded. A record is never edited: changing one's mind is another record."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..days import iso_date, iso_moment
from ..errors import StateMoved
from .actions import ACTIONS, Action, is_action

#: A hexadecimal digit with the two first bits of the variant of RFC 9562.
VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}
#: Where the visitor chose, as the browser says. `tcf`, `gpp`: in the consent manager of the page's advertising.
Surface = Literal["layer", "centre", "placeholder", "ask", "page", "api", "bar", "again", "tcf", "gpp"]
#: Surfaces that only the server writes: a guardian's decision, the age band that an account says, the opt-out signal of
#: a browser whose visitor had allowed what it covers, a choice carried over from the site's earlier consent tool, and
#: what was chosen in a browser before its visitor signed in, taken over by their account.
ServerSurface = Literal["guardian", "account", "signal", "carried", "taken_over"]
#: Who acted.
Actor = Literal["subject", "guardian"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The record of one act. It holds no address, no browser name and no page: nothing that tells who the visitor is.

    `purposes` says granted or denied for each option that was answered; it is empty for `acknowledge` (the visitor saw
    a change of the notice) and for `age_…` (their age band). `time` is the server's, in milliseconds since 1970 (UTC);
    `valid_until` is a day since 1970. `seq` counts the acts of a subject. `id` follows from the idempotency key
    (`record_id`): a retry names the same record, and whoever reads the records cannot send the act again. `script` (the
    first 16 digits of its SHA-256) and `layout` say how the notice was given, where that is known. `signals` says what
    else was seen: `gpc`, the browser's opt-out signal; `scripted`, a script pressed; `account`, for a visitor who
    was signed in, and so for all devices where they are (which account is in no record); `shared`, the visitor's
    earlier acts are in the database of another host of the same domain; `carried:klaro` and `chosen:2026-05-03`, from
    which tool a choice was carried over, and when it was made there, as its cookie said.
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
    actor: Actor = "subject"
    signals: tuple[str, ...] = ()
    age_band: str | None = None
    site: str = ""
    region: str = ""
    script: str = ""
    layout: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def plain(self) -> dict[str, object]:
        """The record as JSON-ready values with times in ISO 8601: for exports, receipts and the log."""
        return {
            **vars(self),
            "purposes": dict(self.purposes),
            "signals": list(self.signals),
            "time": iso_moment(self.time),
            "valid_until": iso_date(self.valid_until),
        }

    def same_act_as(self, other: Choice) -> bool:
        """Do both say the same? Then the second is a retry of the first."""
        return all(getattr(self, name) == getattr(other, name) for name in ("notice", "action", "surface", "purposes"))

    def is_stored_as(self, stored: Choice) -> bool:
        """Is `stored`, which a store returned for this choice, this very act, and not an earlier one of its id?"""
        return stored is self or (stored.seq > self.seq and replace(stored, seq=self.seq) == self)

    @property
    def needs_latest_state(self) -> bool:
        """Does this act grant something, or claim an age at which visitors may grant? Such an act counts only on the
        state that the visitor saw. A refusal always counts, and so does what an account says.
        """
        return self.surface != "account" and needs_a_person(self.action, self.purposes)

    def placed_after(self, latest: int | None) -> Choice:
        """The record to store where `latest` is the highest `seq` stored for this subject (None: no record).

        If the state has changed since this act was made, a refusal becomes the newest act, and an act that needs the
        latest state raises StateMoved. Every act of a subject whose records were erased raises StateMoved.
        """
        if latest is None and self.seq > 1 and "shared" not in self.signals:
            raise StateMoved
        if latest is None or latest < self.seq:
            return self
        if self.needs_latest_state:
            raise StateMoved
        return replace(self, seq=latest + 1)


def record_id(site: str, key: str) -> str:
    """The id of the record of the act that has this idempotency key at this site: a UUID of the version for ids of
    one's own (8, RFC 9562). Nobody finds the key by it, and two sites never share one.
    """
    hashed = hashlib.sha256(key.encode()).hexdigest()
    return id_of_hashed(site, hashed)


def id_of_hashed(site: str, hashed: str) -> str:
    """The same by the SHA-256 of the key, which is what databases of earlier versions hold of it."""
    text = hashlib.sha256(f"{site}\n{hashed}".encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def new_subject() -> str:
    """A random name for a visitor of this site: 128 bits, linked to nothing."""
    return secrets.token_urlsafe(16)


def new_key() -> str:
    """A random idempotency key for one act."""
    return secrets.token_urlsafe(16)


def needs_a_person(action: str, purposes: Mapping[str, bool]) -> bool:
    """Must a person have pressed this? Yes if it grants something, or claims an age at which visitors may grant. The
    name of the action is untrusted: an unknown one needs nobody.
    """
    return any(purposes.values()) or (is_action(action) and ACTIONS[action].claims_consent_age)
