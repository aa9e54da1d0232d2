"""The widget's pages, for reading at leisure and for browsers that run no script."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import quote

from flask import Response, abort, current_app, render_template, request

from ..choice.act import Choice
from ..choice.policy import barred, decision
from ..choice.state import NOTHING
from ..days import today
from ..errors import Problem
from ..notice.model import Notice
from ..notice.options import Option
from ..site.site import Site
from ..ui.age import question
from ..ui.centre import centre
from ..ui.changes import what_changed
from ..ui.choices import moment
from ..ui.needed import needed
from ..ui.node import Node, el, html
from ..ui.opt_out import opt_out
from ..ui.statement import statement
from ..ui.versions import versions_list
from ..ui.view import Answers, View, head
from .consent import consent
from .http import PRIVATE, form_fields, own_path
from .press import new_proof

#: What a form sends must stay small.
MAX_PATH_LENGTH = 500
#: The template around every page: the site's own where it has one, else ours.
FRAME = "consent_widget/page.html"
OUR_FRAME = Path(__file__).absolute().parent / "templates" / FRAME
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def preferences_page(
    site: Site, told: str = "", problem: Problem | None = None, picked: Container[str] | None = None
) -> Response:
    """The preference centre as a form. `told` names a word that says how the last answer fared. The switches are as
    they stand, or as the visitor has just `picked`.
    """
    view = site.view(site.locale(request.args.get("lang") or form_fields().get("locale")))
    on = _granted if picked is None else lambda option: option.key in picked
    next = own_path(request.args.get("next") or form_fields().get("next"))
    form = centre(
        view,
        Answers(on, consent.gpc, consent.band),
        fields(view, "centre", next, key=new_proof(site.proofs), after=consent.state.id if consent.state else NOTHING),
        close=False,
    )
    told = view.messages[told].format(age=view.child_below) if told else ""
    said = el("p.cw-said", told, role="status") if told else None
    asked = None
    if site.asks_age(consent.band):
        asked = question(view, fields(view, "centre", next, key=new_proof(site.proofs)))
    response = page(site, view, el("div", said, asked, form), view.messages["preferences"])
    response.headers["Cache-Control"] = PRIVATE
    return _with_problem(response, problem)


def notice_page(site: Site, notice: Notice, locale: str, *, lasting: bool = False) -> Response:
    """The whole notice, the same for every visitor, with its fingerprint and the way to every version. At its
    `lasting` address it stays for good.
    """
    view = site.view(locale)
    shown = View(notice, locale, view.prefix, view.region, notice.version if lasting else "")
    current = {"version": notice.version, "current": site.notice.version}
    content = el(
        "div",
        el("p.cw-said", view.messages["not_in_effect"].format(**current), role="note")
        if notice != site.notice
        else None,
        statement(shown),
        versions_list(shown, site.notice, site.versions),
    )
    cache = "public, max-age=86400" if lasting else "public, no-cache"
    response = page(site, view, content, notice.title[locale], cache)
    if not lasting:
        response.vary.add("Accept-Language")
    response.set_etag(f"{notice.digest}.{hashlib.sha256(response.get_data()).hexdigest()[:16]}")
    return cast(Response, response.make_conditional(request))


def opt_out_page(site: Site, done: Choice | None = None, problem: Problem | None = None) -> Response:
    """“Do not sell or share”: the button, or the confirmation of what was `done`."""
    view = site.view(site.locale(request.args.get("lang") or form_fields().get("locale")))
    concerned = [option for option in site.notice.options.values() if option.purpose.gpc_opt_out]
    already = not done and all(_denied(option) for option in concerned)
    hidden = None if done else fields(view, "page", None, key=new_proof(site.proofs))
    told = None
    if done:
        told = view.messages["do_not_share_done"].format(when=moment(view, done.time))
    elif problem:
        told = view.messages["not_kept"]
    content = opt_out(view, hidden, gpc=consent.gpc, already=already)
    said = el("p.cw-said", told, role="status") if told else None
    response = page(site, view, el("div", said, content), view.messages["do_not_share"])
    response.headers["Cache-Control"] = PRIVATE
    return _with_problem(response, problem)


def changes_page(site: Site) -> Response:
    """What changed since this visitor saw the notice last, and the button that says he has seen it."""
    view, news = site.view(site.locale(request.args.get("lang"))), consent.news
    if news:
        hidden = fields(
            replace(view, notice=news.after), "page", own_path(request.args.get("next")), key=new_proof(site.proofs)
        )
        content = what_changed(view, news, hidden)
    else:
        content = el(
            "section",
            head(view, view.messages["changes"], "changes"),
            el("p", view.messages["no_news"]),
            versions_list(view, site.notice, site.versions),
        )
    response = page(site, view, content, view.messages["changes"])
    response.headers["Cache-Control"] = PRIVATE
    return response


def needed_page(
    site: Site, purpose: str, recipient: str | None, otherwise: str | None = None, next: str | None = None,
    told: str = "",
) -> Response:  # fmt: skip
    """403 for a view that rests on a consent that is not there: why, and the choice itself. A grant leads back here, or
    to `next`; a refusal to `otherwise`, and never back to the same question. `told` as for `preferences_page`.
    """
    view, known = site.view(site.locale()), site.notice.purpose(purpose)
    if known is None:
        abort(404)
    option = site.notice.options.get(f"{purpose}:{recipient}" if recipient else purpose)
    if option and consent.gpc and option.purpose.gpc_opt_out:
        option = None
    band = (
        consent.band if consent.band == "child" or (option and option.key in barred(site.notice, consent.band)) else ""
    )
    refused = otherwise or f"{view.url('preferences')}&saved=1"
    form = fields(view, "page", next or here(), key=new_proof(site.proofs))
    hidden = el("div", form, el("input", type="hidden", name="otherwise", value=refused))
    said = el("p.cw-said", view.messages[told], role="status") if told else None
    content = needed(view, known, option, hidden, band)
    response = page(site, view, el("div", said, content) if said else content, view.messages["needed_title"])
    response.status_code = 403
    response.headers["Cache-Control"] = PRIVATE
    return response


def here() -> str:
    """The path of this request, to come back to."""
    query = request.query_string.decode("latin-1")
    path = quote(request.script_root + request.path) + (f"?{query}" if query else "")
    return path if len(path) <= MAX_PATH_LENGTH else quote(request.script_root + request.path)[:MAX_PATH_LENGTH]


def fields(
    view: View, surface: str, next: str | None, key: str | None = None, after: str | None = None,
    mark: str | None = None, framed: str | None = None,
) -> Node:  # fmt: skip
    """What a form sends besides its button. Without a `key`, the same for every visitor of a page, but for the `mark`
    of the browser that it was made for. `after` is the state that the form shows, where it shows one. `framed`: the
    page is inside another one.
    """
    values = {"notice": view.notice.digest, "locale": view.locale, "surface": surface, "next": next, "key": key}
    values |= {"after": after, "mark": mark, "framed": framed}
    inputs = (el("input", type="hidden", name=name, value=value) for name, value in values.items() if value)
    return el("div", *inputs, hidden=True)


def _with_problem(response: Response, problem: Problem | None) -> Response:
    if problem:
        response.status_code = problem.status
        if problem.retry_after:
            response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _denied(option: Option) -> bool:
    found = decision(option, consent.state, today())
    return consent.gpc or (found is not None and not found.granted)


def _granted(option: Option) -> bool:
    found = decision(option, consent.state, today())
    return found is not None and found.granted


def page(site: Site, view: View, content: Node, title: str, cache: str = PRIVATE) -> Response:
    """A page of ours around `content`: it runs nothing and cannot be framed. A template of the site's own may greet
    the visitor by name, so with that no page is kept by a cache that others share (RFC 9111, 5.2.2.7).
    """
    template = current_app.jinja_env.get_template(FRAME)
    if cache != PRIVATE and Path(template.filename or "") != OUR_FRAME:
        cache = "private, no-cache"
    text = render_template(
        template,
        content=html(content),
        title=title,
        view=view,
        words=view.messages,
        home=site.home,
        away=not site.at_home,
        sheet=f"{view.prefix}/widget.{site.sheet.hash}.css",
    )
    response = Response(text, mimetype="text/html")
    response.content_language.add(view.locale)
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"  # no page that opened this one reaches into it
    response.headers["Referrer-Policy"] = "same-origin"
    return response
