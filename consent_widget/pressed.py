"""Who pressed: a grant without script counts only where a person pressed it in a top-level page of this site.

Browsers say so by Fetch Metadata (W3C, Fetch Metadata Request Headers): `Sec-Fetch-Dest` is where the answer will be
shown, `Sec-Fetch-User` is there where a person caused it. Chromium and Firefox send both. WebKit has only the first;
a service worker that passes requests on changes the first to `empty` and drops the second; no browser sends either on
plain HTTP. For all of these the form has to prove that it stood on a page of ours.
"""

from __future__ import annotations

from flask import request

from .errors import Framed

FRAMES = ("iframe", "frame", "embed", "object", "fencedframe")


def in_frame() -> bool:
    """Is what is asked for to be shown inside another page? Browsers of 2019 had no `Sec-Fetch-Dest` and said it by the
    mode.
    """
    headers = request.headers
    return headers.get("Sec-Fetch-Dest") in FRAMES or headers.get("Sec-Fetch-Mode") == "nested-navigate"


def by_person(proven: bool, framed: bool = False) -> bool:
    """Did a person press this, at top level? Not so: a script may have, or nobody can tell. In a frame, which another
    page may have covered, raises Framed: there, no press counts. `proven`: the form stood on a page of ours. `framed`:
    it was made for a frame, from where a press with Ctrl or Shift opens a page at top level.
    """
    if framed or in_frame():
        raise Framed("Inside another page, agreeing does not count. To agree, open this page by itself.")
    headers = request.headers
    if "Sec-Fetch-Dest" in headers:
        return proven or (headers["Sec-Fetch-Dest"], headers.get("Sec-Fetch-User")) == ("document", "?1")
    return proven or "Sec-Fetch-Site" in headers
