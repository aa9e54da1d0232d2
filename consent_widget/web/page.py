"""What all pages of the widget have in common: the frame around the content, a message, and the fields of forms."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, render_template, request
from jinja2 import Environment, Template
from markupsafe import Markup
from werkzeug.datastructures import Headers

from ..errors import Problem
from ..site.site import Site
from ..ui.age import address_child
from ..ui.choices import local_moment, moment
from ..ui.node import Node, el, filled, html, raised
from ..ui.view import View, head
from .consent import consent
from .http import PRIVATE
from .request import at_home, home_url

#: Longest path that a form brings back. What a form sends must stay small.
MAX_PATH_LENGTH = 500
#: The template around every page: the site's own where it has one, else ours.
FRAME = "consent_widget/page.html"
OUR_FRAME = Path(__file__).absolute().parent / "templates" / FRAME
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@functools.cache
def our_frame() -> Template:
    """Our own frame. It needs nothing of the site, whose templates may be written with other delimiters."""
    return Environment(autoescape=True).from_string(OUR_FRAME.read_text("utf-8"))


@functools.cache
def own_page(kind: Any) -> Any:
    """The app's `kind` of response for a page in our frame. Its `policy` stays, also where the site, or an extension
    such as Flask-Talisman, sets one for all answers: what the page needs would be kept out, or more let in.
    """

    class OwnPage(kind):  # type: ignore[misc]
        policy = ""

        def get_wsgi_headers(self, environ: Any) -> Headers:
            headers: Headers = super().get_wsgi_headers(environ)
            headers["Content-Security-Policy"] = self.policy
            return headers

    return OwnPage


def page(
    site: Site, view: View, content: Node, title: str, cache: str = PRIVATE, *, said: str = "",
    when: int | None = None, to_guardian: bool = False,
) -> Response:  # fmt: skip
    """A page around `content`, whose title becomes the `h1`. `said` is the result of what the visitor did: it stands
    above the content and first in the title, where a screen reader begins; `when` is the time for `{when}` in it. A
    child is addressed as one, unless the page is for their guardian. The page cannot be framed, and runs no script but
    ours. The site's own template may greet the visitor by name, so no shared cache stores a page in it (RFC 9111,
    5.2.2.7).
    """
    if said:
        content = el("div", _message(view, said, when), content)
        title = f"{said.format(when=when and moment(view, when)).rstrip('.。')} · {title}"
    markup = html(raised(content))
    if cache == PRIVATE and consent.band == "child" and not to_guardian:
        markup = address_child(markup)
    script = site.assets.page_script if "<time" in markup or "data-copy" in markup else None
    if script:
        markup += Markup("<script>{}</script>").format(Markup(script.content.decode()))  # noqa: S704  it is ours
    template = current_app.jinja_env.get_template(FRAME)
    in_our_frame = Path(template.filename or "") == OUR_FRAME
    if cache != PRIVATE and not in_our_frame:
        cache = "private, no-cache"
    given = {
        "content": markup,
        "title": title,
        "view": view,
        "words": view.messages,
        "home": home_url(site),
        "away": not at_home(site),
        "here": request.script_root + request.path,
        "sheet": f"{view.prefix}/widget.{site.assets.sheet.hash}.css",
    }
    text = our_frame().render(given) if in_our_frame else render_template(template, **given)
    kind: Any = current_app.response_class
    response: Response = (own_page(kind) if in_our_frame else kind)(text, mimetype="text/html")
    response.content_language.add(view.locale)
    response.headers["Cache-Control"] = cache
    policy = POLICY + (f"; script-src '{script.integrity}'" if script else "")
    response.headers["Content-Security-Policy"] = policy
    if in_our_frame:
        response.policy = policy  # type: ignore[attr-defined]
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"  # the page that opened this one cannot reach into it
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def hide_address(response: Response) -> Response:
    """For answers about one visitor, whose address says whose they are: no cache and no `Referer` tells of them."""
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _message(view: View, text: str, when: int | None) -> Node:
    """A sentence above the content."""
    parts = [text] if when is None else filled(text, when=local_moment(view, when))
    return el("p.cw-said", *parts, role="status")


def unreadable_page(site: Site, view: View, title: str) -> Response:
    """503: the store is unavailable."""
    content = el("section.cw-mine", head(view, title, "choices"), el("p", view.messages["unreadable"], role="alert"))
    response = hide_address(page(site, view, content, title))
    response.status_code = 503
    response.headers["Retry-After"] = "5"
    return response


def with_problem(response: Response, problem: Problem | None) -> Response:
    """The page with the status of the problem, if there is one."""
    if problem:
        response.status_code = problem.status
        if problem.retry_after:
            response.headers["Retry-After"] = str(problem.retry_after)
    return response


def fields(
    view: View, surface: str, next: str | None, key: str | None = None, after: str | None = None,
    mark: str | None = None, framed: str | None = None,
) -> Node:  # fmt: skip
    """The hidden fields of a form. Without `key` they are the same for every visitor, except for `mark`, which is made
    for one browser. `after` is the state that the form shows, if it shows one. `framed`: the page is inside another.
    """
    values = {"notice": view.notice.digest, "locale": view.locale, "surface": surface, "next": next, "key": key}
    values |= {"after": after, "mark": mark, "framed": framed}
    inputs = (el("input", type="hidden", name=name, value=value) for name, value in values.items() if value)
    return el("div", *inputs, hidden=True)


def current_path() -> str | None:
    """The path of this request, for a form that leads back here. Without its query where that makes it too long; None
    where the path alone is: then the form leads to the preference centre.
    """
    query = request.query_string.decode("latin-1")
    path = quote(request.script_root + request.path)
    with_query = f"{path}?{query}" if query else path
    if len(with_query) <= MAX_PATH_LENGTH:
        return with_query
    return path if len(path) <= MAX_PATH_LENGTH else None
