"""Private links to one child's consent. Whoever has one decides for the child, so it is signed and names the child.

i.<subject>.<until>.<random>.<signature>    an invitation to decide, once, within seven days
k.<subject>.0.<random>.<signature>          a link to keep once the guardian has decided: to withdraw or erase, as long
                                            as there is something to withdraw or erase
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

from ..days import DAY
from .signer import make_signer
from .token import SUBJECT, has_one_spelling

#: For how many days an invitation is valid.
INVITATION_DAYS = 7
MAX_LINK_LENGTH = 200
INVITATION, MANAGE = "i", "k"


class Link(NamedTuple):
    """A link that was read. `key` is the idempotency key of the one choice that an invitation allows."""

    kind: str
    subject: str
    key: str


class GuardianLinks:
    """Signs and reads the links of one site (`scope`), with the keys of the token and another salt."""

    def __init__(self, keys: Sequence[str] | Sequence[bytes], scope: str = "") -> None:
        self._signer = make_signer(Signer, keys, f"consent_widget.guardian.{scope}")

    def invitation_link(self, subject: str, now: int) -> str:
        """A link to decide for this child, once. `now` is in seconds since 1970."""
        return self._signed(INVITATION, subject, now + INVITATION_DAYS * DAY)

    def manage_link(self, subject: str) -> str:
        """A link to withdraw what was decided, or to erase the records."""
        return self._signed(MANAGE, subject, 0)

    def read(self, text: str, now: int) -> Link | None:
        """The link in `text`. None for one that is forged, cut, too old or another site's; never an error."""
        if not 0 < len(text) <= MAX_LINK_LENGTH or not text.isascii():
            return None
        try:
            content = self._signer.unsign(text).decode()
            kind, subject, until, _ = content.split(".")
            if not has_one_spelling(text):
                return None
            if not SUBJECT.fullmatch(subject) or (kind == INVITATION and int(until) < now):
                return None
            return Link(kind, subject, content)
        except (BadSignature, ValueError):
            return None

    def _signed(self, kind: str, subject: str, until: int) -> str:
        return self._signer.sign(f"{kind}.{subject}.{until}.{secrets.token_urlsafe(12)}").decode()
