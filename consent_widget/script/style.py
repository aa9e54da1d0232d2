"""The style of one site: of the built sheets, those that its layout and its notice have a use for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..notice.model import Notice
from ..settings.model import Settings
from ..ui.theme import theme_css


@dataclass(frozen=True)
class Style:
    """What the first layer needs, made by the first part of the script (in each locale) or by the server, what the bar
    of a changed notice needs instead, what the script needs, and what the notice and the pages need besides.
    """

    first: Mapping[str, str]
    layer: str
    news: str
    script: Mapping[str, str]
    statement: str
    page: str


def make_style(built: Mapping[str, str], notice: Notice, settings: Settings, news: bool = False) -> Style:
    """`built` holds the sheets by file name. A part that a notice does not have costs its visitors nothing."""
    asks = any(purpose.control == "just_in_time" for purpose in notice.purposes)
    used = {
        "groups": any(len(notice.in_group(group.id)) > 1 for group in notice.groups),
        "ask": asks or bool(settings.age) or settings.leave is not None,
        "age": bool(settings.age),
        "parties": bool(notice.services or notice.recipients),
        "guardian": bool(settings.age and settings.age.send),
    }

    def sheet(*names: str) -> str:
        return "".join(built[f"{name}.css"] for name in names if used.get(name, True)) + theme_css(settings.theme)

    def inside(*names: str) -> str:
        """Within the widget's own element there is no page of ours, and mostly no news."""
        text = sheet(*names).replace(",.cw-page", "")
        return text if news else text.replace(",.cw-news", "")

    def amid_latin(locale: str, name: str) -> tuple[str, ...]:
        """Chinese letters come late in a page that has none otherwise."""
        return () if locale.startswith("zh") else (name,)

    layer = ("layer", settings.layout)
    more = ("centre", "groups", "ask", "age", "parties")
    return Style(
        first={locale: inside(*layer, *amid_latin(locale, "first"), "busy", "age") for locale in notice.locales},
        layer=inside(*layer, "late", "calm", "age"),
        news=inside("layer", "late", "news"),
        script={
            locale: inside(*layer, *amid_latin(locale, "late"), *more, *news * ("news",)) for locale in notice.locales
        },
        statement=built["statement.css"],
        page=sheet(*layer, "late", *more, "calm", "statement", "page", "news", "guardian"),
    )
