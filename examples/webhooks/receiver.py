"""A receiver: it verifies what comes, and takes each message once.

WEBHOOK_SECRET=whsec_… flask --app examples.webhooks.receiver run --port 9000
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, request

from .inbox import Inbox
from .verifying import is_genuine


def create_app(secret: str = "", inbox: Inbox | None = None) -> Flask:
    """The receiver as a Flask app."""
    app = Flask(__name__)
    secret, inbox = secret or os.environ["WEBHOOK_SECRET"], inbox or Inbox(Path("consents.sqlite"))
    app.config["MAX_CONTENT_LENGTH"] = 100_000

    @app.post("/consent")
    def consent() -> tuple[str, int]:
        if not is_genuine(secret, request.headers, request.get_data()):
            return "", 401
        inbox.take(request.headers["webhook-id"], request.get_json())
        return "", 204  # only now: what is not acknowledged comes again

    return app
