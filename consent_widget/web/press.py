"""Did a person press? A grant by a form counts only if a person pressed it in a top-level page of this site.

Browsers tell by Fetch Metadata (W3C, Fetch Metadata Request Headers): `Sec-Fetch-Dest` says where the response will be
shown, `Sec-Fetch-User` that a person caused the request. Chromium and Firefox send both. WebKit sends only the first; a
service worker that forwards requests changes the first to `empty` and drops the second; no browser sends either on
plain HTTP. In all these cases the form has to prove that it was in a page of ours.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from flask import request

from ..choice.form_proof import FormProofs
from ..days import today
from ..errors import Framed
from ..site.limit import network

FRAMES = ("iframe", "frame", "embed", "object", "fencedframe")


def in_frame() -> bool:
    """Will the response be shown inside another page? Browsers of 2019 had no `Sec-Fetch-Dest` and told by the mode."""
    environ = request.environ
    return environ.get("HTTP_SEC_FETCH_DEST") in FRAMES or environ.get("HTTP_SEC_FETCH_MODE") == "nested-navigate"


def mark(proofs: FormProofs, days_ago: int = 0) -> str:
    """A short code that only our forms for this browser have. A form written into a comment has none. It depends on the
    network, the browser's name and the day. In a cached page it belongs to another visitor and proves nothing.
    """
    browser = request.environ.get("HTTP_USER_AGENT", "")
    return proofs.mark(f"{network(request.remote_addr)} {browser}", today() - days_ago)


def new_proof(proofs: FormProofs) -> str:
    """The `key` for a form in a page of ours, made for this browser."""
    return proofs.make(mark(proofs))


def own_key(proofs: FormProofs, fields: Mapping[str, str]) -> str:
    """The form's `key`, if the form was in a page of ours that was sent to this browser; else empty. Anybody who copied
    a key could otherwise send the act again, and would get the visitor's token.
    """
    key = fields.get("key", "")
    return key if proofs.holds(key, _valid_marks(proofs)) else ""


def pressed_by_person(proofs: FormProofs, fields: Mapping[str, str]) -> bool:
    """Did a person press this at top level in a form of ours? False: a script may have, or nobody can tell. Raises
    Framed inside a frame, which another page may have covered: no press counts there.

    Of the form's `fields`, `key` proves that the form was in a page of ours that was sent to this browser, and `mark`
    that it was in a page of the site. `framed` says that the page was made for a frame: from there a press with Ctrl or
    Shift opens the answer at top level.
    """
    if "framed" in fields or in_frame():
        raise Framed("Inside another page, agreeing does not count. To agree, open this page by itself.")
    headers = request.headers
    if own_key(proofs, fields):
        return True
    if "Sec-Fetch-Dest" not in headers:
        return "Sec-Fetch-Site" in headers
    sent = fields.get("mark", "").encode()
    ours = any(hmac.compare_digest(sent, each.encode()) for each in _valid_marks(proofs))
    return ours and (headers["Sec-Fetch-Dest"], headers.get("Sec-Fetch-User")) == ("document", "?1")


def _valid_marks(proofs: FormProofs) -> list[str]:
    """The marks of this browser from today and from yesterday."""
    return [mark(proofs, days_ago) for days_ago in (0, 1)]
