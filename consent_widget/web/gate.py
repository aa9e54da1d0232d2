"""`{{ consent_service("ga4") }}`: the attributes that gate an element of the site's own for a service of the notice."""

from __future__ import annotations

from markupsafe import Markup

from ..subject.ids import require_service
from .visitor_site import visitor_site


def service_gate(service: str) -> Markup:
    """The purposes of the service and its id, as attributes: `<script type="text/plain" {{ consent_service("ga4") }}>`.
    ConfigurationError where the notice does not have it.
    """
    notice = visitor_site().notice
    require_service(notice, service)
    purposes = next(each.purposes for each in notice.services if each.id == service)
    return Markup('data-consent="{}" data-consent-service="{}"').format(" ".join(purposes), service)
