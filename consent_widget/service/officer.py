"""Who may see the officer's page of a site of the service: by a password that `consent-widget officer` makes.

The browser asks for it (HTTP Basic, RFC 7617), over HTTPS only, so the service keeps no sessions; a program may send it
as a bearer token (RFC 6750). The file has only its SHA-256. That is enough for a password of 160 random bits, which
nobody guesses; of one that somebody chose it would not be. Forms are taken from the page itself only, as
browsers send such a password along with whatever a page of another site makes them ask for.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping

from flask import Response, abort, request

from ..errors import ConfigurationError
from ..web.http import PRIVATE

#: Bytes of randomness in a password.
BYTES = 20
HASH = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")


def new_password() -> tuple[str, str]:
    """A new password, and what sites.toml has of it."""
    password = secrets.token_urlsafe(BYTES)
    return password, hashed(password)


def hashed(password: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(password.encode()).hexdigest()


def officer_of(table: object) -> Callable[[], str]:
    """The setting CONSENT_OFFICER for a table of names and hashes, or ConfigurationError."""
    if not isinstance(table, Mapping) or not all(
        isinstance(hash, str) and HASH.fullmatch(hash) and NAME.fullmatch(name) for name, hash in table.items()
    ):
        raise ConfigurationError(
            'CONSENT_OFFICER: must be a table of names and hashes, like { lin = "…" }. Make a line with: '
            "consent-widget officer lin"
        )
    officers = {hash: name for name, hash in table.items()}

    def officer() -> str:
        if not request.is_secure:
            abort(_refusal(403, "The officer's page is shown over HTTPS only.\n"))
        sent = request.authorization
        password = sent and (sent.password if sent.type == "basic" else sent.token if sent.type == "bearer" else None)
        found = _officer(officers, hashed(password or ""))
        if sent and sent.type == "basic" and found != sent.username:
            found = ""
        return found or abort(_refusal(401, "Sign in with the name and the password of an officer.\n"))

    return officer


def _officer(officers: Mapping[str, str], hash: str) -> str:
    """Whose password has this hash. Each is compared, so that the time tells nothing."""
    found = [name for each, name in officers.items() if hmac.compare_digest(each, hash)]
    return found[0] if found else ""


def _refusal(status: int, text: str) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = PRIVATE
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Consent records", charset="UTF-8"'
    return response
