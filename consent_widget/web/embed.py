"""`{{ consent_widget() }}`: the widget in a page of the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from flask import request
from markupsafe import Markup

from ..choice.token import MAX_TOKEN_LENGTH
from ..errors import ConfigurationError
from ..site.asking import stage_of_layer, starts_on
from ..site.site import Site
from .account_age import record_account_age
from .cached import is_for_everybody
from .consent import Consent, current_consent
from .earlier import carry_over_cookies
from .http import add_vary
from .page import current_path
from .press import in_frame, mark
from .request import choose_locale, site_locale
from .shown import Shown, printed
from .shown_count import count_shown
from .signal import record_signal
from .visitor_site import visitor_site

#: Characters at the end of a token that no page shows: without them nobody can use it as a cookie.
HIDDEN_END = 35
#: The headers that a page depends on: its language, and for a layer whether it is inside another page.
LANGUAGE, FRAMED_TOO = ("Accept-Language",), ("Accept-Language", "Sec-Fetch-Dest")
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
    site = visitor_site()
    nonce = read_nonce(nonce)
    chosen = locale or site_locale(site)
    locale = choose_locale(site, locale, chosen)
    prefix = request.script_root + site.settings.url_prefix
    if site.settings.render == "script" or is_for_everybody(site):
        if site.settings.render == "cached" and not chosen:
            add_vary("Accept-Language")
        shown = Shown(site.settings.render, locale, prefix, bool(chosen), has_nonce=nonce is not None)
        return printed(site, shown).filled({"nonce": nonce or ""})
    visitor = current_consent(site)
    carry_over_cookies(site, visitor)
    path = ""
    gaps = {"nonce": nonce or "", "token": _shown_token(site, visitor)}
    surface, stage, asked = _surface(site, visitor)
    add_vary(*FRAMED_TOO if surface in ("layer", "again") else LANGUAGE)
    if surface in ("layer", "again"):
        count_shown(site, locale)
    if surface:
        path = current_path() or ""
        gaps |= {"mark": mark(site.proofs), "next": path, "back": quote(path) if visitor.state else ""}
    shown = Shown(
        "server",
        locale,
        prefix,
        bool(chosen),
        has_nonce=nonce is not None,
        inline_style=inline_style,
        surface=surface,
        stage=stage,
        asked=asked,
        seen=visitor.state.notice if visitor.state and visitor.news else "",
        gpc=visitor.gpc,
        band=_shown_band(site, visitor),
        framed=bool(surface) and in_frame(),
        account=visitor.account is not None,
        told=visitor.told() if surface == "told" else "",
        has_path=bool(path),
    )
    return printed(site, shown).filled(gaps)


def read_nonce(nonce: object) -> str | None:
    """The nonce that a template gives, or that its function returns; ConfigurationError for anything else."""
    nonce = nonce() if callable(nonce) else nonce
    if nonce is None or (isinstance(nonce, str) and NONCE.fullmatch(nonce)):
        return nonce
    raise ConfigurationError(
        "consent_widget(nonce=…): not a nonce. Give the value that stands in the page's Content-Security-Policy "
        "after 'nonce-', or leave it out where the policy has none. Flask-Talisman makes nonces only with "
        "content_security_policy_nonce_in=['script-src']."
    )


def _shown_band(site: Site, visitor: Consent) -> str:
    """The age band by the visitor's account, for the script. For one of whom nobody can read what they have answered it
    is `?`: the band of nobody for whom anything is on before their first answer (static/src/core/policy.js).
    """
    unread = starts_on(site, "") and not visitor.starts_on and not visitor.band
    return "?" if unread else (visitor.account_band or "")[:1]


def _surface(site: Site, visitor: Consent) -> tuple[str, str, tuple[str, ...]]:
    """What is shown above the page, the stage of the first layer, and the keys of the options that are asked again."""
    if visitor.pending:
        stage = stage_of_layer(site, visitor.band)
        asked = () if stage else tuple(changed.option.key for changed in visitor.asked_again)
        return "again" if asked else "layer", stage, asked
    if visitor.tells:
        return "told", "", ()
    return "bar" if visitor.news and visitor.news.worth_telling else "", "", ()


def _shown_token(site: Site, visitor: Consent) -> str:
    """The token that counts and all others that the browser sent, for the script, which has no key: each without the
    end of its signature. That is enough to recognise a token and to read it, and not enough to forge one.
    """
    before = visitor.token
    if visitor.account_band:
        record_account_age(site)
    if visitor.gpc:
        record_signal(site)
    others = [other for other in visitor.sent_tokens if other not in (before, visitor.token)]
    plain = [other for other in others if len(other) <= MAX_TOKEN_LENGTH and not set(other) & set(" \t")]
    return " ".join(each[:-HIDDEN_END] for each in (visitor.token, *plain)).rstrip()
