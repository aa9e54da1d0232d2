"""Two shops that witness each other's logs: `python -m examples.two_shops`, then choose something at either address.

Each signs its log every five seconds, if there is something new, and asks the other to cosign it. Neither can change
its records any more without the other noticing. docs/log.md says how to do the same on two machines.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from flask import Flask
from werkzeug.serving import make_server

from consent_widget import ConsentWidget
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.site.cosigning import cosigners_of

CONTROLLER = {"address": "1 Example Road", "email": "privacy@shop.example", "phone": "+44 20 0000 0000"}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title>{{{{ consent_widget() }}}}<h1>{name}</h1>
<p><a href="/consent/choices">Your choices and receipts</a> · <a href="/consent/log/checkpoint">The last checkpoint</a>
· <a href="/consent/log/verify">Check a receipt</a></p>"""


class Shop:
    """One operator: a key for the log, another one for cosigning, and an address."""

    def __init__(self, name: str, port: int, folder: Path) -> None:
        self.name, self.url, self.folder = name, f"http://localhost:{port}", folder
        self.log = PrivateKey.make(f"{name.lower()}.example/consent/log")
        self.witness = PrivateKey.make(f"{name.lower()}.example/consent/witness", COSIGNATURE)

    def create_app(self, other: Shop) -> Flask:
        app = Flask(self.name)
        app.config.update(
            SECRET_KEY=f"only for this example: {self.name}",
            CONSENT_CONTROLLER={"name": self.name, **CONTROLLER},
            CONSENT_DATABASE=f"sqlite:///{self.folder / self.name}.sqlite",
            CONSENT_COOKIE_NAME=f"cw-{self.name.lower()}",  # both are at localhost
            CONSENT_LOG_KEY=self.log.text,
            CONSENT_LOG_MINUTES=0,
            CONSENT_LOG_POLICY=f"witness other {other.witness.public} {other.url}/consent/witness\nquorum other\n",
            CONSENT_WITNESS=f"{self.witness.text}\n{other.log.public}\n",
        )
        ConsentWidget(app)

        @app.route("/")
        def home() -> str:
            return app.jinja_env.from_string(PAGE.format(name=self.name)).render()

        return app


def sign(app: Flask) -> str:
    """Sign the log as it is now, let the other shop cosign it, and say what came of it."""
    site = app.extensions["consent_widget"]
    site.store.sign_checkpoint(site.settings.log_key)
    asked = cosigners_of(site.settings.log_policy).ask(site.store)
    size = Checkpoint.parse(site.store.checkpoint().text).size
    said = (
        "; ".join(each.trouble for each in asked if each.trouble)
        or f"signed and cosigned by the other shop, up to choice {size}"
    )
    return f"{app.name}: {said}" if asked else ""


def main() -> None:
    with TemporaryDirectory() as folder:
        north, south = (Shop(name, port, Path(folder)) for name, port in (("North", 8010), ("South", 8020)))
        apps = [north.create_app(south), south.create_app(north)]
        for app, port in zip(apps, (8010, 8020), strict=True):
            Thread(target=make_server("127.0.0.1", port, app, threaded=True).serve_forever, daemon=True).start()
        print(f"Choose something at {north.url} or {south.url}. Ctrl-C ends it.")
        try:
            while not Event().wait(5):
                for line in filter(None, map(sign, apps)):
                    print(line)
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
