"""Beside other extensions of Flask, and in apps whose routing looks at hosts."""

from __future__ import annotations

import importlib
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Blueprint, Flask, Response, render_template_string, request, stream_template_string
from flask_babel import Babel, LazyString, lazy_gettext
from jinja2 import StrictUndefined
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from consent_widget import ConfigurationError, ConsentWidget, consent, requires_consent
from consent_widget.testing import SETTINGS, granted_client

from ..conftest import CONTROLLER, KEY, MakeApp
from ..support.choice_body import choice_body

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")  # Flask-SeaSurf, on Python 3.12
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


class Limiter:
    """Takes nothing but what is exempt, and names its methods as Flask-Limiter does."""

    def __init__(self, app: Flask) -> None:
        self.exempted: set[object] = set()
        self._app = app
        app.before_request(self.check)

    def exempt(self, view: object) -> object:
        self.exempted.add(view)
        return view

    def check(self) -> tuple[str, int] | None:
        return None if self._app.view_functions[request.endpoint or ""] in self.exempted else ("too many", 429)


def test_limits_that_the_site_sets_for_everything_hold_for_the_widget_too(make_app: MakeApp) -> None:
    app = make_app()
    limiter = Limiter(app)
    notice = app.extensions["consent_widget"].notice
    answer = app.test_client().post("/consent/records", json=choice_body(notice, "reject_all"), headers=OWN)
    assert (answer.status_code, limiter.exempted) == (429, set())


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


@pytest.mark.parametrize(
    "template", ["<body>{{ consent_widget() }}", "<p>{% if 'analytics' is granted %}yes{% endif %}"]
)
def test_a_streamed_page_says_that_it_depends_on_the_visitor(make_app: MakeApp, template: str) -> None:
    app = make_app()
    app.add_url_rule("/", "home", lambda: stream_template_string("<!doctype html>" + " " * 9999 + template))
    app.add_url_rule("/rows", "rows", lambda: Response((str(n) for n in range(9)), mimetype="text/csv"))
    client = app.test_client()

    assert {"Cookie", "Sec-GPC"} <= set(client.get("/").vary)
    assert not client.get("/rows").vary


