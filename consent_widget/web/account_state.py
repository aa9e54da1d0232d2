"""For pages that caches keep (`CONSENT_RENDER`): whose choices count in this browser, as its script asks."""

from __future__ import annotations

from flask import Response, abort, request

from ..ui.account import told_bar
from .account_age import record_account_age
from .consent import consent
from .http import PRIVATE, json_response
from .request import choose_locale
from .signal import record_signal
from .visitor_site import visitor_site


def account_state() -> Response:
    """The visitor's token by their account, or the browser's own after signing out; empty where there is none. `bar`
    is what is to be told, once; `signed_in` whether somebody is. The cookies are set by the same answer.
    """
    site = visitor_site()
    if site.settings.account is None:
        abort(404)
    if consent.account_band:
        record_account_age(site)
    record_signal(site)
    shows = consent.tells and not consent.pending
    view = site.view(choose_locale(site, request.args.get("lang")))
    token = site.token_signer.write(consent.state) if consent.state else ""
    bar = told_bar(view, consent.told()) if shows else None
    response = json_response({"token": token, "bar": bar, "signed_in": consent.account is not None})
    response.headers["Cache-Control"] = PRIVATE
    return response
