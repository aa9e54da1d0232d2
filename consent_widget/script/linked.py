"""Which modules of the script a site needs besides what every site needs."""

from __future__ import annotations

from collections.abc import Mapping

from ..notice.model import Notice
from ..notice.news import News
from ..settings.model import Settings
from ..ui.groups import folds
from ..ui.services import service_switches
from ..ui.view import has_opt_outs
from .facades import facade_of, has_placed_script
from .tags import tag_of, tells

#: Those that begin by themselves, once the widget is there. The script has one place for all of them.
BEGINNING = (
    "guard", "facades", "places", "tags", "live", "leave", "elsewhere", "earlier", "signal", "iab", "account", "told",
)  # fmt: skip


def can_ask(notice: Notice) -> bool:
    """Does `ConsentWidget.ask()` ask anything? Only where the notice has a purpose that is asked when it is needed."""
    return any(purpose.control == "just_in_time" for purpose in notice.purposes)


def has_facades(notice: Notice) -> bool:
    """Has the notice a service whose content stands at a place in a page?"""
    return any(facade_of(service) for service in notice.services)


def has_folding_groups(notice: Notice) -> bool:
    """Has the preference centre a group that unfolds? It needs a module and a style sheet of its own."""
    return any(folds(notice, group) for group in notice.groups)


def linked_modules(
    built: Mapping[str, str], notice: Notice, settings: Settings, news: Mapping[str, News]
) -> dict[str, str]:
    """The source of each module of `static/src/linked` that this site uses, by name. The others cost nobody a byte."""
    needed = {
        "names": True,
        "earlier": settings.carry_over is not None,
        "wait": settings.carry_over is not None,
        "iab": settings.iab is not None,
        "store": bool(settings.origins),
        "elsewhere": bool(settings.origins),
        "ask": can_ask(notice),
        "service": bool(notice.services),
        "facades": has_facades(notice),
        "places": any(map(has_placed_script, notice.services)),
        "tags": any(tag_of(service) for service in notice.services),
        "guard": settings.guard and bool(notice.services),
        "live": settings.gate_html and bool(notice.services),
        "calls": any(map(tells, notice.services)),
        "clear": bool(notice.services),
        "groups": has_folding_groups(notice),
        "followers": bool(service_switches(notice)),
        "lead": bool(settings.origins) or settings.render == "script",
        "leave": settings.leave is not None,
        "signal": has_opt_outs(notice) and (bool(settings.origins) or settings.render != "server"),
        "age": settings.age is not None,
        "news": bool(news),
        "account": settings.account is not None and settings.render != "server",
        "told": settings.account is not None and settings.render == "server",
    }
    modules = {name: built[f"{name}.js"] for name, is_needed in needed.items() if is_needed}
    if "tags" in modules:
        tags, calls = (modules.pop(name, "0").strip().rstrip(";") for name in ("tags", "calls"))
        modules["tags"] = f"tools=>({tags})(tools,{calls})"
    begin = [modules.pop(name).strip().rstrip(";") for name in BEGINNING if name in modules]
    if begin:
        modules["begin"] = f"(tools,api)=>[{','.join(begin)}].forEach(each=>each(tools,api))"
    return modules | ({"store": built["domainStore.js"]} if settings.origins and settings.cookie_domain else {})
