"""The smallest site that asks. Run it with: flask --app examples.minimal run"""

import secrets

from flask import Flask, render_template_string

from consent_widget import ConsentWidget

app = Flask(__name__)
app.config.from_prefixed_env()  # FLASK_SECRET_KEY signs the choices; any setting: FLASK_CONSENT_LAYOUT=bar, …
app.config.setdefault("SECRET_KEY", secrets.token_urlsafe(32))  # a new one at each start asks everybody again
app.config["CONSENT_CONTROLLER"] = {"name": "Ada", "address": "1 Road", "email": "ada@site.example", "phone": "+86 21 0"}
ConsentWidget(app)


@app.get("/")
def home() -> str:
    return render_template_string(
        """<!doctype html><html lang="en"><title>A site</title><body>{{ consent_widget() }}<h1>A site</h1>
        <p>Analytics: {{ "on" if "analytics" is granted else "off" }}.</p>"""
    )
