"""The lines that let visitors decide by name about a service: ready to paste into the notice file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..regions import Region
from ..text import Text
from .parts import Purpose, Recipient, RecipientClass, Service
from .toml import part_as_toml

if TYPE_CHECKING:
    from .model import Notice

OPEN = "…"
MEANS = {
    "zh-CN": "您访问网页时，由您的浏览器直接发送。",
    "en": "Your browser sends it directly while you visit our pages.",
}
RIGHTS = {
    "zh-CN": "您可以通过上述联系方式向其提出请求，也可以联系我们。",
    "en": "Make your request by the contact above, or contact us.",
}
KIND: Mapping[str, Mapping[str, str]] = {
    "label": {"zh-CN": "境外第三方", "en": "Third parties abroad"},
    "description": {
        "zh-CN": "位于其他国家或地区的接收方，未经您单独同意，不向其提供。",
        "en": "Recipients in other countries; they receive nothing without your separate consent.",
    },
}


def recipient_lines(notice: Notice, service: Service, region: Region) -> str:
    """What to change in the entries of a service abroad and of its purposes, and the entries to add (PIPL 23, 39): who
    receives what, by which means, and the visitor's rights there. What only the site knows stands as `…`.
    """
    changed: list[str] = []
    added: list[Purpose] = []
    for purpose in notice.purposes:
        if purpose.id not in service.purposes or purpose.consent == "separate":
            continue
        if all(each.recipient or region.is_abroad(each.country) for each in notice.services_of(purpose.id)):
            changed.append(f'purposes.{purpose.id}: consent = "separate", in_accept_all = false')
        else:
            added.append(_by_name(notice, purpose, service))
    renamed = {purpose.id.removesuffix("_by_name"): purpose.id for purpose in added}
    purposes = tuple(renamed.get(id, id) for id in service.purposes)
    own = [f'recipient = "{service.id}"']
    own += [f"purposes = {json.dumps(purposes)}"] if renamed else []
    kinds = [kind.id for kind in notice.recipient_classes]
    parts: list[tuple[str, Any]] = [] if kinds else [("recipient_classes", _kind(notice))]
    parts += [("purposes", purpose) for purpose in added]
    parts += [("recipients", _recipient(notice, service, purposes, kinds[0] if kinds else "abroad"))]
    return "\n".join((
        f"services.{service.id}: {', '.join(own)}",
        *changed,
        *(f"\n{part_as_toml(name, part)}" for name, part in parts),
    ))  # fmt: skip


def _recipient(notice: Notice, service: Service, purposes: tuple[str, ...], kind: str) -> Recipient:
    data = [id for purpose in notice.purposes if purpose.id in service.purposes for id in purpose.data]
    return Recipient(
        id=service.id,
        name=service.name,
        recipient_class=kind,
        company=service.company,
        contact=OPEN,
        country=service.country,
        means=_text(notice, MEANS),
        data=tuple(dict.fromkeys(data)) or (OPEN,),
        purposes=purposes,
        rights=_text(notice, RIGHTS),
        transfer=OPEN,  # type: ignore[arg-type]
        known_as=service.known_as,
    )


def _by_name(notice: Notice, purpose: Purpose, service: Service) -> Purpose:
    """The same purpose, for this service alone: others that share it need no separate consent."""
    brackets = {locale: "（{}）" if locale.startswith("zh") else " ({})" for locale in notice.locales}
    label = {locale: text + brackets[locale].format(service.name[locale]) for locale, text in purpose.label.items()}
    id = f"{purpose.id}_by_name"
    return replace(purpose, id=id, label=Text(label), consent="separate", in_accept_all=False, recipients=())


def _kind(notice: Notice) -> RecipientClass:
    label, description = (_text(notice, KIND[name]) for name in ("label", "description"))
    return RecipientClass(id="abroad", label=label, description=description, role="independent")


def _text(notice: Notice, words: Mapping[str, str]) -> Text:
    return Text({locale: words.get(locale, OPEN) for locale in notice.locales})
