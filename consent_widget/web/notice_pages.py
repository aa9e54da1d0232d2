"""The notice as pages: the current one, every published version, and what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import quote

from flask import Response, abort, request

from ..choice.policy import decision, locked
from ..days import today
from ..errors import Problem, StoreError
from ..notice.model import Notice
from ..notice.options import Option
from ..site.site import Site
from ..subject.records import answered_notice
from ..ui.again import ONE_OF_SEVERAL, questions
from ..ui.changes import what_changed
from ..ui.node import Node, el
from ..ui.statement import statement
from ..ui.versions import versions_list
from ..ui.view import head
from .consent import consent
from .http import form_fields, own_path
from .page import fields, page, unreadable_page, with_problem
from .press import new_proof
from .request import choose_locale, requested_view, view_in
from .visitor_site import visitor_site


def notice(version: str | None = None, locale: str | None = None) -> Response:
    """The whole notice: the current one, or an earlier one at its permanent address. `version` is a published version,
    or the digest of any notice that was ever answered here.
    """
    site = visitor_site()
    try:
        found = site.notice if version is None else site.notices.get(version) or answered_notice(site, version)
    except StoreError:
        view = requested_view(site)
        return unreadable_page(site, view, view.notice.title[view.locale])
    if found is None or (version and locale not in found.locales):
        abort(404)
    return _notice_page(site, found, locale or choose_locale(site, request.args.get("lang")), version or "")


def changes() -> Response:
    """What has changed since this visitor saw the notice last, with what it asks again, or else with the button that
    acknowledges it.
    """
    return changes_page(visitor_site())


def changes_page(site: Site, text: str = "", problem: Problem | None = None) -> Response:
    """The page. `text` is the key of a message about the last answer."""
    view, news = requested_view(site), consent.news
    if consent.asked_again and (news is None or news.announced):  # they have read the announcement of what is asked now
        news = site.latest_news
    if news:
        asked = tuple(filter(None, (_open(site, options) for options in questions(news))))
        next = own_path(request.args.get("next") or form_fields().get("next"))
        here = view.url("changes") + (f"&next={quote(next)}" if next else "")

        def hidden(surface: str) -> Node:
            then = here if surface == ONE_OF_SEVERAL else next
            return fields(replace(view, notice=news.after), surface, then, key=new_proof(site.proofs))

        content = what_changed(view, news, asked, hidden)
    else:
        content = el(
            "section",
            head(view, view.messages["changes"], "changes"),
            el("p", view.messages["no_news"]),
            versions_list(view, site.notice, site.versions),
        )
    said = view.messages[text] if text else ""
    return with_problem(page(site, view, content, view.messages["changes"], said=said), problem)


def _open(site: Site, options: Sequence[Option]) -> tuple[Option, ...]:
    """Those that this visitor has not decided yet, and can."""
    off, day = locked(site.notice, consent.band, gpc=consent.gpc), today()
    return tuple(each for each in options if each.key not in off and not decision(each, consent.state, day))


def _notice_page(site: Site, notice: Notice, locale: str, permanent: str) -> Response:
    """The same page for every visitor, with the notice's digest and links to all versions. `permanent` is by what it
    was asked for, empty for the one in effect.
    """
    view = view_in(site, locale)
    shown = replace(view, notice=notice, version=permanent)
    warning = None
    if notice != site.notice:
        key = "earlier_text" if notice.version == site.notice.version else "not_in_effect"
        text = view.messages[key].format(version=notice.version, current=site.notice.version)
        warning = el("p.cw-said", text, role="note")
    content = el("div", warning, statement(shown), versions_list(shown, site.notice, site.versions))
    cache = "public, max-age=86400" if permanent else "public, no-cache"
    response = page(site, view, content, notice.title[locale], cache)
    if not permanent:
        response.vary.add("Accept-Language")
    response.set_etag(f"{notice.digest}.{hashlib.sha256(response.get_data()).hexdigest()[:16]}")
    return cast(Response, response.make_conditional(request))
