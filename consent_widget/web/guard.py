"""`{{ consent_guard() }}`: what holds back the requests of scripts, from the head of a page on (CONSENT_GUARD)."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from markupsafe import Markup

from ..errors import ConfigurationError
from .cached import is_for_everybody
from .consent import current_consent
from .embed import read_nonce
from .visitor_site import visitor_site


def early_guard(nonce: str | Callable[[], str] | None = None) -> Markup:
    """The script tag of the guard, for the first place in the head: it guards what comes after it. `nonce` as for the
    widget. In pages that caches keep it lets nothing through until the widget has read the visitor's choice.
    """
    site = visitor_site()
    if site.assets.guard is None:
        raise ConfigurationError("consent_guard(): set CONSENT_GUARD = True, or leave it out of the template.")
    granted: list[str] = []
    if site.settings.render != "script" and not is_for_everybody(site):
        visitor = current_consent(site)
        granted = [service.id for service in site.notice.services if visitor.granted_service(service.id)]
    src = f"{request.script_root}{site.settings.url_prefix}/widget.{site.assets.guard.hash}.js"
    own = read_nonce(nonce)
    secret = Markup(' nonce="{}"').format(own) if own else ""
    return Markup('<script src="{}" data-granted="{}"{}></script>').format(src, " ".join(granted), secret)
