"""What the widget shows in a page of the site, printed once for all visitors who are shown the same."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup

from ..settings.model import Render
from ..site.asking import stage_of_layer
from ..site.site import Site
from ..ui.account import scope_note, told_bar
from ..ui.again import again_layer, surface_of_layer
from ..ui.layer import layer
from ..ui.news import changes_link, news_bar
from ..ui.node import Node, el
from ..ui.printed import Printed, gap
from ..ui.view import View
from .page import fields

#: How many pages are remembered. A site has some dozens; what is asked again can be any part of what has changed.
MOST = 200


class Shown(NamedTuple):
    """All that the widget's HTML depends on, except for the texts in its gaps: `nonce`, `token`, `mark`, `next` (the
    page's path) and `back` (the same, as a part of a query).
    """

    #: Who draws the first layer (CONSENT_RENDER).
    render: Render
    locale: str
    #: The path of our pages, where this request found the app (SCRIPT_NAME).
    prefix: str
    #: Has the site chosen the locale? Otherwise the script follows the page's own language.
    is_chosen: bool = False
    #: What is shown above the page: the first layer, the question about what has changed, the bar of a changed notice,
    #: or nothing.
    surface: str = ""
    has_nonce: bool = False
    #: Is the layer's style a part of the page, and not linked?
    inline_style: bool = False
    gpc: bool = False
    #: What the first layer is about: see stage_of_layer.
    stage: str = ""
    #: The first letter of the visitor's age band, where their account says it.
    band: str = ""
    #: The keys of the options that are asked again.
    asked: tuple[str, ...] = ()
    #: The notice that the visitor saw, by the first eight digits of its digest; empty where nothing has changed since.
    seen: str = ""
    #: Is the page inside another one?
    framed: bool = False
    #: Is somebody signed in whose account the choice is for? The script is told, too.
    account: bool = False
    #: What is told once of choices that came from the account or went there: see `tell` in Consent.
    told: str = ""
    #: Is the page's path short enough for a form?
    has_path: bool = False


def printed(site: Site, shown: Shown) -> Printed:
    """The widget for everybody who is shown this."""
    try:
        return site.printed[shown]
    except KeyError:
        if len(site.printed) >= MOST:
            site.printed.clear()
        return site.printed.setdefault(shown, PRINT[shown.render](site, shown))


def _query(shown: Shown) -> str:
    return f"?lang={shown.locale}" if shown.is_chosen else ""


def _drawn_by_script(site: Site, shown: Shown) -> Printed:
    nonce = gap("nonce") if shown.has_nonce else None
    script = el("script", src=f"{shown.prefix}/widget.js{_query(shown)}", defer=True, nonce=nonce)
    return Printed(_without_script(site, site.view(shown.locale, shown.prefix), shown.has_nonce), script)


def _drawn_by_server(site: Site, shown: Shown) -> Printed:
    view = site.view(shown.locale, shown.prefix)
    script = el(
        "script",
        src=f"{view.prefix}/widget.{site.assets.scripts[shown.locale].whole.hash}.js{_query(shown)}",
        defer=True,
        nonce=gap("nonce") if shown.has_nonce else None,
        data_token=gap("token"),
        data_gpc=view.signal if shown.gpc else None,
        data_band=shown.band or None,
    )
    if not shown.surface:
        return Printed(_without_script(site, view, shown.has_nonce, gpc=shown.gpc, account=shown.account), script)
    inside = el("template", _style(site, view, shown), _surface(site, view, shown), shadowrootmode="open")
    # only a browser without shadow roots in markup shows the link: before our script, or where it is too old for it
    host = el("consent-widget", inside, _link(view, gpc=shown.gpc), lang=view.locale, data_account=shown.account)
    return Printed(host, script)


def _drawn_for_everybody(site: Site, shown: Shown) -> Printed:
    """The layer is in a template, which its script opens for a visitor who has not chosen yet. Its form leads to our
    own pages, as nobody's path is in the page.
    """
    view, nonce = site.view(shown.locale, shown.prefix), gap("nonce") if shown.has_nonce else None
    hidden = fields(view, "layer", None)
    scope = scope_note(view, hidden=True) if site.settings.account else None
    style = el("style", Markup(site.assets.layer_sheet), nonce=nonce)  # noqa: S704  our own file
    # where a policy stops the style, the layer stays hidden until the widget's script brings it
    first = el("template", style, layer(view, hidden, ready=False, stage=stage_of_layer(site, ""), scope=scope))
    show = el("script", Markup(site.assets.show_layer.content.decode()), nonce=nonce)  # noqa: S704  our own file
    host = _without_script(site, view, shown.has_nonce, first, show)
    src = f"{shown.prefix}/widget.{site.assets.scripts[shown.locale].whole.hash}.js{_query(shown)}"
    return Printed(host, el("script", src=src, defer=True, nonce=nonce))


def _without_script(
    site: Site, view: View, has_nonce: bool, first: Node | None = None, show: Node | None = None, *, gpc: bool = False,
    account: bool = False,
) -> Node:  # fmt: skip
    """The way back where no script runs: in the corner of the window, and not at the head of the page. `first` is the
    layer that the script `show` shows, if one does.
    """
    sheet = el("noscript", _sheet_link(site, view, has_nonce))
    inside = el("template", sheet, el("slot"), first, shadowrootmode="open")
    way_back = el("noscript", _link(view, gpc=gpc))
    return el("consent-widget", inside, way_back, show, lang=view.locale if first else None, data_account=account)


def _link(view: View, *, gpc: bool) -> Node:
    return el("a", view.messages["preferences"] + (view.signal if gpc else ""), href=view.url("preferences"))


def _sheet_link(site: Site, view: View, has_nonce: bool) -> Node:
    href = f"{view.prefix}/widget.{site.assets.sheet.hash}.css"
    return el("link", rel="stylesheet", href=href, nonce=gap("nonce") if has_nonce else None)


def _style(site: Site, view: View, shown: Shown) -> Node:
    if not shown.inline_style:
        return _sheet_link(site, view, shown.has_nonce)
    sheet = site.assets.news_sheet if shown.surface in ("bar", "told") else site.assets.layer_sheet
    return el("style", Markup(sheet), nonce=gap("nonce"))  # noqa: S704  our own file


def _surface(site: Site, view: View, shown: Shown) -> Node:
    if shown.surface == "told":
        return told_bar(view, shown.told, ready=shown.inline_style)
    news = site.news.get(shown.seen)
    next, back = (gap("next"), gap("back")) if shown.has_path else (None, None)
    framed = "1" if shown.framed else None
    if shown.surface == "bar" and news:
        hidden = fields(replace(view, notice=news.after), "bar", next)
        return news_bar(view, news, hidden, back=back, ready=shown.inline_style)
    link = changes_link(view, back)
    scope = scope_note(view) if shown.account else None
    if shown.surface == "again":
        surface = surface_of_layer(news)
        hidden = fields(view, surface, next, mark=gap("mark"), framed=framed)
        changed = [site.changed[key] for key in shown.asked]
        return again_layer(view, changed, hidden, changes=link, surface=surface, ready=shown.inline_style, scope=scope)
    hidden = fields(view, "layer", next, mark=gap("mark"), framed=framed)
    changes = link if news and news.worth_telling else None
    return layer(view, hidden, gpc=shown.gpc, ready=shown.inline_style, changes=changes, stage=shown.stage, scope=scope)


PRINT = {"server": _drawn_by_server, "cached": _drawn_for_everybody, "script": _drawn_by_script}
