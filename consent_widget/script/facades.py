"""What the script needs to put a vendor's content at its place in a page: the address and how to read one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..notice.parts import Service, Use
from .tags import filled, tag_of

if TYPE_CHECKING:
    from ..vendors.model import Embed, Tag, Vendor

#: The texts in place of a script that is held back, by its kind: what it is, load it once, load it always.
WORDS: Mapping[str, tuple[str, str, str]] = {
    "captcha": ("blocked_captcha", "load_captcha", "load_always"),
    "chat": ("blocked_chat", "open_chat", "load_always"),
}


def facade_of(service: Service, messages: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """The content of a service that belongs to a place in a page, as linked/facades.js reads it. None where the
    catalogue has none.
    """
    vendor = embedded_vendor(service)
    if vendor is None or vendor.tag is None or vendor.embed is None or service.use is None:
        return None
    facade: dict[str, Any] = {
        "parameters": {
            name: [parameter.pattern, parameter.example, *([1] if parameter.default is not None else [])]
            for name, parameter in vendor.parameters.items()
            if parameter.each
        },
        "film": int(vendor.kind == "embed" and bool(vendor.embed.addresses)),
    }
    if vendor.tag.frame:
        facade |= _frame(service.use, vendor.tag, vendor.embed)
    else:
        facade |= _script(service, vendor.kind, vendor.embed, messages)
    return {name: value for name, value in facade.items() if value}


def _frame(use: Use, tag: Tag, embed: Embed) -> dict[str, Any]:
    in_address = {name: quote(value, safe="/") for name, value in use.parameters.items()}
    return {
        "frame": filled(tag.frame, in_address),
        "attributes": tag.attributes,
        "addresses": [pattern.replace("(?P<", "(?<") for pattern in embed.addresses],
        "queries": embed.queries,
        "played": embed.played,
    }


def _script(service: Service, kind: str, embed: Embed, messages: Mapping[str, str] | None) -> dict[str, Any]:
    """`kind` says when it is loaded (a captcha: at its form), and which room it takes."""
    return {
        "tag": tag_of(service, placed=True),
        "ready": embed.ready,
        "gives": embed.gives,
        "kind": kind,
        "words": [messages[name] for name in WORDS.get(kind, ()) if messages],
    }


def has_placed_script(service: Service) -> bool:
    """Is its content a script at a place in the page, and no frame?"""
    vendor = embedded_vendor(service)
    return vendor is not None and vendor.tag is not None and vendor.tag.frame is None


def embedded_vendor(service: Service) -> Vendor | None:
    """The vendor whose content it is, if a page can have it with `data-consent-embed`."""
    if service.use is None:
        return None
    from ..vendors.catalogue import read_vendor  # nothing of the catalogue is read where no notice uses it

    vendor = read_vendor(service.use.vendor)
    return vendor if vendor.embed and vendor.tag else None
