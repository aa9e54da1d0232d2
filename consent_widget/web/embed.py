"""`{{ consent_widget() }}`: the widget in a page of the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from flask import after_this_request
from markupsafe import Markup

from ..choice.token import MAX_TOKEN_LENGTH
from ..errors import ConfigurationError
from ..site.site import Site, current_site
from ..ui.again import again_layer, surface_of_layer
from ..ui.layer import layer
from ..ui.news import changes_link, news_bar
from ..ui.node import Node, el, html
from ..ui.view import View
from .account_age import record_account_age
from .consent import consent
from .http import add_vary
from .page import current_path, fields
from .press import in_frame, mark
from .request import choose_locale, site_locale, view_in

#: Characters at the end of a token that no page shows: without them nobody can use it as a cookie.
HIDDEN_END = 35
#: What a nonce is made of (Content Security Policy 3, 2.3.1).
NONCE = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def embed(
    nonce: str | Callable[[], str] | None = None, locale: str | None = None, *, inline_style: bool = False
) -> Markup:
    """The widget for this page: the first layer if a choice is due, else the bar if the notice has changed, and the
    script.

    `nonce` is that of the page's Content-Security-Policy, or a function that returns it (Flask-Talisman's `csp_nonce`).
    It is on our scripts and style sheets. Raises ConfigurationError where it is no nonce: the browser would keep the
    script out. The layer's style is linked, so the policy may have the nonce in `script-src` alone. With `inline_style`
    it is part of the page, which saves a page without style sheets of its own a round trip.
    """
    site = current_site()
    nonce = nonce() if callable(nonce) else nonce
    if nonce is not None and not (isinstance(nonce, str) and NONCE.fullmatch(nonce)):
        raise ConfigurationError(
            "consent_widget(nonce=…): not a nonce. Give the value that stands in the page's Content-Security-Policy "
            "after 'nonce-', or leave it out where the policy has none. Flask-Talisman makes nonces only with "
            "content_security_policy_nonce_in=['script-src']."
        )
    is_chosen = bool(locale or site_locale(site))
    locale = choose_locale(site, locale)
    query = f"?lang={locale}" if is_chosen else ""  # without it the script follows the page's own language
    view = view_in(site, locale)
    link = el("a", view.messages["preferences"], href=view.url("preferences"))
    if site.settings.render == "script":
        script = el("script", src=f"{view.prefix}/widget.js{query}", defer=True, nonce=nonce)
        return html(_without_script(site, view, link, nonce)) + html(script)
    after_this_request(lambda response: add_vary(response, "Accept-Language"))
    before = consent.state
    record_account_age(site)
    token = consent.token if consent.state is before or not consent.state else site.token_signer.write(consent.state)
    script = el(
        "script",
        src=f"{view.prefix}/widget.{site.assets.scripts[locale].whole.hash}.js{query}",
        defer=True,
        nonce=nonce,
        data_token=_without_ends(token, (other for other in consent.sent_tokens if other != consent.token)),
        data_gpc=consent.gpc,
        data_band=(consent.account_band or "")[:1] or None,
    )
    surface = _surface(site, view, ready=inline_style)
    if surface is None:
        return html(_without_script(site, view, link, nonce)) + html(script)
    inside = el("template", _style(site, view, nonce, inline=inline_style), surface, shadowrootmode="open")
    # only a browser without shadow roots in markup shows the link: before our script, or where it is too old for it
    return html(el("consent-widget", inside, link, lang=locale)) + html(script)


def _without_script(site: Site, view: View, link: Node, nonce: str | None) -> Node:
    """The way back where no script runs: in the corner of the window, and not at the head of the page."""
    sheet = el("noscript", _sheet_link(site, view, nonce))
    return el("consent-widget", el("template", sheet, el("slot"), shadowrootmode="open"), el("noscript", link))


def _sheet_link(site: Site, view: View, nonce: str | None) -> Node:
    return el("link", rel="stylesheet", href=f"{view.prefix}/widget.{site.assets.sheet.hash}.css", nonce=nonce)


def _surface(site: Site, view: View, *, ready: bool) -> Node | None:
    """The first layer, the bar, or None where there is nothing to ask and nothing to announce."""
    news = consent.news if consent.news and consent.news.worth_telling else None
    if consent.pending:
        after_this_request(lambda response: add_vary(response, "Sec-Fetch-Dest"))
        framed = "1" if in_frame() else None
        link, stage = changes_link(view, current_path()), site.stage(consent.band)
        if changed := () if stage else consent.asked_again:
            surface = surface_of_layer(consent.news)
            hidden = fields(view, surface, current_path(), mark=mark(site.proofs), framed=framed)
            return again_layer(view, changed, hidden, changes=link, surface=surface, ready=ready)
        hidden = fields(view, "layer", current_path(), mark=mark(site.proofs), framed=framed)
        return layer(view, hidden, gpc=consent.gpc, ready=ready, changes=link if news else None, stage=stage)
    if news:
        hidden = fields(replace(view, notice=news.after), "bar", current_path())
        return news_bar(view, news, hidden, next=current_path(), ready=ready)
    return None


def _style(site: Site, view: View, nonce: str | None, *, inline: bool) -> Node:
    if inline:
        sheet = site.assets.layer_sheet if consent.pending else site.assets.news_sheet
        return el("style", Markup(sheet), nonce=nonce)  # noqa: S704  our own file
    return _sheet_link(site, view, nonce)


def _without_ends(token: str, others: Iterable[str]) -> str:
    """The token that counts and all others that the browser sent, for the script, which has no key: each without the
    end of its signature. That is enough to recognise a token and to read it, and not enough to forge one.
    """
    plain = (other for other in others if len(other) <= MAX_TOKEN_LENGTH and not set(other) & set(" \t"))
    return " ".join(each[:-HIDDEN_END] for each in (token, *plain)).rstrip()
