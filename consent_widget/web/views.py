"""The widget's own URLs, as a blueprint."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, abort, redirect, request

from ..choice.act import grants, new_key
from ..choice.form_proof import key_of
from ..choice.policy import barred, decision
from ..choice.receipt import receipt
from ..choice.submission import answers_from_form
from ..days import today
from ..errors import AgeNeeded, GuardianNeeded, NotPressed, Problem, StaleNotice, StateMoved, StoreError
from ..resources import PACKAGE
from ..script.bundle import Body, Script
from ..site.site import Site, current_site
from ..store.protocol import Store
from .consent import consent, delete_service_cookies, set_consent_cookie, with_current_cookie
from .guardian import ask_guardian, decide
from .http import (
    BRIEFLY,
    FOREVER,
    FORM,
    JSON,
    READING,
    STALE_WHILE_REVALIDATE,
    add_cors_headers,
    form_fields,
    json_response,
    limit_body,
    own_path,
    problem_response,
    read_json,
    require_content_type,
    require_listed_origin,
    require_same_origin,
    require_single_fields,
    require_small_body,
    static_response,
)
from .my_choices import erase, my_choices, my_receipt
from .pages import changes_page, needed_page, notice_page, opt_out_page, preferences_page
from .press import own_key, pressed_by_person
from .recording import Recorded, record_choice

TYPES = Body((PACKAGE / "widget.d.ts").read_bytes(), "text/plain")
#: Not for other origins to read.
PAGES = {
    f"consent_widget.{each}"
    for each in (
        "preferences", "notice", "changes", "do_not_share", "my_choices", "my_receipt", "erase", "ask_guardian",
        "decide",
    )
}  # fmt: skip
#: Where JSON is sent: from the site's own pages and the listed origins, and from back ends. Everything else that takes
#: something is a form, and from the site's own pages only.
RECORDS, VERIFY = "consent_widget.records", "consent_widget.verify"
#: What a form that was refused is answered with, by the word.
TOLD = {StaleNotice: "changed", StateMoved: "moved", GuardianNeeded: "not_granted", AgeNeeded: "age_needed"}


def make_blueprint(prefix: str) -> Blueprint:
    """The blueprint, under its prefix."""
    views = Blueprint("consent_widget", __name__, url_prefix=prefix, template_folder="templates")
    views.add_url_rule("/widget.js", view_func=stable_script)
    views.add_url_rule("/widget.<hash>.js", view_func=hashed_script)
    views.add_url_rule("/widget.<hash>.mjs", view_func=rest)
    views.add_url_rule("/widget.<hash>.css", view_func=hashed_sheet)
    views.add_url_rule("/widget.d.ts", view_func=types)
    views.add_url_rule("/i18n/<locale>.json", view_func=payload)
    views.add_url_rule("/i18n/notice.<locale>.json", view_func=statement)
    views.add_url_rule("/i18n/ask.<key>.<locale>.json", view_func=question)
    views.add_url_rule("/i18n/changes.<digest>.<locale>.json", view_func=changes_tree)
    views.add_url_rule("/records", view_func=records, methods=["POST"])
    views.add_url_rule("/verify", view_func=verify, methods=["POST"])
    views.add_url_rule("/preferences", view_func=preferences, methods=["GET", "POST"])
    views.add_url_rule("/notice", view_func=notice)
    views.add_url_rule("/notice/<version>.<locale>", view_func=notice)
    views.add_url_rule("/do-not-share", view_func=do_not_share, methods=["GET", "POST"])
    views.add_url_rule("/choices", view_func=my_choices)
    views.add_url_rule("/choices/erase", view_func=erase, methods=["GET", "POST"])
    views.add_url_rule("/records/<path:id>", view_func=my_receipt)
    views.add_url_rule("/guardian", view_func=ask_guardian, methods=["GET", "POST"])
    views.add_url_rule("/guardian/<path:link>", view_func=decide, methods=["GET", "POST"])
    views.add_url_rule("/notice/<version>.json", view_func=notice_text)
    views.add_url_rule("/changes", view_func=changes)
    views.add_url_rule("/health", view_func=health)
    views.url_value_preprocessor(_admit)  # goes before every hook of the site, which might read the body
    views.after_request(_for_other_origins)
    return views


def _admit(endpoint: str | None, _: object) -> None:
    """Nothing is read before it is limited, at any endpoint: who sends, how much, and of which type."""
    site = current_site()
    limit_body(site.largest)
    if request.method in READING:
        return
    try:
        if endpoint == RECORDS:
            require_listed_origin(site.settings.origins)
        elif endpoint != VERIFY:
            require_same_origin()
        require_small_body(site.largest)
        require_content_type(JSON if endpoint in (RECORDS, VERIFY) else FORM)
        if endpoint not in (RECORDS, VERIFY):
            require_single_fields()
    except Problem as problem:
        abort(problem_response(problem))


def stable_script() -> Response:
    """The script under a name that stays, in the visitor's language: its first part, which loads the rest."""
    response = static_response(_script().first, STALE_WHILE_REVALIDATE)
    response.vary.add("Accept-Language")
    return response


