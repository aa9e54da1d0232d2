"""A site that has CONSENT_AGE, a child, and the link that their guardian gets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient

from consent_widget import (
    requires_consent,
)
from consent_widget.notice.model import Notice

from ...conftest import HERE, MakeApp
from ...support.minors import ADDRESS, CHECKER, HOME, Send, tell
from ...support.parties import ACME


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(ACME, CHECKER))


@pytest.fixture
def sent() -> Send:
    return []


@pytest.fixture
def app(make_app: MakeApp, notice: Notice, sent: Send) -> Flask:
    app = make_app(
        CONSENT_NOTICE=notice,
        CONSENT_AGE={
            "account": lambda: request.headers.get("X-Account-Band"),
            "send": lambda *told: sent.append(told),
            "url": HOME,
        },
    )
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget() }}"))
    for path, purpose in {
        "report": "data_analytics",
        "order": "service_delivery",  # always on, but for a child
        "safe": "security_fraud_prevention",  # always on
        "club": "marketing_messages",  # for adults only
    }.items():
        view = requires_consent(purpose)(lambda: "let in")
        app.add_url_rule(f"/{path}", path, view, methods=["GET", "POST"])
    basket = "{{ 'order' if 'service_delivery' is granted else 'ask' }}"
    app.add_url_rule("/basket", "basket", lambda: render_template_string(basket))
    return app


@pytest.fixture
def child(app: Flask, notice: Notice) -> FlaskClient:
    client = app.test_client()
    assert tell(client, notice, "child") == 201
    return client


@pytest.fixture
def link(child: FlaskClient, sent: Send) -> str:
    """The path of an invitation, as the guardian gets it."""
    assert child.post("/consent/guardian", data={"address": ADDRESS}, headers=HERE).status_code == 200
    return sent.pop()[1].removeprefix(HOME)


@pytest.fixture
def back(app: Flask, link: str) -> str:
    """The path of the guardian's lasting link, after they granted two things."""
    picked = {"action": "save", "grant": ["data_analytics", "identity_verification:checker"]}
    return str(app.test_client().post(link, data=picked, headers=HERE).location)
