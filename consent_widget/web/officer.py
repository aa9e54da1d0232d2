"""The door and the frame of the officer's pages. They are closed unless the site opens them (CONSENT_OFFICER)."""

from __future__ import annotations

import functools
import secrets
from pathlib import Path
from typing import Any

from flask import Response, abort, after_this_request, current_app, request
from jinja2 import Environment, Template
from werkzeug.exceptions import HTTPException

from ..site.site import Site, current_site
from ..ui.node import Node, html, raised
from ..ui.view import View
from .http import FOREVER, PRIVATE, request_values, static_response
from .page import hide_address, own_page
from .request import choose_locale, home_url, view_in

FRAME = Path(__file__).absolute().parent / "templates/consent_widget/officer.html"
#: Only what we send ourselves runs. Nothing can be put around the page, and no text can become markup.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; script-src 'nonce-{nonce}'; require-trusted-types-for 'script'; trusted-types 'none'"
)
#: Where a request keeps who the officer is.
OFFICER = "_consent_officer"


def officer_site() -> Site:
    """The site, for an officer who is signed in. For everybody else 404, so that nobody learns whether there is such a
    page; or what the site's own function answers with, such as a redirect to where staff sign in.
    """
    site = current_site()
    try:
        who = site.settings.officer() if site.settings.officer else False
        if not (isinstance(who, (str, bool)) or who is None):
            raise TypeError("CONSENT_OFFICER: the function must return the officer's name as a text, True or False.")
    except HTTPException:
        raise
    except Exception:
        current_app.logger.exception("CONSENT_OFFICER: the function failed. The officer's page stays closed.")
        who = False
    if not who:
        after_this_request(_kept_by_no_cache)
        abort(404)
    request_values()[OFFICER] = "" if who is True else who
    return site


def _kept_by_no_cache(response: Response) -> Response:
    """Else a cache in front of the site could go on answering so, to an officer as well."""
    response.headers["Cache-Control"] = PRIVATE
    return response


def log_officer(what: str, *values: object) -> None:
    """Write into the app's log what an officer has done: who as the site's own function says, and nothing that tells
    which visitor it was. As a warning: an app's log has no lesser messages unless its site asks for them.
    """
    who = "".join(each if each.isprintable() else "?" for each in request_values()[OFFICER])
    current_app.logger.warning("Officer %s: " + what, who or "(no name)", *values)


def officer_view(site: Site) -> View:
    """The notice in the officer's language: that of the address, else chosen as for visitors."""
    return view_in(site, choose_locale(site, request.args.get("lang")))


@functools.cache
def _frame() -> Template:
    return Environment(autoescape=True).from_string(FRAME.read_text("utf-8"))


def officer_page(site: Site, view: View, content: Node, title: str, status: int = 200) -> Response:
    """A page in our own frame, whatever the site's own looks like: no script of the site runs beside somebody's
    records. No cache stores it.
    """
    nonce = secrets.token_urlsafe(16)
    sheet, script = site.assets.officer_sheet, site.assets.officer_script
    text = _frame().render(
        content=html(raised(content)),
        title=title,
        view=view,
        words=view.messages,
        home=home_url(site),
        here=request.script_root + request.path,
        sheet=f"{view.prefix}/officer.{sheet.hash}.css",
        script=f"{view.prefix}/officer.{script.hash}.js",
        integrity=script.integrity,
        nonce=nonce,
    )
    kind: Any = current_app.response_class
    response: Response = own_page(kind)(text, status, mimetype="text/html")
    response.content_language.add(view.locale)
    response.policy = POLICY.format(nonce=nonce)  # type: ignore[attr-defined]
    return protect(response)


def protect(response: Response) -> Response:
    """What every answer to an officer says: for no cache, no frame, and no other site."""
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.vary.update(("Cookie", "Authorization"))
    return hide_address(response)


def officer_file(hash: str, kind: str) -> Response:
    """The style sheet or the script of these pages. All that they tell is that there are such pages."""
    site = officer_site()
    body = {"css": site.assets.officer_sheet, "js": site.assets.officer_script}.get(kind)
    return static_response(body if body and body.hash == hash else None, FOREVER.replace("public", "private"))
