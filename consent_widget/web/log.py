"""The log of all records, as anybody may read it (c2sp.org/tlog-tiles): the last checkpoint, and the tiles of its tree.
It holds no personal data: an entry says nothing to those who do not have its record.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, cast

from flask import Response, abort, request

from ..errors import ConsentError
from ..proof.checkpoint import Checkpoint
from ..proof.merkle import EMPTY
from ..proof.note import Note
from ..proof.tiles import ENTRIES, Tile, width_at
from ..site.log_policy import log_policy as site_policy
from ..site.site import current_site
from ..ui.log import log_page as page_content
from .http import BRIEFLY, FOREVER, SECONDS
from .page import page
from .request import requested_view
from .visitor_site import visitor_site


def log_page() -> Response:
    """What the log is, and what anybody needs to verify it."""
    site = visitor_site()
    view, policy = requested_view(site), site_policy(site.settings)
    note, _ = _log()
    keys = [log.key for log in policy.logs] if policy else []
    if note is None and not keys:  # nobody signs here
        abort(404)
    checkpoint = Checkpoint.parse(note.text) if note else Checkpoint(keys[0].name, 0, EMPTY)
    content = page_content(view, checkpoint.origin, checkpoint.size, [str(key) for key in keys])
    return page(site, view, content, view.messages["log"])


def log_checkpoint() -> Response:
    """The last checkpoint: a signed note."""
    note, _ = _last()
    return _sent(str(note).encode(), "text/plain", SECONDS)


def log_tile(path: str) -> Response:
    """A tile, or a bundle of entries, of the last checkpoint's tree. 410 where its entries were pruned."""
    tile = Tile.parse(f"tile/{path}")
    note, store = _last()
    if tile is None or width_at(tile.level, tile.index, Checkpoint.parse(note.text).size) < tile.width:
        abort(404)
    with _answering():
        content = store.bundle(tile) if tile.level == ENTRIES else store.tile(tile)
    if content is None:
        abort(410)
    return _sent(content, "application/octet-stream", FOREVER, compressed=tile.level == ENTRIES)


def log_policy() -> Response:
    """Whom a verifier has to trust: the key of the log, and its witnesses."""
    policy = site_policy(current_site().settings)
    if policy is None:
        abort(404)
    return _sent(policy.text.encode(errors="surrogateescape"), "text/plain", BRIEFLY)


def _last() -> tuple[Note, Any]:
    """The last checkpoint, and the store that has it. 404 where there is none."""
    note, store = _log()
    return note or abort(404), store


def _log() -> tuple[Note | None, Any]:
    """The last checkpoint, if there is one, and the store. 404 where the store keeps no log."""
    store: Any = current_site().store
    if not hasattr(store, "checkpoint"):
        abort(404)
    with _answering():
        return store.checkpoint(), store


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except ConsentError:  # the database is away, or damaged
        abort(503)


def _sent(content: bytes, mimetype: str, cache: str, *, compressed: bool = False) -> Response:
    response = Response(mimetype=mimetype)
    if compressed:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            content, response.content_encoding = gzip.compress(content, mtime=0), "gzip"
    response.set_data(content)
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(sha256(content).hexdigest()[:16])
    return cast(Response, response.make_conditional(request, accept_ranges=True, complete_length=len(content)))
