"""Answers that are the same for every visitor, each made once: scripts, style sheets, payloads, trees, texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flask import Response, abort, current_app, request

from ..errors import StoreError
from ..resources import PACKAGE
from ..script.body import Body
from ..script.bundle import Script
from ..site.assets import Assets
from ..site.beside import BEGINNING, assets_beside
from ..subject.records import answered_notice, text_of_notice
from .http import BRIEFLY, DAILY, FOREVER, STALE_WHILE_REVALIDATE, static_response
from .request import choose_locale
from .shown_count import count_script
from .visitor_site import visitor_site

TYPES = Body((PACKAGE / "widget.d.ts").read_bytes(), "text/plain")


def stable_script() -> Response:
    """The first part of the script, in the visitor's language, at a URL that never changes. It loads the rest."""
    site = visitor_site()
    locale = choose_locale(site, request.args.get("lang"))
    count_script(site, locale)
    response = static_response(site.assets.scripts[locale].first, STALE_WHILE_REVALIDATE)
    response.vary.add("Accept-Language")
    return response


def script_rest(hash: str) -> Response:
    """The rest of the script, by its hash."""
    return _by_hash(hash, (script.rest for script in _scripts()), _script().rest)


def embeds(hash: str) -> Response:
    """The part of the script for embedded content, by its hash."""
    site = visitor_site()
    return _by_hash(hash, (each.embeds for each in site.all_assets), site.assets.embeds)


def hashed_script(hash: str) -> Response:
    """The script in one file, by its hash. Pages that pin one name it for as long as they like, so browsers ask every
    day whether it may still run: none opens anything under an old meaning for longer.
    """
    if pinned := next((script.pinned for script in _scripts() if script.pinned.hash == hash), None):
        return static_response(pinned, DAILY)
    guards = filter(None, (each.guard for each in visitor_site().all_assets))
    return _by_hash(hash, (*(script.whole for script in _scripts()), *guards), _script().whole)


def bridge(name: str) -> Response:
    """The script that tells another program of the page what visitors choose."""
    return static_response(visitor_site().assets.bridges.get(name), STALE_WHILE_REVALIDATE)


def hashed_sheet(hash: str) -> Response:
    """A style sheet, by its hash."""
    site = visitor_site()
    sheets = (sheet for each in site.all_assets for sheet in (each.sheet, each.fallback_sheet))
    return _by_hash(hash, sheets, site.assets.sheet)


def types() -> Response:
    """The script's API as TypeScript declarations."""
    return static_response(TYPES, BRIEFLY)


def payload(locale: str) -> Response:
    """The script's data in one locale: texts, options and settings."""
    return _text(lambda assets: assets.payloads.get(locale))


def statement_tree(locale: str) -> Response:
    """The whole notice for the script: its style and its tree of elements."""
    return _text(lambda assets: assets.statements.get(locale))


def question_tree(key: str, locale: str) -> Response:
    """The dialog in which the script asks for one option."""
    return _text(lambda assets: assets.questions.get((key, locale)))


def changes_tree(digest: str, locale: str) -> Response:
    """For the script: what has changed since the notice whose digest begins with these eight digits."""
    return static_response(visitor_site().assets.changes.get((digest, locale)), BRIEFLY)


def notice_text(version: str) -> Response:
    """The canonical text of a version, or of the notice with this digest. The SHA-256 of these bytes is the notice's
    digest, so anybody can check it.
    """
    site = visitor_site()
    body = site.texts.get(version)
    try:
        if body is None and answered_notice(site, version) and (text := text_of_notice(site, version)):
            body = Body(text.encode(), "application/json")
    except StoreError:
        abort(503)
    return static_response(body, BRIEFLY)


def current_notice_text() -> Response:
    """The canonical text of the notice in effect."""
    return notice_text(visitor_site().notice.digest)


def _text(find: Callable[[Assets], Body | None]) -> Response:
    """A text of the notice that the address names behind its `?`, as pages of another release or from before a change
    do; without one, of the notice in effect. 404 for a notice that nobody knows here.
    """
    site, digest = visitor_site(), request.query_string.decode("latin-1")
    try:
        assets = assets_beside(site, digest, current_app.debug) if BEGINNING.fullmatch(digest) else site.assets
    except StoreError:
        abort(503)
    return static_response(find(assets) if assets else None, BRIEFLY)


def _by_hash(hash: str, bodies: Iterable[Body], current: Body) -> Response:
    """The one of this hash: this release's never changes, so browsers keep it for good; that of another release is
    served as long as its notice may still be obeyed. Else the current one, which none keeps under this name.
    """
    if body := next((body for body in bodies if body.hash == hash), None):
        return static_response(body, FOREVER)
    site = visitor_site()
    if earlier := site.releases.file(hash, site.notice):
        return static_response(earlier, BRIEFLY)
    response = static_response(current, "no-cache")
    response.vary.add("Accept-Language")
    return response


def _scripts() -> Iterator[Script]:
    """All scripts of this release: a page may name one that was made for another region than its visitor's."""
    return (script for assets in visitor_site().all_assets for script in assets.scripts.values())


def _script() -> Script:
    site = visitor_site()
    return site.assets.scripts[choose_locale(site, request.args.get("lang"))]
