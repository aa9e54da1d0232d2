"""No child grants anything, by any endpoint, method and body."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from consent_widget import (
    processing,
)
from consent_widget.choice.act import new_key
from consent_widget.notice.model import Notice

from ...conftest import HERE
from ...support.choice_body import choice_body
from ...support.minors import ADDRESS, Send, granted, records, subject_of

KINDS: dict[str, Callable[[Notice], dict[str, Any]]] = {
    "accept_all": lambda notice: choice_body(notice),
    "save": lambda notice: choice_body(notice, "save", *[k for k, o in notice.options.items() if o.in_bulk]),
    **{
        f"allow {key}": lambda notice, key=key: choice_body(notice, "allow", key, surface="ask")
        for key in (
            "event_eligibility",
            "contact_messages",
            "data_analytics",
            "identity_verification:checker",
            "partner_sharing:acme",
        )
    },
    "age_teen": lambda notice: choice_body(notice, "age_teen"),
    "age_adult": lambda notice: choice_body(notice, "age_adult"),
    "a guardian's": lambda notice: choice_body(notice, "save", "data_analytics", surface="guardian"),
    "acting as one": lambda notice: choice_body(notice) | {"actor": "guardian"},
    "saying a band": lambda notice: choice_body(notice) | {"age_band": "18_or_over"},
}


def bodies(notice: Notice, token: str) -> list[dict[str, Any]]:
    """Everything that could grant something, as JSON and as a form."""
    every = list(notice.options)
    made: list[dict[str, Any]] = []
    for make in KINDS.values():
        body = make(notice)
        keys = [key for key, yes in body["purposes"].items() if yes]
        made.append({"json": body})
        made.append({"json": body | {"key": new_key(), "token": token}})
        made.append({"data": {**body, "key": new_key(), "purposes": "", "grant": keys or every}})
    made.append({"data": {"action": "erase"}})
    made.append({"data": {"address": ADDRESS}})
    made.append({"json": {"token": token}})
    return made


def paths(rule: Rule, notice: Notice) -> list[str]:
    values = {"locale": "en", "hash": "0" * 16, "version": notice.version, "filename": "x", "digest": "0" * 8}
    named = {name: values.get(name, "k" + "A" * 40) for name in rule.arguments}
    return [_built(rule, named)]


def _built(rule: Rule, named: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: named[found[1]], rule.rule)


def test_a_child_grants_nothing_by_any_endpoint_and_any_method(
    app: Flask, child: FlaskClient, notice: Notice, sent: Send
) -> None:
    token = child.get_cookie("cw").value
    tried = 0
    accepting = {"json": choice_body(notice)}  # for where no view reads a body
    for rule in list(app.url_map.iter_rules()):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for body in bodies(notice, token) if method == "POST" and "POST" in rule.methods else [accepting]:
                for path in paths(rule, notice):
                    answer = child.open(path, method=method, headers=HERE, **body)
                    tried += 1
                    assert granted(child) == set(), (path, method, body)
                    assert method in rule.methods or answer.status_code == 405, (path, method)

    assert tried > 500
    assert not [each for each in records(app) if any(each.purposes.values())]
    assert child.get_cookie("cw").value.startswith("1c.")
    with app.app_context():
        subject = subject_of(child)
        assert not any(
            processing.granted(subject, p.id) for p in notice.purposes if p.consent not in ("none", "separate")
        )
        assert not processing.may_share(subject, "acme")
    assert sent  # that way stood open: it leads to the guardian


def test_a_childs_grant_without_script_says_who_can_decide(child: FlaskClient, notice: Notice) -> None:
    form = {"action": "accept_all", "notice": notice.digest, "locale": "en", "surface": "layer", "key": new_key()}
    response = child.post("/consent/preferences", data=form, headers=HERE)

    assert response.status_code == 403
    assert "Nothing was switched on." in response.text
    assert "/consent/guardian" in response.text
