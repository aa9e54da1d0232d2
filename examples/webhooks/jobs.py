"""With huey, a small queue of tasks: messages are sent each minute, and what is received is worked on later.

huey_consumer examples.webhooks.jobs.huey -w 1
WEBHOOK_SECRET=whsec_… flask --app examples.webhooks.jobs run --port 9000
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask import Flask, request
from huey import SqliteHuey, crontab

from .inbox import Inbox
from .verifying import is_genuine

FOLDER = Path(os.environ.get("JOBS_FOLDER", "."))
SHOP = os.environ.get("SHOP_APP", "shop")

huey = SqliteHuey("consent", filename=str(FOLDER / "huey.sqlite"), fsync=True)
inbox = Inbox(FOLDER / "consents.sqlite")


@huey.periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def deliver() -> None:
    """On the sending side, in place of cron. The command finds by itself that another one is still sending."""
    subprocess.run([sys.executable, "-m", "flask", "--app", SHOP, "consent", "deliver"], check=True)


@huey.task(retries=10, retry_delay=60)  # type: ignore[untyped-decorator]
def take(id: str, message: dict[str, Any]) -> None:
    """On the receiving side: one message. One worker (-w 1) keeps the messages of a visitor in their order."""
    inbox.take(id, message)


def create_app() -> Flask:
    """On the receiving side: it verifies, keeps the task on the disk, and acknowledges at once."""
    app, secret = Flask(__name__), os.environ["WEBHOOK_SECRET"]

    @app.post("/consent")
    def consent() -> tuple[str, int]:
        if not is_genuine(secret, request.headers, request.get_data()):
            return "", 401
        take(request.headers["webhook-id"], request.get_json())
        return "", 204

    return app
