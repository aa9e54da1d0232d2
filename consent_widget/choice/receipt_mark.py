"""The address of a receipt carries a mark that only this site can make. So the site can say of a receipt whose record
is gone that it was there once (410), although nothing of it is kept; of any other number it says nothing (404).

    <id>~<mark>
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2b

from itsdangerous import Signer

from .signer import make_signer

#: How many bytes of a mark: nobody guesses one in 2^64, and a right guess would tell them nothing about anybody.
BYTES = 8


class ReceiptMarks:
    """Makes and knows the marks of one site (`scope`), with the keys of the token and another salt. The last of `keys`
    makes them, and all of them know theirs: once a key is gone, its receipts are unknown numbers like any other.
    """

    def __init__(self, keys: Sequence[str] | Sequence[bytes], scope: str = "") -> None:
        self._keys = make_signer(Signer, keys, f"consent_widget.receipt.{scope}").secret_keys

    def named(self, id: str) -> str:
        """A receipt as its address names it."""
        return f"{id}~{_mark(self._keys[-1], id)}"

    def read(self, name: str) -> tuple[str, bool]:
        """The id in the address of a receipt, and whether this site has given it out. Never an error."""
        id, _, mark = name.partition("~")
        given = mark.encode("utf-8", "surrogatepass")
        return id, any(hmac.compare_digest(_mark(key, id).encode(), given) for key in self._keys)


def _mark(key: bytes, id: str) -> str:
    code = blake2b(id.encode("utf-8", "surrogatepass"), key=key, digest_size=BYTES).digest()
    return urlsafe_b64encode(code).rstrip(b"=").decode()
