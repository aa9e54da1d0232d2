"""The visitor's own records, for his own browser alone: what stands, every act with its receipt, download and erasure.

His signed cookie says whose records they are; a receipt's address opens nothing without it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import cast

from flask import Response, redirect, request

from ..choice.act import Choice, new_subject
from ..choice.policy import decision
from ..choice.receipt import receipt
from ..choice.state import State
from ..days import iso_date, today
from ..errors import StoreError
from ..notice.model import Notice
from ..site.site import Site, current_site
from ..subject import processing
from ..subject.records import history, replay_subject, shown_notice
from ..ui.choices import Act, Stand, choices, erasing
from ..ui.node import Node, el
from ..ui.receipt import no_receipt
from ..ui.receipt import receipt as receipt_of
from ..ui.view import View
from .consent import consent, delete_service_cookies, set_consent_cookie
from .http import PRIVATE, READING, form_fields, json_response
from .pages import fields, page
from .press import new_proof


def my_choices() -> Response:
    """What stands and what was, or all of it as a file."""
    site, view = current_site(), _view()
    try:
        past = _past(site)
        state = consent.state if past is None else replay_subject(site, consent.subject or "", past).state
        acts = _acts(site, past or [])
    except StoreError:
        return _unreadable(site, view)
    stands = _stands(site, state)
    if request.args.get("format") == "json":
        return _attached(_file(site, stands, acts), "my-choices.json")
    told = next((word for word in ("saved", "erased", "remainder") if word in request.args), None)
    said = el("p.cw-said", view.messages[told], role="status") if told else None
    back = f"{view.url('choices')}&saved=1"
    content = choices(view, stands, acts[::-1], lambda: fields(view, "page", back, key=new_proof(site.proofs)))
    response = _own(site, view, el("div", said, content), view.messages["choices"])
    return _leave(response, site) if consent.subject and past == [] else response


def my_receipt(id: str) -> Response:
    """One receipt of this visitor. For everybody else, and for any other address, the same 404."""
    site, view = current_site(), _view()
    try:
        act = next((each for each in _acts(site, _past(site) or []) if each.choice.id == id), None)
    except StoreError:
        return _unreadable(site, view)
    if act is None:
        response = _own(site, view, no_receipt(view), view.messages["no_receipt"])
        response.status_code = 404
        return response
    if request.args.get("format") == "json":
        return _attached(_receipt(site, act), "receipt.json")
    return _own(site, view, receipt_of(view, act), view.messages["receipt"])


def erase() -> Response:
    """Asks once more; then nothing of this visitor is left, here or in his browser."""
    site, view = current_site(), _view()
    if not consent.subject or not hasattr(site.store, "erase"):
        return cast(Response, redirect(view.url("choices"), 303))
    if request.method in READING:
        return _own(
            site,
            view,
            erasing(view, fields(view, "page", None), child=consent.band == "child"),
            view.messages["erase_title"],
        )
    try:
        gone = processing.erase(consent.subject)
    except StoreError:
        return _unreadable(site, view)
    response = cast(Response, redirect(f"{view.url('choices')}&{'erased' if gone else 'remainder'}=1", 303))
    response.headers["Cache-Control"] = PRIVATE
    return _leave(response, site)


def _leave(response: Response, site: Site) -> Response:
    """`response`, after which the browser keeps nothing of one who is erased. A child's goes on knowing that alone."""
    if consent.band == "child":
        consent.state = State(new_subject(), band="child")
        set_consent_cookie(response, site, consent.state)
    else:
        consent.state = None
        response.delete_cookie(site.cookie_name, domain=site.cookie_domain, secure=request.is_secure)
    return delete_service_cookies(response, site, State(""), gpc=consent.gpc)


def _view() -> View:
    site = current_site()
    return site.view(site.locale(request.args.get("lang") or form_fields().get("locale")))


def _past(site: Site) -> list[Choice] | None:
    """What this visitor chose, oldest first, where the store can read it. The same work whatever is asked for."""
    return history(site, consent.subject or "") if hasattr(site.store, "history") else None


def _acts(site: Site, past: list[Choice]) -> list[Act]:
    used: dict[str, list[int]] = defaultdict(list)
    for grant, time in (site.store.uses(consent.subject or "") if hasattr(site.store, "uses") else {}).items():
        used[grant.choice].append(time)
    found = ((choice, shown_notice(site, choice.notice)) for choice in past)
    return [
        Act(choice, notice, used[choice.id], notice is not None and _public(site, notice)) for choice, notice in found
    ]


def _public(site: Site, notice: Notice) -> bool:
    public = site.published(notice.version)
    return public is not None and public.digest == notice.digest


def _stands(site: Site, state: State | None) -> list[Stand]:
    found = ((option, decision(option, state, today())) for option in site.notice.options.values())
    signal = consent.gpc
    return [
        Stand(
            option,
            each.granted and not (signal and option.purpose.gpc_opt_out),
            each.until,
            signal and option.purpose.gpc_opt_out,
        )
        for option, each in found
        if each
    ]


def _receipt(site: Site, act: Act) -> dict[str, object]:
    return receipt(act.choice, act.notice, site.withdraw_at)


def _file(site: Site, stands: list[Stand], acts: list[Act]) -> dict[str, object]:
    """All that is kept about this visitor."""
    return {
        "controller": site.notice.controller.name.get(_view().locale),
        "subject": consent.subject,
        "now": {
            stand.option.key: {
                "granted": stand.granted,
                "until": iso_date(stand.until),
            }
            for stand in stands
        },
        "choices": [
            {
                **act.choice.plain(),
                "notice_version": act.notice.version if act.notice else None,
                "used": [datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds") for ms in act.used],
            }
            for act in acts
        ],
    }


def _own(site: Site, view: View, content: Node, title: str) -> Response:
    return _hidden(page(site, view, content, title))


def _attached(value: object, name: str) -> Response:
    response = _hidden(json_response(value))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _hidden(response: Response) -> Response:
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _unreadable(site: Site, view: View) -> Response:
    response = _own(site, view, el("p.cw-said", view.messages["unreadable"], role="status"), view.messages["choices"])
    response.status_code = 503
    response.headers["Retry-After"] = "5"
    return response
