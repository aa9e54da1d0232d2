"""What the script needs to put a vendor's content at its place in a page: the address and how to read one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..notice.parts import Service
from ..vendors.model import Vendor
from .tags import filled


def facade_of(service: Service) -> dict[str, Any] | None:
    """The content of a service that belongs to a place in a page, as linked/facades.js reads it. None where the
    catalogue has none.
    """
    vendor = embedded_vendor(service)
    if vendor is None or vendor.tag is None or vendor.embed is None or service.use is None:
        return None
    in_address = {name: quote(value, safe="/") for name, value in service.use.parameters.items()}
    facade = {
        "frame": vendor.tag.frame and filled(vendor.tag.frame, in_address),
        "attributes": vendor.tag.attributes,
        "parameters": {
            name: [parameter.pattern, parameter.example, *([1] if parameter.default is not None else [])]
            for name, parameter in vendor.parameters.items()
            if parameter.each
        },
        "addresses": [pattern.replace("(?P<", "(?<") for pattern in vendor.embed.addresses],
        "queries": vendor.embed.queries,
        "played": vendor.embed.played,
        "film": int(vendor.kind == "embed" and bool(vendor.embed.addresses)),
    }
    return {name: value for name, value in facade.items() if value}


def embedded_vendor(service: Service) -> Vendor | None:
    """The vendor whose content it is, if a page can have it with `data-consent-embed`."""
    if service.use is None:
        return None
    from ..vendors.catalogue import read_vendor  # nothing of the catalogue is read where no notice uses it

    vendor = read_vendor(service.use.vendor)
    return vendor if vendor.embed and vendor.tag else None