def test_a_view_that_a_cache_keeps_is_told_of_while_the_site_is_built(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    flask_caching = pytest.importorskip("flask_caching")
    app = make_app(CACHE_TYPE="SimpleCache", CACHE_NO_NULL_WARNING=True)
    app.debug = True
    cache = flask_caching.Cache(app)
    page = "<!doctype html><meta name=viewport><body>{{ consent_widget() }}"
    app.add_url_rule("/", "home", cache.cached()(lambda: render_template_string(page)))
    client = app.test_client()

    client.get("/")
    assert not caplog.messages
    client.get("/")
    client.get("/")
    (told,) = caplog.messages
    assert "'home' has the widget of another visitor" in told


@pytest.mark.parametrize("render", ["script", "cached"])
def test_a_page_that_a_cache_of_the_app_keeps_is_the_same_for_all_who_read_its_language_and_names_nobody(
    make_app: MakeApp, render: str
) -> None:
    flask_caching = pytest.importorskip("flask_caching")
    app = make_app(CACHE_TYPE="SimpleCache", CONSENT_RENDER=render)
    cache = flask_caching.Cache(app)

    def by_language() -> str:
        return f"{request.full_path} {request.accept_languages.best_match(['zh-CN', 'en'])}"

    @app.get("/")
    @cache.cached(key_prefix=by_language)  # type: ignore[untyped-decorator]
    def home() -> str:
        return render_template_string("<body>{{ consent_widget() }}")

    client = granted_client(app, "analytics")
    (choice,) = app.extensions["consent_widget"].store.export()
    for language, button in (("en", "Accept all"), ("zh-CN", "全部接受")):
        headers = {"Accept-Language": language}
        first = client.get("/", headers=headers)
        assert choice.subject not in first.text
        assert app.test_client().get("/", headers=headers).text == first.text
        assert "Cookie" not in first.vary
        assert (button in first.text) == (render == "cached")


def test_async_views_ask_and_are_guarded(make_app: MakeApp) -> None:
    pytest.importorskip("asgiref")
    app = make_app()

    @app.get("/asks")
    async def asks() -> str:
        return str(consent.granted("analytics"))

    @app.get("/guarded")
    @requires_consent("analytics")
    async def guarded() -> str:
        return "open"

    def ask() -> list[str]:
        clients = granted_client(app, "analytics"), app.test_client()
        return [part for client in clients for part in (client.get("/asks").text, client.get("/guarded").status)]

    # in a thread as of a server: the browser of another test may have left an event loop running in this one
    with ThreadPoolExecutor(1) as server:
        assert server.submit(ask).result() == ["True", "200 OK", "False", "403 FORBIDDEN"]


def test_a_blueprint_that_is_registered_twice_is_guarded_twice(make_app: MakeApp) -> None:
    app, reports = make_app(), Blueprint("reports", __name__)
    reports.add_url_rule("/report", "report", requires_consent("analytics")(lambda: "open"))
    for name in ("one", "two"):
        app.register_blueprint(reports, url_prefix=f"/{name}", name=name)
    client = granted_client(app, "analytics")

    for path in ("/one/report", "/two/report"):
        assert (client.get(path).text, app.test_client().get(path).status_code) == ("open", 403)


FORWARDED = {
    "X-Forwarded-For": "203.0.113.7, 10.0.0.2",
    "X-Forwarded-Proto": "https, http",
    "X-Forwarded-Host": "www.shop.example, inner.example",
    "X-Forwarded-Prefix": "/shop, /app",
}


def test_behind_two_proxies_and_under_a_path_everything_leads_where_the_visitor_is(make_app: MakeApp) -> None:
    app = make_app(CONSENT_RATE_LIMIT=60)
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget() }}"))
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=2, x_proto=2, x_host=2, x_prefix=2)  # type: ignore[method-assign]
    client, notice = app.test_client(use_cookies=False), app.extensions["consent_widget"].notice
    own = FORWARDED | {"Origin": "https://www.shop.example"}

    page = client.get("/page", headers=FORWARDED).text
    addresses = re.findall(r'(?:href|src|action|formaction)="([^"#]+)"', page)
    assert addresses
    assert [each for each in addresses if not each.startswith("/shop/consent/")] == []
    assert 'name="next" value="/shop/page"' in page
    answer = client.post("/consent/records", json=choice_body(notice, "reject_all"), headers=own)
    assert answer.headers["Set-Cookie"].startswith("__Host-cw=")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert "Path=/;" in answer.headers["Set-Cookie"] + ";"
    receipt = answer.json["receipt"]  # type: ignore[index]
    assert receipt["withdraw_at"] == "https://www.shop.example/shop/consent/preferences"
    form = {"notice": notice.digest, "locale": "en", "action": "reject_all", "surface": "layer", "next": "/shop/page"}
    sent = client.post("/consent/preferences", data=form, headers=own)
    assert (sent.status_code, sent.location) == (303, "/shop/page")
    without = client.post("/consent/preferences", data=form, headers=FORWARDED | {"Origin": "https://inner.example"})
    assert without.status_code == 403


class BracketedFlask(Flask):
    """As sites are made whose pages keep {{ … }} for a library in the browser."""

    jinja_options: ClassVar[dict[str, Any]] = {
        "variable_start_string": "[[", "variable_end_string": "]]", "block_start_string": "[%", "block_end_string": "%]",
        "line_statement_prefix": "#", "undefined": StrictUndefined, "autoescape": False,
    }  # fmt: skip


def test_templates_may_be_written_with_other_delimiters(tmp_path: Path) -> None:
    app = BracketedFlask("host", instance_path=str(tmp_path))
    app.config.update(CONSENT_CONTROLLER=CONTROLLER, **SETTINGS)
    ConsentWidget(app)
    app.add_url_rule("/", "home", lambda: render_template_string("[[ consent_widget() ]]<p>{{ name }}</p>"))
    client = app.test_client()

    assert "cw-layer" in client.get("/").text
    for path in ("preferences", "notice", "choices", "parents", "do-not-share"):
        page = client.get(f"/consent/{path}?lang=en")
        assert page.status_code == 200
        assert not re.search(r"\{[{%]|&lt;section", page.text)
        assert "<title>" in page.text


class OwnResponse(Response):
    """As apps have one, for defaults of their own."""


@pytest.mark.parametrize("kind", [Response, OwnResponse])
def test_our_pages_keep_their_policy_whatever_is_set_for_all_answers(make_app: MakeApp, kind: type[Response]) -> None:
    app = make_app()
    app.response_class = kind

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    app.add_url_rule("/", "home", lambda: "home")
    client = app.test_client()
    assert client.get("/").headers["Content-Security-Policy"] == "default-src 'self'"
    for path in ("preferences", "choices", "notice"):
        policy = client.get(f"/consent/{path}").headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
