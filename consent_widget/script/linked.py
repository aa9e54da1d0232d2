"""Which modules of the script a site needs besides what every site needs."""

from __future__ import annotations

from collections.abc import Mapping

from ..notice.model import Notice
from ..notice.publishing import News
from ..settings.model import Settings


def linked_modules(
    built: Mapping[str, str], notice: Notice, settings: Settings, news: Mapping[str, News]
) -> dict[str, str]:
    """The source of each module of `static/src/linked` that this site uses, by name. The others cost nobody a byte."""
    needed = {
        "names": True,
        "store": bool(settings.origins),
        "writeToken": bool(settings.origins),
        "ask": any(purpose.control == "just_in_time" for purpose in notice.purposes),
        "service": bool(notice.services),
        "groups": any(len(notice.in_group(group.id)) > 1 for group in notice.groups) or bool(notice.recipients),
        "leave": settings.leave is not None,
        "age": settings.age is not None,
        "news": bool(news),
    }
    return {name: built[f"{name}.js"] for name, is_needed in needed.items() if is_needed}
