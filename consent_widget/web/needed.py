"""The page for a view that needs a consent which the visitor has not given."""

from __future__ import annotations

from flask import Response, abort

from ..choice.policy import barred
from ..notice.options import option_key
from ..site.site import Site
from ..ui.needed import needed
from ..ui.node import el
from .consent import consent
from .page import current_path, fields, page
from .press import new_proof
from .request import choose_locale, view_in


def needed_page(
    site: Site, purpose: str, recipient: str | None, otherwise: str | None = None, next: str | None = None,
    text: str = "",
) -> Response:  # fmt: skip
    """403: says what the consent is for, and offers the choice. A grant leads back here, or to `next`; a refusal leads
    to `otherwise`, never back to the same question. `text` is the key of a message.
    """
    view, found = view_in(site, choose_locale(site)), site.notice.purpose(purpose)
    if found is None:
        abort(404)
    option = site.notice.options.get(option_key(purpose, recipient))
    if option and consent.gpc and option.purpose.gpc_opt_out:
        option = None
    locked = consent.band == "child" or (option is not None and option.key in barred(site.notice, consent.band))
    refused = otherwise or f"{view.url('preferences')}&saved=1"
    form = fields(view, "page", next or current_path(), key=new_proof(site.proofs))
    hidden = el("div", form, el("input", type="hidden", name="otherwise", value=refused))
    content = needed(view, found, option, hidden, locked_for=consent.band if locked else "")
    said = view.messages[text] if text else ""
    response = page(site, view, content, view.messages["needed_title"], said=said)
    response.status_code = 403
    return response
