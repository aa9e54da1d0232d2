"""Email addresses that are passed on to the site's mail code: exactly one mailbox, whichever mail program reads it."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

MAX_ADDRESS_LENGTH = 254
#: Characters that are allowed besides letters, marks and digits of any script (RFC 6531). RFC 5322, 3.2.3 allows more;
#: left out are those that some mail programs use for routing (`!`, `%`), pipes or expansion (`|`, `` ` ``, `$`, `*`).
IN_LOCAL_PART, IN_DOMAIN = "_+-'&=~#", "-"


def is_address(text: str) -> bool:
    """Is this one address in its plain form (RFC 5322, 3.4.1: dot-atom on both sides of one `@`)? Then it is no list,
    no option of a mail program and no header. It must be in NFKC already, so that no look-alike (`＠`) becomes a
    special character later.
    """
    local, _, domain = text.partition("@")
    return (
        all(_is_atom(each, IN_LOCAL_PART) for each in local.split("."))
        and all(_is_atom(each, IN_DOMAIN) for each in domain.split("."))
        and len(text.encode()) <= MAX_ADDRESS_LENGTH
        and unicodedata.is_normalized("NFKC", text)
    )


def mailbox(address: str) -> str:
    """The same text for all addresses that usually reach the same person: without case, dots and `+tag`, and with the
    domain in ASCII (IDNA, RFC 3490).
    """
    local, _, domain = address.casefold().partition("@")
    with suppress(UnicodeError):  # it has no ASCII form
        domain = domain.encode("idna").decode()
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def _is_atom(text: str, more: str) -> bool:
    """Is this one or more allowed characters, starting with a letter, a digit or `_`?"""
    return text[:1] not in ("", *more.replace("_", "")) and all(
        each in more or unicodedata.category(each)[0] in "LMN" for each in text
    )
