"""Signatures of itsdangerous, with HMAC-SHA-256. The key of each salt is derived once and not for every signature: most
pages verify one (`python -m bench page`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

from itsdangerous import Signer
from itsdangerous.signer import SigningAlgorithm

AnySigner = TypeVar("AnySigner", bound=Signer)


class _HMAC(SigningAlgorithm):
    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


def make_signer(kind: type[AnySigner], keys: Sequence[str] | Sequence[bytes], salt: str) -> AnySigner:
    """A signer of this kind for texts of one purpose, its `salt`. The last of `keys` signs, all of them verify."""
    derived = [Signer(key, salt, ".", "hmac", hashlib.sha256).derive_key() for key in keys]
    return kind(derived, sep=".", key_derivation="none", algorithm=_HMAC())
