"""What a receipt takes from the request that it answers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, current_app, request

from ..choice.act import Choice
from ..choice.issued import Issued
from ..days import now_ms
from ..site.site import Site
from ..subject.receipts import ALWAYS, FORMS, events_of, is_proved, is_signed
from ..ui.receipt import Receipt
from .own_records import acts_of
from .page import hide_address
from .request import withdrawal_url


def issued(site: Site) -> Issued:
    """Where this receipt is issued, and when."""
    home = request.url_root.rstrip("/") + site.settings.url_prefix
    return Issued(home, withdrawal_url(site), now_ms(), site.receipt_marks.named)


def shown_receipt(site: Site, choice: Choice, history: Sequence[Choice]) -> Receipt:
    """The receipt as the page shows it. `history` has all choices of its subject, oldest first."""
    (act,) = acts_of(site, [choice])
    events = events_of(site, choice, history)
    forms, proved = tuple(FORMS) if events else ALWAYS, is_proved(site)
    if not proved or not is_signed(site, choice):
        forms = tuple(form for form in forms if form != "tlog-proof")
    return Receipt(act, events, forms, now_ms(), proved=proved)


def download(text: str, form: str) -> Response:
    """A receipt as a file, for this visitor only."""
    response: Response = hide_address(current_app.response_class(text, mimetype=FORMS[form].mimetype))
    response.headers["Content-Disposition"] = f'attachment; filename="{FORMS[form].file}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
