"""Notices that other processes show beside this one's: while a release is rolled out, and for pages from before it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from ..choice.state import State
from ..days import DAY
from ..errors import NoticeError, StoreError
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..script.bundle import built_files
from .asking import is_pending
from .assets import Assets, make_assets
from .site import Site

HOUR = 3600
#: Of so many other notices the bytes are ready.
MOST_ASSETS = 4
BEGINNING = re.compile(r"[0-9a-f]{8,64}")


def notice_beside(site: Site, digest: str) -> Notice | None:
    """The notice of this site that the database knows by this digest, or by its first eight digits or more. None for
    the one in effect here, and for an unknown one. Raises StoreError where only the database could tell, and is away.
    """
    if not BEGINNING.fullmatch(digest) or site.notice.digest.startswith(digest):
        return None
    return next((each for each in _known(site) if each.digest.startswith(digest)), None) or next(
        iter(_read(site, digest)), None
    )


def site_beside(site: Site, digest: object) -> Site:
    """The site as a process sees it that shows the notice of this digest. So pages of two releases, and pages from
    before a change, are answered by what they have shown. `site` itself where that is unknown, names another
    controller or is another site's; and for an announced notice, which nobody shows before its day. Clocks may differ
    by an hour. Raises StoreError: what nobody can tell is no reason to call a page outdated.
    """
    notice = notice_beside(site, digest) if isinstance(digest, str) and len(digest) >= 16 else None
    if notice is None or notice.controller.name != site.notice.controller.name:
        return site
    published = any(notice.digest == version.digest for version in site.versions)
    if not (published or site.releases.shows(notice)):
        return site
    if published and site.announced and notice.first_day * DAY > time.time() + HOUR:
        return site
    return replace(site, notice=notice, news={}, latest_news=None, changed={}, announced=None, printed={})


def assets_beside(site: Site, digest: str, debug: bool) -> Assets | None:
    """What is sent to a page with the notice of this digest, or None where that is unknown. Made when first asked for,
    without the news of that notice: its page has them. Raises StoreError.
    """
    for each in site.in_turn:
        if each.notice.digest.startswith(digest):
            return each.assets
    notice = notice_beside(site, digest)
    if notice is None:
        return None
    if notice.digest not in site.assets_cache:
        if len(site.assets_cache) >= MOST_ASSETS:
            site.assets_cache.clear()
        site.assets_cache[notice.digest] = make_assets(built_files(debug), notice, site.settings, region=site.region)
    return site.assets_cache[notice.digest]


def is_asked(site: Site, state: State | None, band: str, *, gpc: bool) -> bool:
    """Must a visitor in this state be asked for something? Not here what they have answered under a newer notice: what
    that does not mean any more, or does not ask, is off here, and they are not asked back and forth.
    """
    if not is_pending(site, state, band, gpc=gpc):
        return False
    seen = _seen(site, state)
    is_newer = seen is not None and seen.is_newer_than(site.notice)
    return not (seen and is_newer) or is_pending(replace(site, notice=seen), state, band, gpc=gpc)


def notices_beside(site: Site, state: State) -> Collection[Notice]:
    """The other notices that `State.after` has to know of for a visitor in this state: the one that they saw last, and
    those that ask for what they have granted and the notice here does not.
    """
    granted = {tag for tag, decision in state.decisions.items() if decision.granted and tag not in site.notice.meanings}
    seen = _seen(site, state)
    if not granted:
        return [seen] if seen else []
    if not all(any(tag in each.meanings for each in _known(site)) for tag in granted):
        with suppress(StoreError):
            _read(site)
    return _known(site)


def _seen(site: Site, state: State | None) -> Notice | None:
    """The notice that a visitor saw last, where that is another one and known."""
    if state is None or not state.notice:  # or they have chosen nothing yet
        return None
    with suppress(StoreError):
        return notice_beside(site, state.notice)
    return None


def _known(site: Site) -> Collection[Notice]:
    """What was published before this process started, or read since."""
    return {each.digest: each for each in (*(v.notice for v in site.versions), *site.notice_cache.values())}.values()


def _read(site: Site, beginning: str = "") -> list[Notice]:
    """Reads from the database what is new there."""
    texts = site.store.notices_of(site.notice.id, beginning) if hasattr(site.store, "notices_of") else {}
    found = []
    for digest, text in texts.items():
        try:
            notice = site.notice_cache.get(digest) or stored_notice(text, digest)
        except (NoticeError, json.JSONDecodeError):
            continue
        if notice and notice.id == site.notice.id:
            site.notice_cache[digest] = notice
            found.append(notice)
    return found
