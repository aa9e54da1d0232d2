"""The guard by itself, for the head of a page: before the scripts of vendors, and long before the widget."""

from __future__ import annotations

from collections.abc import Mapping

from ..notice.model import Notice
from ..notice.parts import Service
from .body import Body, compact

#: The tag says which services may run, where the server knows; then the widget takes over (static/src/linked/guard.js).
EARLY = (
    '(()=>{{const may=(document.currentScript?.getAttribute("data-granted")||"").split(" ");'
    "({guard})({{data:()=>({{services:{services}}}),service:{{permitted:(all,permits,id)=>may.includes(id)}}}})}})()"
)


def hosts_of(service: Service) -> list[str]:
    """Its hosts, and that of its script where the site has it at an address of its own."""
    own = ""
    if service.use and service.use.script:
        from ..vendors.addresses import host_of  # nothing of the catalogue is read where no notice uses it

        own = host_of(service.use.script)
    return list(dict.fromkeys(filter(None, (*service.hosts, own))))


def is_guarded(service: Service) -> bool:
    """Is what it does held back until it is granted? Not where it is told to wait itself (`advanced`)."""
    return bool(hosts_of(service)) and not (service.use and service.use.advanced)


def make_guard(built: Mapping[str, str], notice: Notice) -> Body:
    """The script; the same for every visitor and every language."""
    services = [
        {"id": service.id, "purposes": list(service.purposes), "hosts": hosts_of(service)}
        for service in notice.services
        if is_guarded(service)
    ]
    guard = built["guard.js"].strip().rstrip(";")
    return Body(EARLY.format(guard=guard, services=compact(services)).encode(), "text/javascript")
