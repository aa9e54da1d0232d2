"""The style of one site: of the built sheets, those that its layout and its notice use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern

from ..notice.model import Notice
from ..regions import region_of
from ..settings.model import Settings
from ..ui.node import raised_headings
from ..ui.theme import theme_css
from .linked import can_ask, has_facades, has_folding_groups


@dataclass(frozen=True)
class Style:
    """CSS for each place where something of ours is shown."""

    #: The first layer, drawn by the first part of the script; by locale.
    first: Mapping[str, str]
    #: The first layer, drawn by the server.
    layer: str
    #: The bar of a changed notice, drawn by the server.
    news: str
    #: Everything that the whole script shows, by locale.
    script: Mapping[str, str]
    #: What the preference centre needs besides: it comes with its tree. Empty where more than the centre needs it.
    centre: str
    #: Placeholders for embedded content, each in a shadow root of its own.
    embeds: str
    #: What the server prints in place of a vendor's content, until the script shows more: in the page itself.
    fallback: str
    #: What the notice needs besides, when the script shows it.
    statement: str
    #: Our own pages, whose headings are one level higher than in a dialog.
    page: str


def make_style(
    built: Mapping[str, str], notice: Notice, settings: Settings, news: bool = False, region: str = ""
) -> Style:
    """`built` holds the sheets by file name. A sheet that a site does not use costs its visitors nothing."""
    used = {
        "groups": has_folding_groups(notice),
        "ask": can_ask(notice) or bool(settings.age) or settings.leave is not None,
        "age": bool(settings.age),
        "options": region_of(region).privacy_choices,
        "parties": bool(notice.services or notice.recipients),
        "guardian": bool(settings.age and settings.age.send),
        "told": settings.account is not None,
        "lists": bool(settings.collected or settings.close_account),
    }

    def sheet(*names: str) -> str:
        return intern(_joined(built, used, names) + theme_css(settings.theme))

    def shadow_sheet(*names: str) -> str:
        """For the shadow root: without our pages, and without the bar of a changed notice if there is none."""
        text = sheet(*names).replace(",.cw-page", "")
        return intern(text if news else text.replace(",.cw-news", ""))  # many sites have the same

    def unless_chinese(locale: str, name: str) -> tuple[str, ...]:
        """On a page of Latin letters the link to the Chinese text needs a second font, and these sheets delay it."""
        return () if locale.startswith("zh") else (name,)

    told = ("again", "news") if news else ()
    layout = ("box", "bar") if settings.layout == "bar" else (settings.layout,)  # on a phone, a bar is a box
    layer = ("layer", *layout)
    dialogs = ("dialog", "details", "groups", "parties", "options")
    early = used["ask"] or news or settings.layout == "modal"  # then the centre and the notice are not the only dialogs
    more = ("pill", *(dialogs if early else ()), "ask", "age")
    more += ("button",) if settings.leave is not None or settings.origins else ()
    more += ("mine",) if settings.origins else ()
    more += ("told",)
    pages = ("ask", "age", "button", "calm", "page", "mine", "statement", "again", "news", "guardian", "told", "lists")
    return Style(
        first={
            locale: shadow_sheet(*layer, *unless_chinese(locale, "first"), "busy", "age") for locale in notice.locales
        },
        layer=shadow_sheet(*layer, "tall", "late", "calm", "age", *told[:1]),
        news=shadow_sheet("layer", "late", "news", "told"),
        script={
            locale: shadow_sheet(*layer, "tall", *unless_chinese(locale, "late"), *more, *told)
            for locale in notice.locales
        },
        centre="" if early else _joined(built, used, dialogs),
        embeds=sheet("embeds", *(("poster",) if has_facades(notice) else ())).replace(":host,.cw-page", ".cw-blocked"),
        fallback=intern(built["fallback.css"]),
        statement=_joined(built, used, (*(() if early else ("dialog", "details", "parties")), "statement")),
        page=intern(raised_headings(sheet(*layer, "late", "pill", *dialogs, *pages))),
    )


def _joined(built: Mapping[str, str], used: Mapping[str, bool], names: Iterable[str]) -> str:
    return intern("".join(built[f"{name}.css"] for name in names if used.get(name, True)))
