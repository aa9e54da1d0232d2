"""How a visitor's account is known here: by a keyed hash of what the site calls it, and never by that itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from .act import new_subject

#: What the site's own function may return for an account: something that stays the same for as long as it exists.
Reference = str | int | UUID
#: How the subject of each account begins. A random one of a browser begins so once in 16 million.
BEGINNING = "acct"
#: 128 bits: nobody finds two accounts with one name.
NAME_BYTES = 16


class Linked(NamedTuple):
    """The account's own subject, and since when (milliseconds since 1970)."""

    subject: str
    since: int


def new_account_subject() -> str:
    """A random name for an account: it says that it is one's, and 104 bits that say nothing."""
    return BEGINNING + new_subject()[len(BEGINNING) :]


def is_of_account(subject: str) -> bool:
    """Is this subject an account's, and not a browser's own? Where it stands in a token, that is signed with it."""
    return subject.startswith(BEGINNING)


class AccountNames:
    """Names accounts of one site (`scope`) by HMAC-SHA-256, shortened to 128 bits. Whoever has only the database can
    neither read which account it is, nor try references, nor tell that two sites have the same one.
    """

    def __init__(self, keys: Sequence[bytes], scope: str = "") -> None:
        salt = f"consent_widget.account.{scope}".encode()
        self._keys = [hmac.digest(key, salt, "sha256") for key in reversed(keys)]

    def of(self, reference: Reference) -> tuple[bytes, ...]:
        """The names of an account, by the newest key first: a link that was stored under an older key is still found.
        ValueError for what names no account.
        """
        if isinstance(reference, bool) or not isinstance(reference, (str, int, UUID)) or reference == "":
            raise ValueError("an account is named by a text that is not empty, a whole number, or a UUID")
        text = str(reference).encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, text, hashlib.sha256)[:NAME_BYTES] for key in self._keys)


#: Returns what the site calls the account that is signed in, or None.
AccountHook = Callable[[], Reference | None]
