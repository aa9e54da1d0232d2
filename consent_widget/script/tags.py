"""What the script needs to load a vendor's tag: the address, the stub and the calls, with the site's numbers there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..notice.parts import Service

if TYPE_CHECKING:
    from ..vendors.model import Call, Moment, Queue, Vendor


def tag_of(service: Service) -> dict[str, Any] | None:
    """The tag of a service that the widget loads, as linked/tags.js reads it. What the site says is inserted as data:
    in addresses percent-encoded, elsewhere as a text or a part of one, and never as code.

    None where the site has its own markup (`load = false`), and for what belongs to a place in the page: a film, a map,
    a form, a conversation.
    """
    if service.use is None or not service.use.load:
        return None
    vendor, parameters = _vendor(service.use.vendor), service.use.parameters
    if vendor.tag is None or vendor.tag.script is None or not vendor.tag.everywhere:
        return None
    in_address = {name: quote(value, safe="/") for name, value in parameters.items()}
    tag = {
        "src": filled(vendor.tag.script, in_address),
        "attributes": filled(vendor.tag.attributes, parameters),
        "globals": filled(vendor.tag.globals, parameters),
        "queue": vendor.tag.queue and _queue(vendor.tag.queue, parameters),
        "start": _calls(vendor, "start", parameters),
        "loaded": _calls(vendor, "loaded", parameters),
    }
    return {name: value for name, value in tag.items() if value}


def filled(value: Any, parameters: Mapping[str, str]) -> Any:
    """`value` with each `{name}` in its texts replaced by that parameter. No parameter has a brace in it."""
    if isinstance(value, Mapping):
        return {name: filled(item, parameters) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(item, parameters) for item in value]
    if isinstance(value, str):
        for name, text in parameters.items():
            value = value.replace(f"{{{name}}}", text)
    return value


def _queue(queue: Queue, parameters: Mapping[str, str]) -> dict[str, Any]:
    values = {field.name: getattr(queue, field.name) for field in fields(queue)}
    values["global"] = values.pop("at_global")
    return {name: filled(value, parameters) for name, value in values.items() if value}


def _calls(vendor: Vendor, moment: Moment, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_call(call, parameters) for call in vendor.calls if call.on == moment]


def _call(call: Call, parameters: Mapping[str, str]) -> dict[str, Any]:
    made = {"args": filled(call.call, parameters), "to": call.to, "new": call.new}
    return {name: value for name, value in made.items() if value}


def _vendor(id: str) -> Vendor:
    from ..vendors.catalogue import read_vendor  # nothing of the catalogue is read where no notice uses it

    return read_vendor(id)
