"""The smallest site that asks. Run it with: flask --app examples.minimal run"""

from secrets import token_urlsafe

from flask import Flask, render_template_string

from consent_widget import ConsentWidget

app = Flask(__name__)
app.config.from_prefixed_env()  # FLASK_SECRET_KEY signs the choices; and FLASK_CONSENT_LAYOUT=bar, any setting
app.secret_key = app.secret_key or token_urlsafe()  # a new key at each start, so everybody is asked again
app.config["CONSENT_CONTROLLER"] = {"name": "Ada", "address": "1 Road", "email": "ada@site.example", "phone": "555"}
ConsentWidget(app)


@app.get("/")
def home() -> str:
    return render_template_string(
        """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A site</title>
        <body>{{ consent_widget() }}<h1>A site</h1> Analytics: {{ "on" if "analytics" is granted else "off" }}."""
    )
