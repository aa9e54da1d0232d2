"""What the script needs to load a vendor's tag: the address, the stub and the calls, with the site's numbers there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..notice.parts import Service

if TYPE_CHECKING:
    from ..vendors.model import Call, Queue, Signal, Vendor

#: The calls that start a tag. A site that loads it in markup of its own makes them there.
STARTING = ("start", "loaded")
#: How many milliseconds a vendor waits for the visitor's choice, where that is not in the page at once (Google's own
#: example).
WAIT = 500


def tag_of(service: Service, *, late: bool = False, placed: bool = False) -> dict[str, Any] | None:
    """The tag of a service as linked/tags.js reads it: its address, its stub and its calls. What the site says is
    inserted as data: in addresses percent-encoded, elsewhere as a text or a part of one, and never as code. With
    `late` the visitor's choice may not be in the page at once; `placed` is for one that belongs to a place in the page.

    A site that has the tag in its own markup (`load = false`) gets the calls for consent alone; none of them with
    `tell = false`. None where nothing is left, and for what belongs to a place in the page: a film, a map, a form, a
    conversation.
    """
    if service.use is None:
        return None
    use, vendor = service.use, _vendor(service.use.vendor)
    if vendor.tag is None or vendor.tag.script is None or vendor.tag.everywhere is placed:
        return None
    parameters = use.parameters
    calls = [
        call
        for call in vendor.calls
        if (use.load if call.on in STARTING else use.tell) and (call.given is None or parameters.get(call.given))
    ]
    if not use.load and not calls:
        return None
    in_address = {name: quote(value, safe="/") for name, value in parameters.items()}
    loaded = {
        "src": use.script or filled(vendor.tag.script, in_address),
        "first": filled(vendor.tag.first, in_address),
        "attributes": filled(vendor.tag.attributes, parameters),
        "globals": filled(vendor.tag.globals, parameters),
        "advanced": int(use.advanced),
    }
    tag = (loaded if use.load else {}) | {
        "queue": vendor.tag.queue and _queue(vendor.tag.queue, parameters),
        "calls": [_call(call, parameters, late) for call in calls],
        "signals": _signals(vendor, use.signals),
        "words": {name: [each.no, each.yes] for name, each in vendor.signals.items() if _words(each)},
    }
    return {name: value for name, value in tag.items() if value or name == "calls"}


def tells(service: Service) -> bool:
    """Is the vendor told of the visitor's choice? For that the script needs a module more: linked/calls.js."""
    tag = tag_of(service)
    return tag is not None and any(call["on"] not in STARTING for call in tag["calls"])


def filled(value: Any, parameters: Mapping[str, str]) -> Any:
    """`value` with each `{name}` in its texts and keys replaced by that parameter. No parameter has a brace in it."""
    if isinstance(value, Mapping):
        return {filled(name, parameters): filled(item, parameters) for name, item in value.items()}
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


def _call(call: Call, parameters: Mapping[str, str], late: bool) -> dict[str, Any]:
    args = [_timed(each, late) for each in call.call]
    made = {"on": call.on, "args": filled(args, parameters), "to": call.to, "new": call.new, "once": int(call.once)}
    return {name: value for name, value in made.items() if value}


def _timed(value: object, late: bool) -> object:
    """An argument with the time to wait, or without it."""
    if not isinstance(value, Mapping):
        return value
    return {name: WAIT if each == "{wait}" else each for name, each in value.items() if late or each != "{wait}"}


def _signals(vendor: Vendor, own: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """By signal, the purposes that it needs besides the service itself: as the site says, else as the catalogue."""
    purposes: dict[str, tuple[str, ...] | None] = {name: each.purposes for name, each in vendor.signals.items()}
    purposes |= own
    return {name: list(each) for name, each in purposes.items() if each is not None}


def _words(signal: Signal) -> bool:
    return (signal.no, signal.yes) != ("denied", "granted")


def _vendor(id: str) -> Vendor:
    from ..vendors.catalogue import read_vendor  # nothing of the catalogue is read where no notice uses it

    return read_vendor(id)
