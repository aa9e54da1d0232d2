"""What the script needs of a notice in one locale: its options, its messages and its trees of elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..choice.policy import lifetime
from ..notice.again import ChangedOption
from ..notice.news import News
from ..notice.options import Option
from ..settings.model import Settings
from ..ui.account import scope_note
from ..ui.age import age_dialogs
from ..ui.centre import carried_note, centre
from ..ui.layer import layer
from ..ui.leaving import leaving
from ..ui.news import news_of_script
from ..ui.view import View, has_opt_outs
from .facades import facade_of
from .guard import hosts_of, is_guarded
from .tags import tag_of

#: Messages that the script shows by itself. All others are in the trees.
SCRIPT_MESSAGES = (
    "preferences", "saved", "unsaved", "unkept", "unreachable", "framed", "reloading",
)  # fmt: skip


def payload(
    view: View, settings: Settings, news: Mapping[str, News] = MappingProxyType({}), latest: News | None = None,
    changed: Iterable[ChangedOption] = (),
) -> dict[str, object]:  # fmt: skip
    """The whole payload. A site pays for no part that its notice and its settings do not use.

    `news` is what changed, by the first eight digits of the digest of the notice that the visitor saw; `latest` what
    changed last; `changed` are the options that mean something else than they did.
    """
    notice = view.notice
    options = [option for option in notice.options.values() if view.age or not option.for_guardian]
    on = view.starts_on()
    scope = scope_note(view, hidden=True) if settings.account else None
    data: dict[str, object] = {
        "locale": view.locale,
        "locales": list(notice.locales),
        "notice": notice.digest[:16],
        "options": [_option(option, with_age=view.age is not None, on=option.key in on) for option in options],
        "always": [purpose.id for purpose in notice.purposes if purpose.control == "always_on"],
        "words": {name: view.messages[name] for name in SCRIPT_MESSAGES},
        "layer": layer(view, scope=scope),
        "centre": centre(view, scope=scope),
    }
    if has_opt_outs(notice) and (settings.origins or settings.render != "server"):
        data["words"] |= {"signal": view.signal}  # type: ignore[operator]
    if notice.services:
        data |= _services(view, late=bool(settings.origins), guarded=settings.guard)
    if settings.scripted_grants:
        data["scripted"] = 1
    if settings.origins:
        data |= {"origins": list(settings.origins), "days": lifetime(notice, view.region, False)}
    if settings.site:
        data["site"] = settings.site
    if settings.cookie_name != Settings.cookie_name:
        data["cookie"] = settings.cookie_name
    if settings.cookie_domain:
        data["domain"] = settings.cookie_domain
    if news:
        data["news"] = news_of_script(view, news, changed, latest, scope)
    if view.age:
        data["age"] = _age(view)
    if settings.carry_over:
        data["earlier"] = {"keys": settings.carry_over.keys, "note": carried_note(view, settings.carry_over)}
    if settings.iab:
        data["iab"] = vars(settings.iab)
    if settings.layout == "modal":
        data["modal"] = 1
    if settings.leave is not None:
        data["leave"] = _leaving(view, settings.leave)
    return data


def first_payload(data: Mapping[str, Any]) -> dict[str, object]:
    """The part of a payload that a page needs at once: the options, and the first layer."""
    first = only(
        data, "locale", "notice", "always", "separate", "layer", "origins", "site", "cookie", "domain", "earlier"
    )
    first["options"] = [
        only(option, "key", "tag", "to", "of", "bulk", "on", "gpc", "adult") for option in data["options"]
    ]
    if "again" in data.get("news", {}):
        first["again"] = 1
    first["words"] = only(data["words"], "unreachable", "unsaved")
    if "services" in data:
        # the rest opens those with calls, which come before the tag
        services = [service for service in data["services"] if "tag" not in service]
        first["services"] = [only(service, "id", "purposes", "recipient") for service in services]
    if "age" in data:
        first["age"] = only(data["age"], "ask", "layers")
    return first


def only(data: Mapping[str, Any], *names: str) -> dict[str, object]:
    """The entries of these names, in the order of `data`."""
    return {name: value for name, value in data.items() if name in names}


def _option(option: Option, *, with_age: bool, on: bool) -> dict[str, object]:
    flags = {
        "bulk": option.in_bulk,
        "all": option.in_accept_all,
        "gpc": option.purpose.gpc_opt_out,
        "adult": with_age and option.for_adults,
    }
    names = {"key": option.key, "tag": option.fingerprint}
    names |= {"to": option.recipient.id} if option.recipient else {}
    names |= {"of": option.purpose.id} if option.service else {}
    names |= {"on": ""} if on else {}  # for visitors of no known age band
    return names | {name: 1 for name, is_set in flags.items() if is_set}


def _services(view: View, *, late: bool, guarded: bool) -> dict[str, object]:
    """The part that the linked modules `service`, `tags` and `guard` need."""
    return {
        "separate": [purpose.id for purpose in view.notice.purposes if purpose.consent == "separate"],
        "services": [
            {
                "id": service.id,
                "name": service.name[view.locale],
                "purposes": list(service.purposes),
                "cookies": [cookie.name for cookie in service.cookies if not cookie.host],
                "storage": list(service.storage),
            }
            | ({"recipient": service.recipient} if service.recipient else {})
            | ({"hosts": hosts_of(service)} if guarded and is_guarded(service) else {})
            | ({"tag": tag} if (tag := tag_of(service, late=late)) else {})
            | ({"embed": facade} if (facade := facade_of(service, view.messages)) else {})
            for service in view.notice.services
        ],
    }


def _age(view: View) -> dict[str, object]:
    """The part that the linked module `age` needs; its layers are by the first letter of the band."""
    asks = {"ask": 1} if view.age and view.age.ask else {}
    layers = {"c": layer(view, stage="child")} | ({"": layer(view, stage="age")} if asks else {})
    return asks | age_dialogs(view) | {"layers": layers}


def _leaving(view: View, leave: Mapping[str, Any]) -> dict[str, object]:
    return {
        "affiliates": list(leave.get("affiliates", ())),
        "policies": dict(leave.get("policies", {})),
        "tree": leaving(view),
    }
