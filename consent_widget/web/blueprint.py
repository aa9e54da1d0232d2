"""All URLs of the widget, which answers other origins may read, and what is checked before a body is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from ..errors import Problem
from ..proof.witness import MOST_BYTES
from ..site.site import current_site
from . import (
    account_state,
    against_signal,
    api,
    carried,
    complaint,
    earlier,
    files,
    guardian_decision,
    guardian_request,
    lists,
    log,
    my_choices,
    notice_pages,
    officer_figures,
    officer_health,
    officer_records,
    openapi,
    opt_out,
    parents,
    preferences,
    verifier,
    witness,
)
from .erasing import erase
from .http import (
    FORM,
    JSON,
    READING,
    add_cors_headers,
    current_request,
    for_everybody,
    keep_regional,
    problem_response,
    require_content_type,
    require_listed_origin,
    require_same_origin,
    require_single_fields,
    require_small_body,
)
from .officer import officer_file

NAME = "consent_widget"
#: The views of the log, which everybody in the world may read, from any page.
PUBLIC = {f"{NAME}.{view.__name__}" for view in (log.log_checkpoint, log.log_tile, log.log_policy)}
#: The views whose answers pages of the listed origins (CONSENT_ORIGINS) may read. No others.
SHARED = PUBLIC | {
    f"{NAME}.{view.__name__}"
    for view in (
        files.stable_script,
        files.hashed_script,
        files.script_rest,
        files.embeds,
        files.hashed_sheet,
        files.bridge,
        files.types,
        files.payload,
        files.statement_tree,
        files.question_tree,
        files.changes_tree,
        files.notice_text,
        files.current_notice_text,
        api.records,
        api.verify,
        api.health,
        openapi.openapi,
        carried.carried_choices,
        carried.erase_carried,
        earlier.carry_over_sent,
    )
}
#: The views that take JSON from the site's own pages and the listed origins. Tokens to verify come from back ends and
#: from our own script, and their sender is not checked. Every other view that takes something takes forms, from the
#: site's own pages only.
FROM_LISTED = {
    f"{NAME}.{view.__name__}"
    for view in (api.records, carried.carried_choices, carried.erase_carried, earlier.carry_over_sent)
}
VERIFY = f"{NAME}.{api.verify.__name__}"
TAKE_JSON = FROM_LISTED | {VERIFY}
#: Takes checkpoints from the servers of other operators: who may is who has the key of a log that is witnessed here.
WITNESS = f"{NAME}.{witness.add_checkpoint.__name__}"


#: The part of a rule that stands for the host, where an app's routing looks at it.
ANY = "<_any>"


def every_host(app: Flask) -> list[dict[str, Any]]:
    """The widget answers at every host that the app has: what its rules need besides their paths."""
    if app.url_map.host_matching:
        return [{"host": ANY}]
    return [{}, {"subdomain": ANY}] if app.subdomain_matching else [{}]


def make_blueprint(app: Flask, prefix: str) -> Blueprint:
    """The blueprint with every URL of the widget, under this prefix."""
    blueprint = Blueprint(NAME, __name__, url_prefix=prefix, template_folder="templates")

    def add(rule: str, view_func: Callable[..., ResponseReturnValue], **options: Any) -> None:
        for host in every_host(app):
            blueprint.add_url_rule(rule, view_func=view_func, **options, **host)

    add("/widget.js", view_func=files.stable_script)
    add("/widget.<hash>.js", view_func=files.hashed_script)
    add("/widget.<hash>.mjs", view_func=files.script_rest)
    add("/embeds.<hash>.mjs", view_func=files.embeds)
    add("/bridges/<name>.js", view_func=files.bridge)
    add("/widget.<hash>.css", view_func=files.hashed_sheet)
    add("/widget.d.ts", view_func=files.types)
    add("/i18n/<locale>.json", view_func=files.payload)
    add("/i18n/notice.<locale>.json", view_func=files.statement_tree)
    add("/i18n/ask.<key>.<locale>.json", view_func=files.question_tree)
    add("/i18n/changes.<digest>.<locale>.json", view_func=files.changes_tree)
    add("/records", view_func=api.records, methods=["POST"])
    add("/verify", view_func=api.verify, methods=["POST"])
    add("/health", view_func=api.health)
    add("/openapi.json", view_func=openapi.openapi)
    add("/preferences", view_func=preferences.preferences, methods=["GET", "POST"])
    add("/notice", view_func=notice_pages.notice)
    add("/notice.json", view_func=files.current_notice_text)
    add("/notice/<version>.<locale>", view_func=notice_pages.notice)
    add("/notice/<version>.json", view_func=files.notice_text)
    add("/changes", view_func=notice_pages.changes)
    add("/complaint", view_func=complaint.complaint)
    add("/do-not-share", view_func=opt_out.do_not_share, methods=["GET", "POST"])
    add("/allow-anyway", view_func=against_signal.allow_anyway)
    add("/choices", view_func=my_choices.my_choices)
    add("/account", view_func=account_state.account_state)
    add("/choices/collected", view_func=lists.collected_list)
    add("/choices/shared", view_func=lists.shared_list)
    add("/choices/erase", view_func=erase, methods=["GET", "POST"])
    add("/choices/carried", view_func=carried.carried_choices, methods=["POST"])
    add("/choices/carried/erase", view_func=carried.erase_carried, methods=["POST"])
    add("/earlier", view_func=earlier.carry_over_sent, methods=["POST"])
    add("/records/<path:name>", view_func=my_choices.my_receipt)
    add("/log/verify", view_func=verifier.verify_page)
    add("/log/verify_receipt.py", view_func=verifier.verify_script)
    add("/log/", view_func=log.log_page)
    add("/log/checkpoint", view_func=log.log_checkpoint)
    add("/log/tile/<path:path>", view_func=log.log_tile)
    add("/log/policy", view_func=log.log_policy)
    add("/witness/add-checkpoint", view_func=witness.add_checkpoint, methods=["POST"])
    add("/witness/<origin>/checkpoint", view_func=witness.witnessed_checkpoint)
    add("/parents", view_func=parents.parents)
    add("/guardian", view_func=guardian_request.ask_guardian, methods=["GET", "POST"])
    add("/guardian/<path:link>", view_func=guardian_decision.decide, methods=["GET", "POST"])
    # also where none is set up, or else these addresses would tell by their methods that one is
    add("/officer", view_func=officer_figures.figures_page)
    add("/officer/records", view_func=officer_records.records_page, methods=["GET", "POST"])
    add("/officer/health", view_func=officer_health.health_page)
    add("/officer/receipt", view_func=officer_records.receipt_file, methods=["POST"])
    add("/officer/export", view_func=officer_records.export_records, methods=["POST"])
    add("/officer/erase", view_func=officer_records.erase_records, methods=["POST"])
    add("/officer.<hash>.<kind>", view_func=officer_file)
    blueprint.url_value_preprocessor(_admit)  # runs before every hook of the site, which might read the body
    blueprint.after_request(_finish)
    return blueprint


def _admit(endpoint: str | None, values: dict[str, object] | None) -> None:
    """Before any body is read: who may send one here, how large it may be, and of which type. Nobody reads more,
    whatever the site's own limit is.
    """
    (values or {}).pop(ANY.strip("<>"), None)
    site, sent = current_site(), current_request()
    reads = sent.method in READING
    sent.max_content_length = largest = MOST_BYTES if endpoint == WITNESS and not reads else site.max_body_bytes
    if reads:
        return
    _need_no_token(endpoint)
    environ, takes_json = sent.environ, endpoint in TAKE_JSON
    try:
        if endpoint in FROM_LISTED:
            require_listed_origin(environ, site.settings.origins)
        elif endpoint not in (VERIFY, WITNESS):
            require_same_origin(environ)
        require_small_body(environ, largest)
        if endpoint == WITNESS:
            return
        require_content_type(environ, JSON if takes_json else FORM)
        if not takes_json:
            require_single_fields()
    except Problem as problem:
        abort(problem_response(problem))


def _need_no_token(endpoint: str | None) -> None:
    """What is checked here is our protection against forged requests. So the tokens of Flask-WTF's CSRFProtect and of
    Flask-SeaSurf are not needed: both look after this has run.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    owners = [getattr(hook, "__self__", None) for hook in app.before_request_funcs.get(None, ())]
    # no other extension: Flask-Limiter's `exempt` would lift the site's limits
    seasurf = [each for each in owners if type(each).__module__ == "flask_seasurf"]
    for guard in (app.extensions.get("csrf"), *seasurf):
        if exempt := getattr(guard, "exempt", None):
            exempt(app.view_functions[endpoint])


def _finish(response: Response) -> Response:
    """Who may read the response. And the log is signed after it was sent: nobody waits for it."""
    site, endpoint = current_site(), request.endpoint
    if site.signer and site.signer.is_its_turn():
        response.call_on_close(site.signer.sign)
    if endpoint in PUBLIC:
        return for_everybody(response)
    if site.varies_by and "immutable" not in response.headers.get("Cache-Control", ""):
        keep_regional(response, site.varies_by)
    return add_cors_headers(response, site.settings.origins) if endpoint in SHARED else response
