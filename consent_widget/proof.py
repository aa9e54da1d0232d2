"""Proof that a form stood on one of our own pages. Those run no script and cannot be framed, so what is pressed there
was pressed by a person who saw it. For browsers that do not say so themselves.

    <idempotency key>.<time>.<signature>
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from itsdangerous import BadSignature, Signer, TimestampSigner

from .choice import new_key

SECONDS = 86_400


class Proofs:
    """Makes and checks the `key` of forms of one site (`scope`), with the keys of the cookie and a salt of their own.
    Each is good for one day and for one act, because it is also that act's idempotency key.
    """

    def __init__(self, keys: Sequence[str], scope: str = "") -> None:
        self._signer = TimestampSigner(list(keys), f"consent_widget.form.{scope}", ".", "hmac", hashlib.sha256)
        self._marker = Signer(list(keys), f"consent_widget.mark.{scope}", ".", "hmac", hashlib.sha256)

    def make(self) -> str:
        """A new key, signed."""
        return self._signer.sign(new_key()).decode()

    def holds(self, text: str) -> bool:
        """Is this a key of ours, made within the last day? Forged, foreign or too old: False, never an error."""
        try:
            return bool(self._signer.unsign(text, max_age=SECONDS))
        except (BadSignature, ValueError):
            return False

    def mark(self, browser: str, day: int) -> str:
        """What a form of ours in a page of the site carries: the same for all that one `browser` was sent on that
        day, and of no use to another. It names nobody and is no key of an act.
        """
        return self._marker.get_signature(f"{browser}.{day}").decode()[:22]


def key_of(text: str, action: str) -> str:
    """The idempotency key in it, proven or not: a refusal needs no proof. Who goes back to a page of ours and gives the
    other answer there has acted twice.
    """
    key, signed, _ = text.partition(".")
    return f"{key}-{action}" if signed else key
