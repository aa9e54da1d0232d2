"""Beside other extensions of Flask, and in apps whose routing looks at hosts."""

from __future__ import annotations

import importlib
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template_string
from flask_babel import Babel, LazyString, lazy_gettext
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from consent_widget import ConfigurationError, ConsentWidget, requires_consent

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


def package(folder: Path, name: str, code: str = "") -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(code)


@pytest.mark.parametrize("place", ["inside", "beside", "nowhere"])
def test_the_notice_of_a_package_is_inside_or_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    name = f"shop_{place}"
    package(tmp_path, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir("/")
    importlib.import_module(name)
    if place != "nowhere":
        target = tmp_path / name if place == "inside" else tmp_path
        (target / "notice.toml").write_bytes((files("consent_widget.notice") / "minimal.toml").read_bytes())
    app = Flask(name, instance_path=str(tmp_path))
    app.config.update(CONSENT_KEYS=[KEY], CONSENT_CONTROLLER=CONTROLLER, CONSENT_NOTICE="notice.toml")
    if place == "nowhere":
        with pytest.raises(ConfigurationError, match=re.escape(str(tmp_path / name / "notice.toml"))):
            ConsentWidget(app)
        return
    ConsentWidget(app)
    assert app.test_client().get("/consent/notice").status_code == 200
    app.extensions["consent_widget"].store.close()


def test_lazy_texts_of_flask_babel_say_in_each_language_what_the_site_says_in_it(
    make_app: MakeApp, tmp_path: Path
) -> None:
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog("zh")
    catalogue.add("Example Shop", "示例商店")
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    widget, app = ConsentWidget(), Flask("host", instance_path=str(tmp_path))
    app.config.update(
        CONSENT_KEYS=[KEY],
        CONSENT_CONTROLLER=CONTROLLER | {"name": lazy_gettext("Example Shop"), "phone": {"zh-CN": "1", "en": "2"}},
        CONSENT_URL_PREFIX=LazyString(lambda: "/privacy"),
        CONSENT_LOCALES=[LazyString(str, each) for each in ("zh-CN", "en")],
        BABEL_TRANSLATION_DIRECTORIES=str(tmp_path),
    )
    with pytest.raises(ConfigurationError, match=r"CONSENT_CONTROLLER.*Babel\(app\) before"):
        widget.init_app(app)
    Babel(app)
    widget.init_app(app)
    notice = app.extensions["consent_widget"].notice
    assert dict(notice.controller.name) == {"zh-CN": "示例商店", "en": "Example Shop"}
    app.add_url_rule("/", "home", requires_consent("analytics")(lambda: ""))  # reads the notice once more
    assert app.test_client().get("/privacy/notice").status_code == 200
    app.extensions["consent_widget"].store.close()


def test_two_apps_on_one_host_each_with_a_cookie_name_keep_apart(make_app: MakeApp) -> None:
    one = make_app(CONSENT_DATABASE="sqlite://")
    two = make_app(CONSENT_DATABASE="sqlite://", CONSENT_COOKIE_NAME="blog-consent", CONSENT_KEYS=["another-key-" * 3])
    for app in (one, two):
        app.add_url_rule("/", "home", lambda: render_template_string("{{ consent_widget() }}"))
    client = Client(DispatcherMiddleware(one, {"/blog": two}))

    def names() -> set[str]:
        return {key[2] for key in client._cookies or {}}

    def choose(app: Flask, at: str, base: str) -> None:
        body = choice_body(app.extensions["consent_widget"].notice, "reject_all")
        assert client.post(f"{at}/consent/records", json=body, headers=OWN, base_url=base).status_code == 201

    for scheme, first, second in (("http", "cw", "blog-consent"), ("https", "__Host-cw", "__Host-blog-consent")):
        before, base = names(), f"{scheme}://localhost"
        choose(one, "", base)
        assert "cw-layer" in client.get("/blog/", base_url=base).text
        choose(two, "/blog", base)
        assert names() - before == {first, second}
        for path in ("/", "/blog/", "/"):
            assert "cw-layer" not in client.get(path, base_url=base).text
