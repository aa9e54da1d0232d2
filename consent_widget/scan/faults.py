"""Why a browser cannot open a page, in plain words."""

from __future__ import annotations

ASKS_WHO = "answers 401. Put the name and the password into the address: https://name:password@…"
NO_HOST = "cannot be opened: there is no such host"
NOBODY = "cannot be opened: nobody answers there"
NO_HTTPS = "cannot be opened: it does not speak HTTPS. Say http:// where that is so on purpose"
CIRCLE = "cannot be opened: it redirects in a circle"
CUT = "cannot be opened: the server ends the connection"
NOT_TRUSTED = "cannot be opened: no browser trusts its certificate"
#: What the browsers' own words mean: Chromium's first, then Firefox's.
FAULTS = {
    "ERR_INVALID_AUTH_CREDENTIALS": ASKS_WHO,
    "ERR_NAME_NOT_RESOLVED": NO_HOST,
    "ERR_CONNECTION_REFUSED": NOBODY,
    "ERR_SSL_PROTOCOL_ERROR": NO_HTTPS,
    "ERR_TOO_MANY_REDIRECTS": CIRCLE,
    "ERR_EMPTY_RESPONSE": CUT,
    "ERR_CONNECTION_RESET": CUT,
    "ERR_CERT_AUTHORITY_INVALID": NOT_TRUSTED,
    "dnsNotFound": NO_HOST,
    "connectionFailure": NOBODY,
    "redirectLoop": CIRCLE,
    "netReset": CUT,
    "netInterrupt": CUT,
}


def plain_fault(said: str) -> str:
    """What a browser's word means."""
    return FAULTS.get(said, f"cannot be opened ({said})")
