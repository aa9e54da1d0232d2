"""Email addresses, as far as this package passes one on: exactly one mailbox, whichever mail program reads it."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

MAX_ADDRESS_LENGTH = 254
#: Beside letters, marks and digits of any script (RFC 6531). Of the other characters that RFC 5322, 3.2.3 allows, those
#: that route (`!`, `%`), pipe or expand (`|`, `` ` ``, `$`, `*`) somewhere are left out: no real address needs them.
IN_LOCAL_PART, IN_DOMAIN = "_+-'&=~#", "-"


def is_address(text: str) -> bool:
    """Is this one address in its plain form (RFC 5322, 3.4.1: dot-atom on both sides of one `@`)? It can then be no
    list, no option of a mail program and no header. Only the one spelling that NFKC leaves alone is taken, so that no
    look-alike (`＠`) turns into a special character later.
    """
    local, _, domain = text.partition("@")
    return (
        all(_is_atom(each, IN_LOCAL_PART) for each in local.split("."))
        and all(_is_atom(each, IN_DOMAIN) for each in domain.split("."))
        and len(text.encode()) <= MAX_ADDRESS_LENGTH
        and unicodedata.is_normalized("NFKC", text)
    )


def mailbox(address: str) -> str:
    """The same text for addresses that usually reach one person: whatever their case, their dots and their `+tag`,
    and whether the domain is in its own script or in ASCII (IDNA, RFC 3490).
    """
    local, _, domain = address.casefold().partition("@")
    with suppress(UnicodeError):  # it has no such form
        domain = domain.encode("idna").decode()
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def _is_atom(text: str, more: str) -> bool:
    """One or more characters, beginning with a letter, a digit or `_`."""
    return text[:1] not in ("", *more.replace("_", "")) and all(
        each in more or unicodedata.category(each)[0] in "LMN" for each in text
    )
