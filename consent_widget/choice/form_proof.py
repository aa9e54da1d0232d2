"""Proves that a form was on one of our own pages, for browsers that do not say so themselves (Fetch Metadata). These
pages run no script and cannot be framed, so only a person can have pressed the button. A *mark* ties a form to one
browser and one day. A *key* is a new random text plus that mark, signed.

    <random><mark>.<time>.<signature>

The part before the first dot is the idempotency key of the act.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence

from itsdangerous import BadSignature, Signer, TimestampSigner

from ..days import DAY
from .act import new_key
from .signer import make_signer

#: The length of a mark, in characters of base64 and in bytes.
MARK, MARK_BYTES = 22, 16


class FormProofs:
    """Makes and checks the `key` field of one site's forms (`scope`), signed with the keys of the token and another
    salt. Each is valid for one day, for the browser that it was made for, and for one act, because it is also that
    act's idempotency key.
    """

    def __init__(self, keys: Sequence[str] | Sequence[bytes], scope: str = "") -> None:
        self._signer = make_signer(TimestampSigner, keys, f"consent_widget.form.{scope}")
        self._mark_key = make_signer(Signer, keys, f"consent_widget.mark.{scope}").derive_key()

    def make(self, mark: str) -> str:
        """A new signed key for the browser with this `mark`. In any other browser it proves nothing."""
        return self._signer.sign(new_key() + mark).decode()

    def holds(self, text: str, marks: Iterable[str]) -> bool:
        """Was this key made within the last day for a browser with one of these `marks`? False for one that is forged,
        too old or another site's; never an error.
        """
        try:
            key = self._signer.unsign(text, max_age=DAY)
        except (BadSignature, ValueError):
            return False
        return any(hmac.compare_digest(key[-MARK:], mark.encode()) for mark in marks)

    def mark(self, browser: str, day: int) -> str:
        """The mark in every form that one `browser` is sent on one `day`: as a field of its own in pages of the site,
        inside the key on our pages. It is of no use to another browser, and says nothing about the visitor.
        """
        code = hashlib.blake2b(f"{browser}.{day}".encode(), key=self._mark_key, digest_size=MARK_BYTES).digest()
        return urlsafe_b64encode(code).rstrip(b"=").decode()


def idempotency_key_of(text: str, action: str) -> str:
    """The idempotency key in a form's `key`, proven or not: a refusal needs no proof. It includes the action, because a
    visitor who goes back and gives the other answer has acted twice.
    """
    key, signed, _ = text.partition(".")
    return f"{key}-{action}" if signed else key
