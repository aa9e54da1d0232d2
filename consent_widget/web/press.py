"""Who pressed: a grant without script counts only where a person pressed it in a top-level page of this site.

Browsers say so by Fetch Metadata (W3C, Fetch Metadata Request Headers): `Sec-Fetch-Dest` is where the answer will be
shown, `Sec-Fetch-User` is there where a person caused it. Chromium and Firefox send both. WebKit has only the first;
a service worker that passes requests on changes the first to `empty` and drops the second; no browser sends either on
plain HTTP. For all of these the form has to prove that it stood on a page of ours.
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
    """Is what is asked for to be shown inside another page? Browsers of 2019 had no `Sec-Fetch-Dest` and said it by the
    mode.
    """
    headers = request.headers
    return headers.get("Sec-Fetch-Dest") in FRAMES or headers.get("Sec-Fetch-Mode") == "nested-navigate"


def mark(proofs: FormProofs, days_ago: int = 0) -> str:
    """Tells a form that we have put into a page for this browser from one that somebody has written into a comment: by
    the network, the browser's name and the day. In a page from a cache it is another visitor's and counts for nothing.
    """
    return proofs.mark(f"{network(request.remote_addr)} {request.user_agent.string}", today() - days_ago)


def new_proof(proofs: FormProofs) -> str:
    """The `key` for a form on a page of ours, which is made for this browser."""
    return proofs.make(mark(proofs))


def own_key(proofs: FormProofs, fields: Mapping[str, str]) -> str:
    """The `key` that a form brings, where it stood on a page of ours that this browser was sent; else none. Whoever
    else wrote it down could send the act again, and be answered as the visitor.
    """
    key = fields.get("key", "")
    return key if proofs.holds(key, [mark(proofs, ago) for ago in (0, 1)]) else ""


def pressed_by_person(proofs: FormProofs, fields: Mapping[str, str]) -> bool:
    """Did a person press this, at top level, in a form of ours? Not so: a script may have, or nobody can tell. In a
    frame, which another page may have covered, raises Framed: there, no press counts. Of the `fields` that were sent,
    `key` proves that the form stood on a page of ours that this browser was sent; `mark` that it stood in a page of the
    site; `framed` says that this was made for a frame, from where a press with Ctrl or Shift opens a page at top level.
    """
    if "framed" in fields or in_frame():
        raise Framed("Inside another page, agreeing does not count. To agree, open this page by itself.")
    headers, marks = request.headers, [mark(proofs, ago) for ago in (0, 1)]
    if own_key(proofs, fields):
        return True
    if "Sec-Fetch-Dest" not in headers:
        return "Sec-Fetch-Site" in headers
    ours = any(hmac.compare_digest(fields.get("mark", "").encode(), each.encode()) for each in marks)
    return ours and (headers["Sec-Fetch-Dest"], headers.get("Sec-Fetch-User")) == ("document", "?1")
