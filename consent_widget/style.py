"""The style of one site: of the built sheets, those that its layout and its notice have a use for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .notice import Notice
from .settings import Settings
from .theme import theme_css


@dataclass(frozen=True)
class Style:
    """What the first layer needs: of the script's first part, or of the server. What the bar of a changed notice needs
    instead, what the script needs, after its first part or whole, and what the notice and the pages need besides.
    """

    first: str
    layer: str
    news: str
    script: str
    whole: str
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
    late = built["late.css"]
    page = script + late + built["statement.css"] + built["page.css"] + built["news.css"]
    if settings.age and settings.age.send:
        page += built["guardian.css"]
    return Style(
        first=layer + built["first.css"],
        layer=layer + late,
        news=built["layer.css"] + late + built["news.css"] + theme_css(settings.theme),
        script=script + news * built["news.css"],
        whole=script + late + news * built["news.css"],
        statement=built["statement.css"],
        page=page,
    )
