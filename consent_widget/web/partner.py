"""`{{ consent_partner("acme") }}`: the label of a partner's goods in a page of the site."""

from __future__ import annotations

from markupsafe import Markup

from ..subject.ids import is_in_effect, require_recipient
from ..ui.node import html
from ..ui.partner import partner_label
from .cached import drawn_for_everybody
from .consent import consent
from .http import add_vary
from .request import choose_locale, view_in
from .visitor_site import visitor_site


def partner(recipient: str, locale: str | None = None) -> Markup:
    """Who sells this, and what they receive when somebody buys it. `recipient` is the id of a named recipient of the
    notice; for any other the label is empty (see `consent.granted`). The page styles the note itself (`.cw-partner`).
    """
    site = visitor_site()
    if not is_in_effect(site, lambda notice: require_recipient(notice, recipient)):
        return Markup("")
    found = require_recipient(site.notice, recipient)
    add_vary("Accept-Language")
    band = "" if drawn_for_everybody() else consent.band
    return html(partner_label(view_in(site, choose_locale(site, locale)), found, band))
