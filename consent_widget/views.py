"""The widget's own pages and its one way to write, as a blueprint."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from markupsafe import Markup

from .choice import new_key, vector
from .consent import consent, site_of
from .errors import (
    NotJSON,
    OriginNotAllowed,
    PayloadTooLarge,
    Problem,
    StaleNotice,
    StoreError,
    UnsupportedMediaType,
)
from .policy import decision, today
from .receipt import receipt
from .recording import Recorded, record
from .script import Body
from .site import Site
from .surface import Answers, View, el
from .surface.centre import centre
from .surface.needed import needed
from .surface.node import Node, html
from .surface.statement import statement

LARGEST = 2048
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"
PRIVATE = "private, no-store"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def make_blueprint(prefix: str) -> Blueprint:
    """The blueprint, under its prefix."""
    views = Blueprint("consent_widget", __name__, url_prefix=prefix, template_folder="templates")
    views.add_url_rule("/widget.js", view_func=stable_script)
    views.add_url_rule("/widget.<hash>.js", view_func=hashed_script)
    views.add_url_rule("/widget.<hash>.css", view_func=hashed_sheet)
    views.add_url_rule("/i18n/<locale>.json", view_func=locale_words)
    views.add_url_rule("/i18n/notice.<locale>.json", view_func=locale_statement)
    views.add_url_rule("/records", view_func=records, methods=["POST"])
    views.add_url_rule("/preferences", view_func=preferences, methods=["GET", "POST"])
    views.add_url_rule("/notice", view_func=notice)
    views.add_url_rule("/notice/<version>.<locale>", view_func=notice)
    views.add_url_rule("/health", view_func=health)
    return views


def stable_script() -> Response:
    """The script under a name that stays, in the visitor's language."""
    site = site_of()
    response = _body(site.scripts[site.locale(request.args.get("lang"))], BRIEFLY)
    response.vary.add("Accept-Language")
    return response


def hashed_script(hash: str) -> Response:
    """The script by its hash: this URL never means anything else."""
    return _body(next((each for each in site_of().scripts.values() if each.hash == hash), None), FOREVER)


def hashed_sheet(hash: str) -> Response:
    """The style sheet by its hash."""
    sheet = site_of().sheet
    return _body(sheet if sheet.hash == hash else None, FOREVER)


def locale_words(locale: str) -> Response:
    """Everything the script says in another locale."""
    return _body(site_of().words.get(locale), BRIEFLY)


def locale_statement(locale: str) -> Response:
    """The whole notice, as a tree for the script."""
    return _body(site_of().statements.get(locale), BRIEFLY)


def records() -> Response:
    """Take one choice: checked, durably kept, acknowledged with the token (201; 200 for a retry)."""
    site = site_of()
    try:
        _only_from_here()
        if request.content_encoding or (request.content_length or LARGEST + 1) > LARGEST:
            raise PayloadTooLarge(f"A choice has at most {LARGEST} bytes, sent plain and with its length.")
        if request.mimetype != "application/json":
            raise UnsupportedMediaType("Send application/json.")
        recorded = record(site, _json())
    except Problem as problem:
        return _problem(problem)
    answer = {"token": recorded.token, "receipt": _receipt(site, recorded)}
    response = Response(json.dumps(answer, ensure_ascii=False), 201 if recorded.new else 200)
    response.mimetype = "application/json"
    return _with_cookies(site, response, recorded)


def preferences() -> Response:
    """The preference centre as a page, and the form that works where no script runs."""
    site = site_of()
    if request.method == "GET":
        return _preferences(site, "saved" if "saved" in request.args else "")
    form = request.form
    try:
        _only_from_here()
        if (request.content_length or LARGEST + 1) > LARGEST:
            raise PayloadTooLarge(f"A choice has at most {LARGEST} bytes.")
        action, view = form.get("action", ""), site.views[site.locale(form.get("locale"))]
        raw = {
            "key": form.get("key") or new_key(),
            "notice": form.get("notice"),
            "locale": view.locale,
            "action": action,
            "surface": form.get("surface", "layer"),
            "purposes": vector(site.notice, action, form.getlist("grant"), _answered(site)),
        }
        recorded = record(site, raw)
    except Problem as problem:
        if problem.status in (403, 413):
            return _problem(problem)
        return _preferences(site, "changed" if isinstance(problem, StaleNotice) else "not_kept", problem)
    url = _local(form.get("next")) or f"{view.url('preferences')}&saved=1"
    return _with_cookies(site, cast(Response, redirect(url, 303)), recorded)


def notice(version: str | None = None, locale: str | None = None) -> Response:
    """The whole notice: to read, keep and print."""
    site = site_of()
    if version is not None and (version != site.notice.version or locale not in site.views):
        abort(404)
    view = site.views[locale or site.locale(request.args.get("lang"))]
    response = _page(site, view, statement(view), view.notice.title[view.locale])
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.add("Accept-Language")
    response.add_etag()
    return cast(Response, response.make_conditional(request))


