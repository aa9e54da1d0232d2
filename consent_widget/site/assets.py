"""The bytes that a site sends: made once at start-up, the same for every visitor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ..notice.again import ChangedOption
from ..notice.model import Notice
from ..notice.news import News
from ..script.body import Body, LateBody, compact
from ..script.bundle import Script, make_script
from ..script.embeds import make_embeds
from ..script.guard import make_guard
from ..script.linked import can_ask, linked_modules
from ..script.payload import payload
from ..script.style import make_style
from ..settings.model import Settings
from ..ui.again import questions
from ..ui.changes import what_changed
from ..ui.needed import consent_question
from ..ui.node import raised_headings
from ..ui.statement import statement
from ..ui.view import View

BRIDGES = ("wordpress", "shopify")


@dataclass(frozen=True)
class Assets:
    """Everything that is sent without looking at the visitor."""

    #: By locale.
    scripts: Mapping[str, Script]
    #: The part of the script with the placeholders for embedded content.
    embeds: Body
    #: What the script needs of the notice, as JSON, by locale.
    payloads: Mapping[str, Body]
    #: The whole notice for the script: its style and its tree, by locale.
    statements: Mapping[str, Body]
    #: The question about one option, by the option's key and locale. Empty where the script cannot ask.
    questions: Mapping[tuple[str, str], Body]
    #: What changed, by the first eight digits of the digest of the notice that the visitor saw, and locale.
    changes: Mapping[tuple[str, str], Body]
    #: The style sheet of the pages.
    sheet: Body
    #: The style sheet of what the server prints in place of a vendor's content.
    fallback_sheet: Body
    #: The script of the pages that show times, or a link to copy.
    page_script: Body
    #: The style sheet and the script of the officer's pages.
    officer_sheet: Body
    officer_script: Body
    #: Scripts that tell another program of the page what was chosen, by the name of that program.
    bridges: Mapping[str, Body]
    #: What holds back the requests of scripts from the head of a page on; none without CONSENT_GUARD.
    guard: Body | None
    #: The script inside pages that caches keep, which shows the first layer.
    show_layer: Body
    #: The styles that the server prints into a page, with the first layer or with the bar of a changed notice.
    layer_sheet: str
    news_sheet: str

    @property
    def layer_style(self) -> Body:
        """The style of the first layer, as it is in the page."""
        return Body(self.layer_sheet.encode(), "text/css")

    def is_at_hand(self, name: str) -> bool:
        """Are the bytes of the script of this file name there, compressed? Compressing takes longer than all else."""
        if name == "widget.js":
            return all(script.first.is_compressed for script in self.scripts.values())
        begin, _, rest = name.partition(".")
        hash = rest.partition(".")[0]
        return begin == "widget" and any(body.is_compressed and body.hash == hash for body in self.hashed(True))

    def script(self, locale: str, drawn_by_script: bool) -> Body:
        """The script that pages in this locale run: it names the release that asked a visitor."""
        script = self.scripts[locale]
        return script.rest if drawn_by_script else script.whole

    def hashed(self, drawn_by_script: bool) -> tuple[Body, ...]:
        """Everything that pages name by its hash."""
        scripts = self.scripts.values()
        whole = () if drawn_by_script else (script.whole for script in scripts)
        parts = (part for script in scripts for part in (script.rest, script.pinned))
        return (*whole, *parts, self.embeds, self.sheet, self.fallback_sheet, *filter(None, (self.guard,)))


def make_assets(
    built: Mapping[str, str], notice: Notice, settings: Settings, news: Mapping[str, News] = MappingProxyType({}),
    latest: News | None = None, changed: Iterable[ChangedOption] = (), region: str | None = None,
) -> Assets:  # fmt: skip
    """The bytes for one notice. `built` holds the built scripts and style sheets by file name; `news` what changed, by
    the first eight digits of the digest of the notice that the visitor saw; `latest` what changed last; `changed` are
    the options that mean something else than they did. `region` is where the visitors are, else the site's own.
    """
    changed, region = tuple(changed), settings.common_region if region is None else region
    style = make_style(built, notice, settings, bool(news), region)
    linked = linked_modules(built, notice, settings, news)
    views = {
        locale: View(notice, locale, region=region, age=settings.age, asks_first=settings.asks_first)
        for locale in notice.locales
    }
    payloads = {
        locale: payload(view, settings, news, latest, changed) | {"sheet": style.centre}
        for locale, view in views.items()
    }
    bodies = {locale: Body(compact(data).encode(), "application/json") for locale, data in payloads.items()}
    embeds = make_embeds(built, style.embeds, views.values())
    return Assets(
        scripts={
            locale: make_script(built, data, body, style, linked, embeds, settings)
            for (locale, data), body in zip(payloads.items(), bodies.values(), strict=True)
        },
        embeds=embeds.body,
        payloads=bodies,
        statements={locale: _late(partial(_statement, style.statement, view)) for locale, view in views.items()},
        questions={
            (key, locale): _late(partial(consent_question, view, option))
            for locale, view in views.items()
            for key, option in (notice.options if can_ask(notice) else {}).items()
            if option.service is None and not option.for_guardian
        },
        changes={
            (digest, locale): _late(partial(what_changed, view, change, questions(change)))
            for digest, change in news.items()
            for locale, view in views.items()
        },
        sheet=LateBody(lambda: style.page, "text/css"),
        officer_sheet=LateBody(lambda: style.page + raised_headings(built["officer.css"]), "text/css"),
        officer_script=LateBody(lambda: built["uplot.js"] + built["officer.js"], "text/javascript"),
        bridges={name: Body(built[f"{name}.js"].encode(), "text/javascript") for name in BRIDGES},
        fallback_sheet=LateBody(lambda: style.fallback, "text/css"),
        guard=make_guard(built, notice) if settings.guard else None,
        page_script=Body(built["page.js"].encode(), "text/javascript"),
        show_layer=Body(_show_layer(built["cached.js"], settings).encode(), "text/javascript"),
        layer_sheet=style.layer,
        news_sheet=style.news,
    )


def _show_layer(script: str, settings: Settings) -> str:
    """Where an earlier tool has left something, the layer waits until it is known what (linked/earlier.js)."""
    left = settings.carry_over.keys if settings.carry_over else ()
    quiet = "".join(f"|{re.escape(key.removesuffix('*'))}" for key in left)
    return script.replace("CW_NAME(=1|-outbox)", f"CW_NAME(=1|-outbox){quiet}").replace("CW_NAME", settings.cookie_name)


def _statement(sheet: str, view: View) -> object:
    return [sheet, statement(view, in_dialog=True)]


def _late(tree: Callable[[], object]) -> Body:
    """A tree for the script, which few pages ask for."""
    return LateBody(lambda: compact(tree()), "application/json")
