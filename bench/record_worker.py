"""One process of the benchmark `record`: makes a site with whatever `consent_widget` it finds, and records choices.

It is started with the checkout to measure on PYTHONPATH, so it uses only what every version has. It reads lines, and
answers each with the CPU of one choice in nanoseconds, the median of as many as it says: `new 20`, of new visitors;
`returning 20`, of one who has chosen once before; `old 20`, of one and the same in all such lines.
"""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
from statistics import median
from time import process_time_ns

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from consent_widget import ConsentWidget

CONTROLLER = {"name": "Example", "address": "1 Road", "email": "p@shop.example", "phone": "+86 10 0000 0000"}


def main() -> None:
    """Answer line by line until the input ends."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        app = Flask("bench")
        app.config.update(
            CONSENT_CONTROLLER=CONTROLLER,
            CONSENT_KEYS=["a-key-for-the-benchmarks-0123456789"],
            CONSENT_DATABASE=sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/consent.sqlite",
            CONSENT_RATE_LIMIT=0,
        )
        ConsentWidget(app)
        old = ""
        for line in sys.stdin:
            what, number = line.split()
            cookie, took = old if what == "old" else post(app, "")[1], []
            for _ in range(int(number)):
                spent, after = post(app, "" if what == "new" else cookie)
                took.append(spent)
                cookie = after
            if what == "old":
                old = cookie
            print(median(took), flush=True)


def post(app: Flask, cookie: str) -> tuple[int, str]:
    """Send a refusal. Returns the CPU that it took, and the cookie that was set."""
    body = {
        "key": secrets.token_urlsafe(20),
        "notice": app.extensions["consent_widget"].notice.digest,
        "locale": "en",
        "action": "reject_all",
        "surface": "layer",
        "purposes": {"functional": False, "analytics": False, "marketing": False},
    }
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"other=1; cw={cookie}"}
    environ = EnvironBuilder(
        "/consent/records", method="POST", data=json.dumps(body), content_type="application/json", headers=headers
    ).get_environ()
    start = process_time_ns()
    _, status, sent = run_wsgi_app(app, environ, buffered=True)
    took = process_time_ns() - start
    assert status.startswith("201"), status
    return took, sent["Set-Cookie"].partition("cw=")[2].partition(";")[0]


if __name__ == "__main__":
    main()