def health() -> Response:
    """200 while choices can be kept, 503 while they cannot."""
    ping = getattr(site_of().store, "ping", None)
    try:
        if ping:
            ping()
    except StoreError:
        return Response('{"status": "store unreachable"}', 503, mimetype="application/json")
    return Response('{"status": "ok"}', mimetype="application/json", headers={"Cache-Control": PRIVATE})


def needed_page(site: Site, purpose: str, recipient: str | None) -> Response:
    """403 for a view that rests on a consent that is not there."""
    view = site.views[site.locale()]
    known = site.notice.purpose(purpose)
    if known is None:
        abort(404)
    option = site.notice.options.get(f"{purpose}:{recipient}" if recipient else purpose)
    if option and consent.gpc and option.purpose.gpc_opt_out:
        option = None
    hidden = _hidden(view, "page", request.full_path.rstrip("?"))
    response = _page(site, view, needed(view, known, option, hidden), view.words["needed_title"])
    response.status_code = HTTPStatus.FORBIDDEN
    response.headers["Cache-Control"] = PRIVATE
    return response


def _preferences(site: Site, told: str, problem: Problem | None = None) -> Response:
    view = site.views[site.locale(request.args.get("lang") or request.values.get("locale"))]
    answers = Answers(lambda option: consent.granted(option.purpose.id, option.recipient and option.recipient.id),
                      consent.gpc)  # fmt: skip
    hidden = _hidden(view, "centre", _local(request.values.get("next")), key=new_key())
    status = el("p.cw-said", view.words[told], role="status") if told else None
    content = el("div", status, centre(view, answers, hidden, close=False))
    response = _page(site, view, content, view.words["preferences"])
    response.headers["Cache-Control"] = PRIVATE
    if problem:
        response.status_code = problem.status
        _retry_after(response, problem)
    return response


def _hidden(view: View, surface: str, next: str | None, key: str | None = None) -> Node:
    fields = {"notice": view.notice.digest, "locale": view.locale, "surface": surface, "next": next, "key": key}
    return el("div", *(el("input", type="hidden", name=name, value=value) for name, value in fields.items() if value),
              hidden=True)  # fmt: skip


def layer_fields(view: View) -> Node:
    """What the first layer's form sends besides its button. The same for every visitor of a page."""
    return _hidden(view, "layer", request.full_path.rstrip("?"))


def _answered(site: Site) -> set[str]:
    day = today()
    return {key for key, option in site.notice.options.items() if decision(option, consent.state, day)}


def _page(site: Site, view: View, content: Node, title: str) -> Response:
    sheet = f"{view.prefix}/widget.{site.sheet.hash}.css"
    text = render_template(
        "consent_widget/page.html", content=html(content), title=title, view=view, sheet=sheet, words=view.words
    )
    response = Response(text, mimetype="text/html")
    response.content_language.add(view.locale)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _body(body: Body | None, cache: str) -> Response:
    if body is None:
        abort(404)
    encoding = request.accept_encodings.best_match(list(body.encodings), "identity")
    response = Response(body.encodings[encoding], mimetype=body.mimetype)
    if encoding != "identity":
        response.content_encoding = encoding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(f"{body.hash}-{encoding}")
    return cast(Response, response.make_conditional(request))


def _only_from_here() -> None:
    """Writes come from the site's own pages (Fetch Metadata; Origin where a browser has none)."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    here = urlsplit(request.host_url)
    if site != "same-origin" if site else origin != f"{here.scheme}://{here.netloc}":
        raise OriginNotAllowed("Choices are taken from this site's own pages only. Behind a proxy, see docs/proxy.md.")


def _json() -> object:
    try:
        return json.loads(request.get_data(cache=False), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise NotJSON("The body is not JSON with every name used once.") from None


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError
    return table


def _problem(problem: Problem) -> Response:
    response = Response(json.dumps(problem.document()), problem.status, mimetype="application/problem+json")
    response.headers["Cache-Control"] = PRIVATE
    _retry_after(response, problem)
    return response


def _retry_after(response: Response, problem: Problem) -> None:
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)


def _receipt(site: Site, recorded: Recorded) -> dict[str, object]:
    return receipt(recorded.choice, site.notice, f"{request.host_url.rstrip('/')}{site.settings.url_prefix}/preferences")


def _with_cookies(site: Site, response: Response, recorded: Recorded) -> Response:
    response.headers["Cache-Control"] = PRIVATE
    response.set_cookie(
        site.cookie_name,
        recorded.token,
        max_age=site.notice.lifetime_days * 86400,
        secure=request.is_secure,
        samesite="Lax",
        domain=site.settings.cookie_domain,
    )
    for name in recorded.left_behind(site.notice, set(request.cookies)):
        for domain in {None, site.settings.cookie_domain, request.host.split(":")[0]}:
            response.delete_cookie(name, domain=domain)
    return response


def _local(url: str | None) -> str | None:
    """`url` where it is a path of this site; anything else is dropped (no open redirect)."""
    parts = urlsplit(url or "")
    plain = url and url.startswith("/") and url[1:2] not in ("/", "\\") and not parts.scheme and not parts.netloc
    return url if plain and url.isprintable() else None
