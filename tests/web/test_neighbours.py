"""Beside other extensions of Flask, and in apps whose routing looks at hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string

from consent_widget import ConfigurationError, ConsentWidget

from ..conftest import CONTROLLER, KEY, MakeApp
from ..support.choice_body import choice_body

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("protect", ["flask_wtf.CSRFProtect", "flask_seasurf.SeaSurf"])
@pytest.mark.parametrize("before", [True, False])
def test_choices_are_taken_in_an_app_that_asks_for_csrf_tokens_everywhere(
    make_app: MakeApp, protect: str, before: bool
) -> None:
    module, _, name = protect.partition(".")
    extension = getattr(pytest.importorskip(module), name)
    app = make_app(SECRET_KEY="s" * 40, CSRF_DISABLE=False)
    if before:
        extension(app)

    @app.post("/own")
    def own() -> str:
        return "taken"

    if not before:
        extension(app)
    client, notice = app.test_client(), app.extensions["consent_widget"].notice
    body = choice_body(notice, "reject_all")
    assert client.post("/consent/records", json=body, headers=OWN).status_code == 201
    form = {"notice": notice.digest, "locale": "en", "action": "reject_all", "surface": "page"}
    assert client.post("/consent/preferences", data=form, headers=OWN).status_code == 303
    assert client.post("/consent/preferences", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/own", headers=OWN).status_code in (400, 403)  # the site's own routes stay as they were


@pytest.mark.parametrize(
    ("options", "config", "hosts"),
    [
        ({"host_matching": True, "static_host": "shop.example"}, {}, ["shop.example", "blog.example:8000"]),
        ({"subdomain_matching": True}, {"SERVER_NAME": "shop.example"}, ["shop.example", "www.shop.example"]),
    ],
)
def test_the_widget_answers_at_every_host_of_an_app(
    tmp_path: Path, options: dict[str, Any], config: dict[str, str], hosts: list[str]
) -> None:
    app = Flask("host", instance_path=str(tmp_path), **options)
    app.config.update(CONSENT_KEYS=[KEY], CONSENT_CONTROLLER=CONTROLLER, **config)
    ConsentWidget(app)
    client = app.test_client()
    for host in hosts:
        for path in ("/consent/widget.js", "/consent/i18n/en.json", "/.well-known/gpc.json"):
            assert client.get(path, base_url=f"https://{host}").status_code == 200
    app.extensions["consent_widget"].store.close()


def page(app: Flask, **values: Any) -> str:
    with app.test_request_context("/"):
        return render_template_string("{{ consent_widget(nonce=nonce) }}", **values)


def test_a_nonce_may_be_a_function_as_flask_talisman_gives_it(make_app: MakeApp) -> None:
    app = make_app()
    assert page(app, nonce=lambda: "abc_-+/=") == page(app, nonce="abc_-+/=")


@pytest.mark.parametrize("wrong", ["", "with space", b"bytes", 7, "'nonce-abc'", lambda: ""])
def test_what_is_no_nonce_is_an_error_at_once(make_app: MakeApp, wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="nonce"):
        page(make_app(), nonce=wrong)
