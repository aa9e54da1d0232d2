"""The widget in a Flask app: two lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask import Flask, Response, after_this_request
from markupsafe import Markup

from .choice.token import MAX_TOKEN_LENGTH
from .cli.notices import commands
from .errors import ConfigurationError
from .settings import model as settings
from .site.site import current_site
from .site.start import make_site
from .ui.layer import layer
from .ui.news import bar, changes_link
from .ui.node import el, html
from .web.consent import consent
from .web.pages import fields, here
from .web.press import in_frame, mark
from .web.recording import record_account_age
from .web.request import choose_locale, view_in
from .web.views import gpc, make_blueprint


class ConsentWidget:
    """Adds the widget to an app: `ConsentWidget(app)`, or `init_app(app)` in a factory.

    Reads the `CONSENT_…` keys of the app's configuration (see Settings), so set them before.
    Whatever is wrong with them is raised here, at start-up. In the base template, first thing in
    the body, `{{ consent_widget() }}` puts it on every page.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Register the blueprint, the template names and the commands on `app`."""
        if "consent_widget" in app.extensions:
            raise ConfigurationError("This app already has a consent widget. Call init_app once for each app.")
        known = settings.read(app.config)
        app.cli.add_command(commands)
        app.extensions["consent_widget"] = make_site(app, known)
        app.register_blueprint(make_blueprint(known.url_prefix))
        app.add_url_rule("/.well-known/gpc.json", "consent_widget_gpc", gpc)
        app.jinja_env.globals.update(consent_widget=embed, consent=consent)
        app.jinja_env.tests["granted"] = lambda purpose, recipient=None: consent.granted(purpose, recipient)


def embed(nonce: str | None = None, locale: str | None = None) -> Markup:
    """The widget for this page: the first layer where a choice is due, else the bar where the notice has changed,
    and the script.

    `nonce` is that of the page's Content-Security-Policy; with one, the layer's style comes along
    in the page, without one it is linked.
    """
    site = current_site()
    locale = choose_locale(site, locale)
    view = view_in(site, locale)
    scripted = site.settings.render == "script"
    source = "widget.js" if scripted else f"widget.{site.assets.scripts[locale].whole.hash}.js"
    known: dict[str, str | bool | None] = {"src": f"{view.prefix}/{source}", "defer": True, "nonce": nonce}
    link = el("noscript", el("a", view.messages["preferences"], href=view.url("preferences")))
    if scripted:
        return html(el("consent-widget", link)) + html(el("script", **known))
    after_this_request(_varies_by_language)
    before = consent.state
    record_account_age(site)
    token = consent.token if consent.state is before or not consent.state else site.token_signer.write(consent.state)
    news = consent.news if consent.news and consent.news.due else None
    known |= {
        "data_token": _told(token, [each for each in consent.sent if each != consent.token]),
        "data_gpc": consent.gpc,
        "data_band": (consent.account or "")[:1] or None,
    }
    tag = el("script", **known)
    if not consent.pending and not news:
        return html(el("consent-widget", link)) + html(tag)
    if nonce:
        sheet = site.assets.layer_sheet if consent.pending else site.assets.news_sheet
        style = el("style", Markup(sheet), nonce=nonce)  # noqa: S704  our own file
    else:
        style = el("link", rel="stylesheet", href=f"{view.prefix}/widget.{site.assets.sheet.hash}.css")
    if consent.pending:
        changed = changes_link(view, here()) if news else None
        after_this_request(_varies_by_frame)
        hidden = fields(view, "layer", here(), mark=mark(site.proofs), framed="1" if in_frame() else None)
        shown = layer(view, hidden, gpc=consent.gpc, ready=bool(nonce), changes=changed,
                      stage=site.stage(consent.band))  # fmt: skip
    elif news:
        hidden = fields(replace(view, notice=news.after), "bar", here())
        shown = bar(view, news, hidden, next=here(), ready=bool(nonce))
    inside = el("template", style, shown, shadowrootmode="open")
    return html(el("consent-widget", inside, lang=locale)) + html(tag)


def _varies_by_language(response: Response) -> Response:
    response.vary.add("Accept-Language")
    return response


def _varies_by_frame(response: Response) -> Response:
    response.vary.add("Sec-Fetch-Dest")
    return response


def _told(token: str, others: Iterable[str]) -> str:
    """What the script, which has no key, is to make of the tokens it finds: the one that counts, and all others, each
    without the end of its signature. Enough to name a token, all it says included, and not enough to make one.
    """
    plain = (each for each in others if len(each) <= MAX_TOKEN_LENGTH and not set(each) & set(" \t"))
    return " ".join(each[:-35] for each in (token, *plain)).rstrip()