def rest(hash: str) -> Response:
    """The rest by its hash. For a first part of another day, which somebody has kept, that of today serves as well."""
    found = next((each.rest for each in current_site().scripts.values() if each.rest.hash == hash), None)
    if found:
        return static_response(found, FOREVER)
    response = static_response(_script().rest, "no-cache")
    response.vary.add("Accept-Language")
    return response


def hashed_script(hash: str) -> Response:
    """The whole script by its hash: this URL never means anything else."""
    found = (each.whole for each in current_site().scripts.values() if each.whole.hash == hash)
    return static_response(next(found, None), FOREVER)


def _script() -> Script:
    site = current_site()
    return site.scripts[site.locale(request.args.get("lang"))]


def hashed_sheet(hash: str) -> Response:
    """The style sheet by its hash."""
    sheet = current_site().sheet
    return static_response(sheet if sheet.hash == hash else None, FOREVER)


def types() -> Response:
    """What the script's own interface is, for pages written in TypeScript."""
    return static_response(TYPES, BRIEFLY)


def payload(locale: str) -> Response:
    """Everything the script says, in one locale."""
    return static_response(current_site().payloads.get(locale), BRIEFLY)


def statement(locale: str) -> Response:
    """The whole notice for the script: its style and its tree."""
    return static_response(current_site().statements.get(locale), BRIEFLY)


def question(key: str, locale: str) -> Response:
    """How the script asks for one thing."""
    return static_response(current_site().questions.get(f"{key}.{locale}"), BRIEFLY)


def changes_tree(digest: str, locale: str) -> Response:
    """For the script: what changed since the notice whose digest begins with these eight digits."""
    return static_response(current_site().changes.get((digest, locale)), BRIEFLY)


def records() -> Response:
    """Take one choice: checked, durably kept, acknowledged with the token (201; 200 for a retry)."""
    site = current_site()
    try:
        recorded = record_choice(site, read_json())
    except StateMoved as problem:
        token = site.token_signer.write(consent.state) if consent.state else ""
        return with_current_cookie(site, problem_response(problem, token=token))
    except Problem as problem:
        return problem_response(problem)
    told = receipt(recorded.choice, recorded.notice, site.withdraw_at) if recorded.token else None
    return _acknowledged(
        site, json_response({"token": recorded.token or None, "receipt": told}, 201 if recorded.new else 200), recorded
    )


def verify() -> Response:
    """For back ends in any language: is this token genuine, does it answer everything that is asked now, and what
    does it grant? Signals of the visitor's browser are for the asker to heed.
    """
    site = current_site()
    try:
        told = read_json()
    except Problem as problem:
        return problem_response(problem)
    token = told.get("token") if isinstance(told, dict) else None
    state = site.token_signer.read(token) if isinstance(token, str) else None
    band = state.band if state and site.settings.age else ""
    off = barred(site.notice, band)
    granted = [
        key
        for key, option in site.notice.options.items()
        if (found := decision(option, state, today())) and found.granted and key not in off
    ]
    current = state is not None and not site.pending(state, band)
    return json_response({"genuine": state is not None, "current": current, "granted": granted})


def preferences() -> Response:
    """The preference centre as a page, and the form that works where no script runs."""
    site = current_site()
    if request.method in READING:
        return preferences_page(site, "saved" if "saved" in request.args else "")
    try:
        recorded = _kept(site, _from_form(site))
    except NotPressed as problem:
        return _once_more(site, problem)
    except (StaleNotice, StateMoved, GuardianNeeded, AgeNeeded) as problem:
        response = preferences_page(site, TOLD[type(problem)], problem)
        return with_current_cookie(site, response) if isinstance(problem, StateMoved) else response
    except Problem as problem:
        return problem_response(problem) if problem.status == 403 else preferences_page(site, "not_kept", problem)
    form = form_fields()
    view = site.view(recorded.choice.locale)
    seen = recorded.choice.action == "acknowledge"
    told = recorded.choice.action.startswith("age_")
    again = view.url("changes") if seen else view.url("preferences") + ("" if told else "&saved=1")
    elsewhere = form.get("otherwise") if recorded.choice.action == "refuse" else None
    on = own_path(elsewhere) or own_path(form.get("next")) or again
    return _acknowledged(site, cast(Response, redirect(on, 303)), recorded)


def notice(version: str | None = None, locale: str | None = None) -> Response:
    """The whole notice, current or by its version."""
    site = current_site()
    found = site.notice if version is None else site.published(version)
    if found is None or (version and locale not in found.locales):
        abort(404)
    return notice_page(site, found, locale or site.locale(request.args.get("lang")), lasting=version is not None)


def notice_text(version: str) -> Response:
    """A version's canonical text: the SHA-256 of these bytes is its digest, for whoever wants to check."""
    found = current_site().published(version)
    return static_response(Body(found.text.encode(), "application/json") if found else None, BRIEFLY)


