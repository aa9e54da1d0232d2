"""The site as a witness of other operators' logs (c2sp.org/tlog-witness)."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, abort, request

from ..days import now_ms
from ..errors import StoreError
from ..proof.witness import SIZE, Refused, Submission
from ..site.site import current_site
from ..store import is_sql_store


def add_checkpoint() -> Response:
    """Cosigns a checkpoint that extends what was cosigned before. Who may ask is who has the key of a known log."""
    site = current_site()
    keys, store = site.settings.witness, site.store
    if keys is None or not is_sql_store(store):
        abort(404)
    try:
        submission = Submission.parse(request.get_data(cache=False))
        keys.signers(submission)
        return _text(store.cosign(submission, keys, now_ms() // 1000))
    except Refused as refused:
        if refused.size is not None:
            return _text(str(refused), refused.status, SIZE)
        return _text(f"{refused}\n", refused.status)
    except StoreError:
        return _text("The database does not answer. Try again later.\n", 503)


def witnessed_checkpoint(origin: str) -> Response:
    """The last checkpoint that was cosigned here, of the log whose name has this SHA-256."""
    site = current_site()
    if site.settings.witness is None or not is_sql_store(site.store):
        abort(404)
    try:
        notes = site.store.witnessed()
    except StoreError:
        abort(503)
    for name, note in notes.items():
        if sha256(name.encode()).hexdigest() == origin:
            return _text(str(note))
    abort(404)


def _text(text: str, status: int = 200, mimetype: str = "text/plain") -> Response:
    response = Response(text, status, content_type=mimetype if mimetype == SIZE else f"{mimetype}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
