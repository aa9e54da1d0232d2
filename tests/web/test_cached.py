"""Pages that caches keep: the same for everybody, and what asks about a visitor never gets into one."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, Response, render_template_string, stream_template_string
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, consent, csp_hashes, requires_consent
from consent_widget.notice.model import Notice
from consent_widget.testing import granted_client

from ..conftest import MakeApp
from ..support.parties import ACME

INLINE = re.compile(r"<script>(.*?)</script>")
STYLE = re.compile(r"<style>(.*?)</style>")


@pytest.fixture
def make_cached(make_app: MakeApp) -> Callable[..., Flask]:
    """An app that lets every cache keep all of its pages, as its owner believes."""

    def make(body: str = "", ask: bool = False, **config: object) -> Flask:
        app = make_app(CONSENT_RENDER="cached", **config)

        @app.after_request
        def keep(response: Response) -> Response:
            response.headers["Cache-Control"] = "public, max-age=600"
            return response

        @app.get("/page")
        def page() -> str:
            if ask:
                consent.granted("analytics")
            return render_template_string("<body>{{ consent_widget(locale='en') }}<p>page</p>" + body)

        return app

    return make


MakeCached = Callable[..., Flask]


def test_the_page_is_the_same_for_everybody_and_says_so(make_cached: MakeCached) -> None:
    app = make_cached()
    others = {"Sec-GPC": "1", "Sec-Fetch-Dest": "iframe", "Accept-Language": "zh-CN", "User-Agent": "another"}
    new, returning = app.test_client(), granted_client(app, "analytics")
    answers = [new.get("/page"), returning.get("/page"), new.get("/page?from=letter", headers=others)]

    assert len({answer.data for answer in answers}) == 1
    for answer in answers:
        assert not answer.vary
        assert answer.headers["Cache-Control"] == "public, max-age=600"
        assert "Set-Cookie" not in answer.headers


def test_where_the_browser_chooses_the_language_caches_are_told(make_app: MakeApp) -> None:
    app = make_app(CONSENT_RENDER="cached")
    app.add_url_rule("/page", "page", lambda: render_template_string("<body>{{ consent_widget() }}"))
    answer = app.test_client().get("/page", headers={"Accept-Language": "zh-CN"})

    assert "全部拒绝" in answer.text
    assert list(answer.vary) == ["Accept-Language"]


def test_the_layer_waits_in_a_template_for_a_script_of_250_bytes_at_most(make_cached: MakeCached) -> None:
    text = make_cached().test_client().get("/page").text

    (script,) = INLINE.findall(text)
    assert len(script.encode()) <= 250
    assert text.index("<template><style>") < text.index("Accept all") < text.index("</template></template>")


def test_a_policy_lets_the_script_and_the_style_in_by_their_hashes(make_cached: MakeCached) -> None:
    app = make_cached(CONSENT_COOKIE_NAME="shop-consent")
    text = app.test_client().get("/page").text

    for found, allowed in zip((INLINE, STYLE), csp_hashes(app), strict=True):
        digest = hashlib.sha384(found.findall(text)[0].encode()).digest()
        assert allowed == f"'sha384-{base64.b64encode(digest).decode()}'"
    assert "/shop-consent(" in text


def test_a_site_that_draws_for_each_visitor_needs_no_hashes(make_app: MakeApp) -> None:
    assert csp_hashes(make_app()) == ("", "")


@pytest.mark.parametrize(
    "asks", ["{{ 'analytics' is granted }}", "{{ consent.granted('analytics') }}", "{{ consent.pending }}"]
)
def test_a_template_that_asks_in_a_page_for_everybody_is_an_error_at_once(make_cached: MakeCached, asks: str) -> None:
    client = make_cached(asks).test_client()

    with pytest.raises(ConfigurationError, match="hold back what needs consent with data-consent"):
        client.get("/page")


def test_a_page_whose_view_asks_is_for_its_visitor_and_kept_by_no_cache(make_cached: MakeCached) -> None:
    app = make_cached("{{ 'analytics' is granted }}", ask=True)
    answers = {name: client.get("/page") for name, client in _visitors(app).items()}

    assert "True" in answers["returning"].text
    assert "False" in answers["new"].text
    for answer in answers.values():
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in answer.vary


def test_a_view_that_requires_consent_works_as_in_every_site(make_cached: MakeCached) -> None:
    app = make_cached()
    guarded = requires_consent("analytics")(lambda: render_template_string("<body>{{ consent_widget() }}let in"))
    app.add_url_rule("/guarded", "guarded", guarded)
    answers = {name: client.get("/guarded") for name, client in _visitors(app).items()}

    assert answers["new"].status_code == 403
    assert "let in" in answers["returning"].text
    assert {answer.headers["Cache-Control"] for answer in answers.values()} <= {
        "private, no-cache",
        "private, no-store",
    }


@pytest.mark.parametrize("asks", ["{% if 'analytics' is granted %}granted{% endif %}", "{{ consent.pending }}"])
def test_a_streamed_page_is_for_everybody_before_its_template_begins(make_app: MakeApp, asks: str) -> None:
    app = make_app(CONSENT_RENDER="cached")
    pages = {"/": "{{ consent_widget() }}", "/asks": asks + "{{ consent_widget() }}"}
    for path, template in pages.items():
        app.add_url_rule(path, path, lambda template=template: stream_template_string("<body>" + template))
    new, returning = app.test_client(), granted_client(app, "analytics")
    answers = [client.get("/", buffered=True) for client in (new, returning)]

    assert answers[0].text == answers[1].text
    assert [list(answer.vary) for answer in answers] == [["Accept-Language"]] * 2
    with pytest.raises(ConfigurationError, match="drawn for all visitors"):
        returning.get("/asks", buffered=True)


def test_our_own_pages_about_a_visitor_are_kept_nowhere_still(make_cached: MakeCached) -> None:
    client = granted_client(make_cached(), "analytics")

    for path in ("/consent/preferences", "/consent/choices"):
        assert "public" not in client.get(path).headers["Cache-Control"]


def test_beside_flask_caching_two_visitors_get_one_page_and_each_their_own_answers(make_app: MakeApp) -> None:
    flask_caching = pytest.importorskip("flask_caching")
    app = make_app(CONSENT_RENDER="cached", CACHE_TYPE="SimpleCache")
    cache, made = flask_caching.Cache(app), []

    @app.get("/page")
    @cache.cached(timeout=600)  # type: ignore[untyped-decorator]
    def page() -> str:
        made.append(1)
        return render_template_string("<body>{{ consent_widget(locale='en') }}")

    @app.get("/mine")
    def mine() -> str:
        return str(consent.granted("analytics"))

    visitors = _visitors(app)
    pages = {client.get("/page").text for client in visitors.values()}

    assert (len(pages), len(made)) == (1, 1)
    assert {name: client.get("/mine").text for name, client in visitors.items()} == {
        "new": "False",
        "returning": "True",
    }


def test_the_label_of_a_partners_goods_may_stand_in_a_page_for_everybody(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_RENDER="cached", CONSENT_NOTICE=replace(shop, recipients=(ACME,)))
    template = "<body>{{ consent_widget(locale='en') }}{{ consent_partner('acme', 'en') }}"
    app.add_url_rule("/page", "page", lambda: render_template_string(template))
    answer = app.test_client().get("/page")

    assert "cw-partner" in answer.text
    assert "Cookie" not in answer.vary


def _visitors(app: Flask) -> dict[str, FlaskClient]:
    return {"returning": granted_client(app, "analytics"), "new": app.test_client()}