def changes() -> Response:
    """What changed since this visitor saw the notice last."""
    return changes_page(current_site())


def do_not_share() -> Response:
    """The opt-out of selling and sharing: a page of its own, one press, and a confirmation (11 CCR 7026)."""
    site = current_site()
    if not answers_from_form(site.notice, "opt_out", (), ()):
        abort(404)
    if request.method in READING:
        return opt_out_page(site)
    try:
        recorded = _kept(site, _opting_out(site))
    except Problem as problem:
        return opt_out_page(site, problem=problem)
    return _acknowledged(site, opt_out_page(site, recorded.choice), recorded)


def gpc() -> Response:
    """Says to whoever looks for it that the opt-out signal is honoured here (Global Privacy Control)."""
    response = json_response({"gpc": True, "lastUpdate": current_site().notice.effective})
    response.headers["Cache-Control"] = BRIEFLY
    return response


def health(store: Store | None = None) -> Response:
    """200 while choices can be kept, 503 while they cannot."""
    ping = getattr(store or current_site().store, "ping", None)
    try:
        if ping:
            ping()
    except StoreError:
        return json_response({"status": "store unreachable"}, 503)
    return json_response({"status": "ok"})


def _for_other_origins(response: Response) -> Response:
    return response if request.endpoint in PAGES else add_cors_headers(response, current_site().settings.origins)


def _opting_out(site: Site) -> dict[str, object]:
    """The same whatever notice the page showed: it holds for today's."""
    form, purposes = form_fields(), answers_from_form(site.notice, "opt_out", (), ())
    return {
        "key": key_of(own_key(site.proofs, form), "opt_out"),
        "notice": site.notice.digest,
        "locale": site.locale(form.get("locale")),
        "action": "opt_out",
        "surface": "page",
        "purposes": purposes,
    }


def _from_form(site: Site) -> dict[str, object]:
    form, day = form_fields(), today()
    action = form.get("action", "")
    answered = {key for key, each in site.notice.options.items() if decision(each, consent.state, day)}
    purposes = answers_from_form(site.notice, action, form.getlist("grant"), answered)
    return {
        "key": key_of(own_key(site.proofs, form), action),
        "after": form.get("after"),
        "notice": form.get("notice"),
        "locale": form.get("locale"),
        "action": action,
        "surface": form.get("surface"),
        "purposes": purposes,
        "scripted": grants(action, purposes) and not pressed_by_person(site.proofs, form),
    }


def _kept(site: Site, said: dict[str, object]) -> Recorded:
    """What a form `said`, kept. One that brings no key gets one here: who has chosen before is told apart by their
    cookie, and may press again; of all others two instant presses are one act. The second may be another person's, so
    it gets no token: whose records these are is told once. A refusal that a newer grant has undone is kept anew.
    """
    keyless = not said["key"]
    key = said["key"] or (new_key() if consent.state else _key_of_sender(site))
    recorded = record_choice(site, said | {"key": key})
    if recorded.new:
        return recorded
    if keyless:
        consent.state = None
        return replace(recorded, token="")
    return record_choice(site, said | {"key": new_key()}) if _undone(site, recorded) else recorded


def _undone(site: Site, recorded: Recorded) -> bool:
    """Is this a refusal that would end something which stands granted, were it made now?"""
    choice, before = recorded.choice, recorded.state.decisions
    if not choice.purposes or any(choice.purposes.values()):
        return False
    now = recorded.state.after(choice, site.notice).decisions
    return any(each.granted and not (tag in now and now[tag].granted) for tag, each in before.items())


def _key_of_sender(site: Site) -> str:
    headers, form = request.headers, form_fields()
    sender = (request.remote_addr, *map(headers.get, ("User-Agent", "Accept", "Accept-Language")))
    return site.double_presses.key(request.path, *sender, *(text for field in form.items(multi=True) for text in field))


def _once_more(site: Site, problem: Problem) -> Response:
    """Asks again, where nobody can tell who granted: on a page of ours, with the answer filled in, a press counts."""
    form = form_fields()
    action, picked = form.get("action", ""), form.getlist("grant")
    option = site.notice.options.get(picked[0]) if action == "allow" else None
    if option:
        recipient = option.recipient.id if option.recipient else None
        otherwise, next = own_path(form.get("otherwise")), own_path(form.get("next"))
        return needed_page(site, option.purpose.id, recipient, otherwise, next, told="once_more")
    answer = answers_from_form(site.notice, action, picked, ())
    return preferences_page(site, "once_more", problem, {key for key, granted in answer.items() if granted} or None)


def _acknowledged(site: Site, response: Response, recorded: Recorded) -> Response:
    """With the signed cookie, and without what services that may not run have left behind."""
    if not recorded.token:
        return response
    set_consent_cookie(response, site, recorded.state)
    return delete_service_cookies(response, site, recorded.state, gpc="gpc" in recorded.choice.signals)
