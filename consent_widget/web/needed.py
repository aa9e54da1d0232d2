"""The page for a view that needs a consent which the visitor has not given."""

from __future__ import annotations

from flask import Response, abort

from ..choice.age import MINORS
from ..notice.options import option_key
from ..site.site import Site
from ..ui.age import locked_page
from ..ui.needed import needed, question
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
    for_adults = consent.band in MINORS and found.minors == "off"
    if for_adults or consent.band == "child":
        title = view.messages["adults_only" if for_adults else "child_first"]
        return _refused(page(site, view, locked_page(view, found, for_adults=for_adults), title))
    refused = otherwise or f"{view.url('preferences')}&saved=1"
    form = fields(view, "page", next or current_path(), key=new_proof(site.proofs))
    hidden = el("div", form, el("input", type="hidden", name="otherwise", value=refused))
    content, said = needed(view, found, option, hidden), view.messages[text] if text else ""
    title = question(view, found, option.recipient if option else None)
    return _refused(page(site, view, content, title, said=said))


def _refused(response: Response) -> Response:
    response.status_code = 403
    return response
