"""The style of one site: of the built sheets, those that its layout and its notice have a use for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .notice import Notice
from .settings import Settings
from .theme import theme_css


@dataclass(frozen=True)
class Style:
    """What the first layer needs, what the bar of a changed notice needs instead, what the script needs, and what the
    notice and the pages need besides.
    """

    layer: str
    news: str
    script: str
    statement: str
    page: str


def make_style(built: Mapping[str, str], notice: Notice, settings: Settings, news: bool = False) -> Style:
    """`built` holds the sheets by file name. A part that a notice does not have costs its visitors nothing."""
    groups = any(len(notice.in_group(group.id)) > 1 for group in notice.groups)
    layer = built["layer.css"] + built[f"{settings.layout}.css"] + theme_css(settings.theme)
    script = layer + built["centre.css"] + groups * built["groups.css"]
    if (
        settings.leave is not None
        or settings.age
        or any(purpose.control == "just_in_time" for purpose in notice.purposes)
    ):
        script += built["ask.css"]
    if settings.age:
        layer += built["age.css"]
        script += built["age.css"]
    if notice.services or notice.recipients:
        script += built["parties.css"]
    page = script + built["statement.css"] + built["page.css"] + built["news.css"]
    if settings.age and settings.age.send:
        page += built["guardian.css"]
    return Style(
        layer=layer,
        news=built["layer.css"] + built["news.css"] + theme_css(settings.theme),
        script=script + news * built["news.css"],
        statement=built["statement.css"],
        page=page,
    )
