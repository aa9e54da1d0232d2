"""Proof that a form stood on one of our own pages. Those run no script and cannot be framed, so what is pressed there
was pressed by a person who saw it. For browsers that do not say so themselves.

    <random><mark>.<time>.<signature>

What stands before the first dot is the idempotency key of the act.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from itsdangerous import BadSignature, Signer, TimestampSigner

from ..days import DAY
from .act import new_key

#: How long a mark is.
MARK = 22


class FormProofs:
    """Makes and checks the `key` of forms of one site (`scope`), with the keys of the cookie and a salt of their own.
    Each is good for one day, for the browser that it was made for, and for one act, because it is also that act's
    idempotency key.
    """

    def __init__(self, keys: Sequence[str], scope: str = "") -> None:
        self._signer = TimestampSigner(list(keys), f"consent_widget.form.{scope}", ".", "hmac", hashlib.sha256)
        self._marker = Signer(list(keys), f"consent_widget.mark.{scope}", ".", "hmac", hashlib.sha256)

    def make(self, mark: str) -> str:
        """A new key for the browser that has this `mark`, signed: whoever copies it into a page of theirs has a key for
        their own browser.
        """
        return self._signer.sign(new_key() + mark).decode()

    def holds(self, text: str, marks: Iterable[str]) -> bool:
        """Is this a key of ours, made within the last day for a browser that has one of these `marks`? Forged, foreign
        or too old: False, never an error.
        """
        try:
            key = self._signer.unsign(text, max_age=DAY)
        except (BadSignature, ValueError):
            return False
        return any(hmac.compare_digest(key[-MARK:], mark.encode()) for mark in marks)

    def mark(self, browser: str, day: int) -> str:
        """What every form of ours carries, in a page of the site as it is and in one of our own inside the key: the
        same for all that one `browser` was sent on that day, and of no use to another. It names nobody and is no key of
        an act.
        """
        return self._marker.get_signature(f"{browser}.{day}").decode()[:MARK]


def key_of(text: str, action: str) -> str:
    """The idempotency key in it, proven or not: a refusal needs no proof. Who goes back to a page of ours and gives the
    other answer there has acted twice.
    """
    key, signed, _ = text.partition(".")
    return f"{key}-{action}" if signed else key
