"""Why Chromium cannot open a page, in plain words."""

from __future__ import annotations

#: What the browser's own words mean for whom it is not told.
FAULTS = {
    "ERR_INVALID_AUTH_CREDENTIALS": "answers 401. Put the name and the password into the address: https://name:password@…",
    "ERR_NAME_NOT_RESOLVED": "cannot be opened: there is no such host",
    "ERR_CONNECTION_REFUSED": "cannot be opened: nobody answers there",
    "ERR_SSL_PROTOCOL_ERROR": "cannot be opened: it does not speak HTTPS. Say http:// where that is so on purpose",
    "ERR_TOO_MANY_REDIRECTS": "cannot be opened: it redirects in a circle",
    "ERR_CERT_AUTHORITY_INVALID": "cannot be opened: no browser trusts its certificate",
}


def chromium_fault(said: str) -> str:
    """What the browser's own word means."""
    return FAULTS.get(said, f"cannot be opened ({said})")
