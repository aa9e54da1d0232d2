"""The extension in a site: two lines, any way that sites are made."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from babel import Locale
from flask import Flask, Response, render_template, render_template_string
from flask.testing import FlaskClient
from flask_babel import Babel, LazyString, gettext
from jinja2 import DictLoader

from consent_widget import ConfigurationError, ConsentError, ConsentWidget, consent
from consent_widget.choice.state import State
from consent_widget.notice.model import Notice
from consent_widget.store.protocol import Store

from ..conftest import CONTROLLER, HERE, KEY, MakeApp
from ..support.choice_body import choice_body
from ..support.parties import ACME


def page(app: Flask, call: str = "consent_widget()") -> FlaskClient:
    @app.get("/page")
    def view() -> str:
        return render_template_string(f"<body>{{{{ {call} }}}}<p>page</p></body>")

    @app.get("/plain")
    def plain() -> str:
        return "plain"

    return app.test_client()


def choose(client: FlaskClient, notice: Notice, action: str = "accept_all", *granted: str) -> None:
    assert client.post("/consent/records", json=choice_body(notice, action, *granted), headers=HERE).status_code == 201


def test_a_visitor_without_a_choice_gets_the_layer_with_the_page(app: Flask) -> None:
    response = page(app).get("/page", headers={"Accept-Language": "zh-CN"})

    assert '<consent-widget lang="zh-CN"><template shadowrootmode="open">' in response.text
    assert "全部接受" in response.text
    assert "Set-Cookie" not in response.headers
    assert {"Cookie", "Sec-GPC", "Accept-Language"} <= set(response.vary)


@pytest.mark.parametrize("action", ["accept_all", "reject_all"])
def test_a_visitor_with_a_choice_gets_no_layer(app: Flask, shop: Notice, action: str) -> None:
    client = page(app)
    choose(client, shop, action)

    assert "<section" not in client.get("/page").text
    assert "<script src=" in client.get("/page").text


def test_a_page_that_never_asks_is_the_same_for_everybody(app: Flask) -> None:
    response = page(app).get("/plain")

    assert not response.vary
    assert "Set-Cookie" not in response.headers


def test_what_a_page_depends_on_is_written_once_beside_what_the_site_says(app: Flask) -> None:
    @app.after_request
    def say(response: Response) -> Response:
        response.vary.add("Accept-Encoding")
        return response

    client = page(app, "consent_widget(nonce='abc') ~ consent.granted('data_analytics')")
    lines = client.get("/page").headers.getlist("Vary")

    assert len(lines) == 1
    names = lines[0].split(", ")
    assert sorted(names) == ["Accept-Encoding", "Accept-Language", "Cookie", "Sec-Fetch-Dest", "Sec-GPC"]


def test_a_visitor_without_a_choice_is_never_shown_what_another_was_shown(app: Flask, shop: Notice) -> None:
    client, other = page(app, "consent_widget(nonce='abc')"), app.test_client()
    before = other.get("/page?a=1").text
    choose(client, shop)
    client.get("/page?b=2&c=<i>")

    assert other.get("/page?a=1").text == before
    assert 'value="/page?b=2&amp;c=' in app.test_client().get("/page?b=2&c=<i>").text


def test_a_wish_for_languages_longer_than_any_browsers_is_heeded_too(app: Flask) -> None:
    wishes = ",".join(f"x{n}" for n in range(500)) + ",zh"

    client = page(app)
    for _ in range(2):
        assert "全部接受" in client.get("/page", headers={"Accept-Language": wishes}).text


def test_html_that_a_cache_may_store_holds_nothing_about_one_visitor(app: Flask) -> None:
    first, second = (page_client.get("/page").text for page_client in (page(app), app.test_client()))

    assert first == second


def test_a_nonce_is_on_everything_that_needs_one(app: Flask) -> None:
    client = page(app, "consent_widget(nonce='abc123', inline_style=request.args.style)")
    for style, tag in (("1", "<style"), ("", '<link rel="stylesheet"')):
        text = client.get(f"/page?style={style}").text
        assert text.count('nonce="abc123"') == text.count(tag) + text.count("<script") == 2
        assert " style=" not in text


@pytest.mark.parametrize("call", ["consent_widget()", "consent_widget(nonce='abc123')"])
def test_where_the_style_is_linked_the_layer_waits_for_it(app: Flask, call: str) -> None:
    text = page(app, call).get("/page").text

    assert "<style" not in text
    assert '<link rel="stylesheet" href="/consent/widget.' in text
    assert 'lang="en" hidden>' in text


def test_for_cached_pages_the_script_draws_and_the_page_is_the_same_for_all(make_app: MakeApp, minimal: Notice) -> None:
    app = make_app(CONSENT_RENDER="script")
    client = page(app)
    before = client.get("/page")
    choose(client, minimal)
    after = client.get("/page")

    assert before.text == after.text
    assert not before.vary
    assert '<script src="/consent/widget.js" defer>' in before.text


def test_what_was_granted_is_known_to_views_and_templates(app: Flask, shop: Notice) -> None:
    @app.get("/ask")
    def ask() -> str:
        template = "{{ consent.granted('data_analytics') }} {{ 'data_analytics' is granted }} {{ consent.pending }}"
        return f"{consent.granted('data_analytics')} " + render_template_string(template)

    client = app.test_client()
    assert client.get("/ask").text == "False False False True"
    choose(client, shop)
    assert client.get("/ask").text == "True True True False"
    choose(client, shop, "withdraw_all")
    assert client.get("/ask").text == "False False False False"


def test_a_template_that_is_compiled_once_asks_for_each_visitor(app: Flask, shop: Notice) -> None:
    app.jinja_loader = DictLoader({"page": "{{ 'data_analytics' is granted }}"})  # type: ignore[assignment]
    app.add_url_rule("/ask", "ask", lambda: render_template("page"))
    first, other = app.test_client(), app.test_client()
    choose(first, shop)

    assert [client.get("/ask").text for client in (first, other, first)] == ["True", "False", "True"]


def test_a_template_asks_about_a_recipient_too(make_app: MakeApp, shop: Notice) -> None:
    notice = replace(shop, recipients=(ACME,))
    app = make_app(CONSENT_NOTICE=notice)
    app.add_url_rule("/ask", "ask", lambda: render_template_string("{{ 'partner_sharing' is granted('acme') }}"))

    client = app.test_client()
    assert client.get("/ask").text == "False"
    choose(client, notice, "allow", "partner_sharing:acme")
    assert client.get("/ask").text == "True"


def test_asking_for_a_purpose_that_is_not_there_is_an_error_for_the_developer(app: Flask) -> None:
    @app.get("/ask")
    def ask() -> str:
        return str(consent.granted("data_analitics"))

    with pytest.raises(ConfigurationError, match="data_analitics"):
        app.test_client().get("/ask")


@pytest.mark.parametrize("cookie", ["1.AAAA", "x" * 4000, "", '"', "1." + "A" * 22 + ".1.a.1.zz.AAAA..sig", "%00"])
def test_a_forged_cookie_grants_nothing_and_breaks_nothing(app: Flask, cookie: str) -> None:
    @app.get("/ask")
    def ask() -> str:
        return f"{consent.granted('data_analytics')} {consent.pending}"

    assert (
        app.test_client(use_cookies=False).get("/ask", headers={"Cookie": f"a=b; cw={cookie}; c=d"}).text
        == "False True"
    )


def test_a_cookie_of_another_app_grants_nothing(make_app: MakeApp, shop: Notice) -> None:
    one = make_app(CONSENT_NOTICE="shop")
    other = make_app(CONSENT_NOTICE="shop", CONSENT_KEYS=["another-key-0123456789"], CONSENT_DATABASE="sqlite://")
    client = one.test_client()
    choose(client, shop)
    cookie = client.get_cookie("cw")
    assert cookie is not None

    @other.get("/ask")
    def ask() -> str:
        return str(consent.granted("data_analytics"))

    assert other.test_client(use_cookies=False).get("/ask", headers={"Cookie": f"cw={cookie.value}"}).text == "False"


def test_on_https_a_cookie_planted_without_the_prefix_is_not_read(app: Flask, shop: Notice) -> None:
    @app.get("/ask")
    def ask() -> str:
        return str(consent.granted("data_analytics"))

    client = app.test_client()
    choose(client, shop)
    cookie = client.get_cookie("cw")
    assert cookie is not None
    header = {"Cookie": f"cw={cookie.value}"}

    assert app.test_client(use_cookies=False).get("/ask", headers=header, base_url="http://localhost").text == "True"
    assert app.test_client(use_cookies=False).get("/ask", headers=header, base_url="https://localhost").text == "False"


def test_a_factory_and_two_apps_in_one_process_keep_apart(tmp_path: Any) -> None:
    widget = ConsentWidget()
    apps = []
    for name, notice in (("one", "shop"), ("two", "minimal")):
        app = Flask(name, instance_path=str(tmp_path / name))
        app.config.update(
            CONSENT_KEYS=[KEY], CONSENT_CONTROLLER=CONTROLLER, CONSENT_NOTICE=notice, CONSENT_URL_PREFIX=f"/{name}"
        )
        widget.init_app(app)
        apps.append(app)

    assert "data_analytics" in apps[0].test_client().get("/one/preferences").text
    assert "data_analytics" not in apps[1].test_client().get("/two/preferences").text
    assert apps[1].test_client().get("/one/preferences").status_code == 404
    for app in apps:
        app.extensions["consent_widget"].store.close()


def test_an_app_under_a_path_of_its_own_links_there(app: Flask) -> None:
    client = page(app)
    text = client.get("/page", base_url="http://localhost/shop").text

    assert 'src="/shop/consent/widget.' in text
    assert 'action="/shop/consent/preferences"' in text
    assert '"/consent/' not in text
    assert '"/consent/' not in client.get("/consent/preferences", base_url="http://localhost/shop").text


def test_a_form_leads_back_to_its_page_and_nowhere_if_the_address_is_too_long(app: Flask) -> None:
    app.add_url_rule("/<path:at>", "anywhere", lambda at: render_template_string("{{ consent_widget() }}"))
    client = app.test_client()

    def back(address: str) -> list[str]:
        return re.findall(r'name="next" value="([^"]*)"', client.get(address).text)

    assert back("/shop?page=2") == ["/shop?page=2"]
    assert back(f"/shop?page={'2' * 500}") == ["/shop"]
    assert back("/" + "%E5%BA%97" * 56) == []  # to cut it would lead elsewhere, or even into the middle of a character


def test_a_host_with_its_own_babel_is_not_disturbed(make_app: MakeApp, tmp_path: Any) -> None:
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog("fr")
    catalogue.add("Hello", "Bonjour")
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    app = make_app(BABEL_TRANSLATION_DIRECTORIES=str(tmp_path))
    Babel(app, locale_selector=lambda: "fr")

    @app.get("/hello")
    def hello() -> str:
        before = gettext("Hello")
        return f"{before} {render_template_string('{{ consent_widget() }}')} {gettext('Hello')}"

    text = app.test_client().get("/hello", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).text
    assert text.startswith("Bonjour")
    assert text.endswith("Bonjour")
    assert "全部拒绝" in text


def test_a_host_whose_babel_speaks_chinese_gets_chinese(make_app: MakeApp) -> None:
    app = make_app()
    Babel(app, locale_selector=lambda: "zh_Hans_CN")

    assert "全部拒绝" in page(app).get("/page", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("locale", ["zh", Locale.parse("zh_Hans_CN"), LazyString(lambda: "zh-CN")])
def test_the_sites_own_choice_of_locale_goes_first(make_app: MakeApp, locale: object) -> None:
    client = page(make_app(CONSENT_LOCALE=lambda: locale))

    assert "全部拒绝" in client.get("/page", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"CONSENT_KEYS": None}, "CONSENT_KEYS: none set"),
        ({"CONSENT_KEYS": []}, "CONSENT_KEYS: none set"),
        ({"CONSENT_KEYS": ["short"]}, "flask consent keygen"),
        ({"CONSENT_CONTROLLER": {}}, "CONSENT_CONTROLLER"),
        ({"CONSENT_CONTROLER": {}}, "CONSENT_CONTROLER: no such setting. Did you mean CONSENT_CONTROLLER?"),
        ({"CONSENT_COLOURS": {}}, "CONSENT_COLOURS: no such setting. There are: CONSENT_ACCOUNT, CONSENT_AGE,"),
        ({"CONSENT_LAYOUT": "popup"}, "CONSENT_LAYOUT: must be one of box, bar, modal"),
        ({"CONSENT_RENDER": "client"}, "CONSENT_RENDER: must be one of server, cached, script"),
        ({"CONSENT_URL_PREFIX": "consent/"}, "CONSENT_URL_PREFIX"),
        ({"CONSENT_RATE_LIMIT": -1}, "CONSENT_RATE_LIMIT"),
        ({"CONSENT_RATE_LIMIT": True}, "CONSENT_RATE_LIMIT"),
        ({"CONSENT_LOCALE": "en"}, "CONSENT_LOCALE: must be a function"),
        ({"CONSENT_STORE": object()}, "CONSENT_STORE: must have a method add"),
        ({"CONSENT_NOTICE": "nowhere.toml"}, "cannot be read"),
        ({"CONSENT_DATABASE": "nonsense"}, "CONSENT_DATABASE"),
        ({"CONSENT_SITE": "Shop", "CONSENT_ORIGINS": ["https://a.example"]}, "CONSENT_SITE: must be lower-case"),
        ({"CONSENT_SITE": "shop"}, "CONSENT_SITE: needs CONSENT_ORIGINS"),
        ({"CONSENT_REGION": "Europe"}, "CONSENT_REGION: must be a code of ISO 3166"),
        ({"CONSENT_LOCALES": ["fr"]}, "CONSENT_LOCALES: cannot be offered .locales: there is no 'fr'"),
        ({"CONSENT_LOCALES": "en"}, "CONSENT_LOCALES: must be a list"),
        ({"CONSENT_ORIGINS": "https://a.example"}, "CONSENT_ORIGINS: must be a list"),
        ({"CONSENT_THEME": {"ink": "red;}"}}, "CONSENT_THEME.ink: not a colour"),
    ],
)
def test_bad_configuration_stops_start_up_and_names_the_key(
    make_app: MakeApp, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConsentError, match=message):
        make_app(**config)


def test_the_apps_own_secret_key_will_do(make_app: MakeApp) -> None:
    assert make_app(CONSENT_KEYS=None, SECRET_KEY=KEY).extensions["consent_widget"]


def test_one_app_has_one_widget(app: Flask) -> None:
    with pytest.raises(ConfigurationError, match="already has a consent widget"):
        ConsentWidget(app)


def test_a_store_needs_one_method(make_app: MakeApp, minimal: Notice) -> None:
    class Kept(list[Any]):
        def add(self, choice: Any) -> Any:
            self.append(choice)
            return choice

    store = Kept()
    assert isinstance(store, Store)
    choose(make_app(CONSENT_STORE=store).test_client(), minimal)
    assert len(store) == 1


def test_consent_outside_a_widgets_app_says_what_is_missing() -> None:
    with Flask("bare").test_request_context(), pytest.raises(ConfigurationError, match=r"Call ConsentWidget\(app\)"):
        _ = consent.pending


def test_many_threads_ask_at_once_and_each_gets_its_own_visitor(app: Flask, shop: Notice) -> None:
    @app.get("/ask")
    def ask() -> str:
        return str(consent.granted("data_analytics"))

    clients = [app.test_client() for _ in range(8)]
    for n, client in enumerate(clients):
        choose(client, shop, "accept_all" if n % 2 else "reject_all")
    answers: dict[int, set[str]] = {n: set() for n in range(8)}

    def run(n: int) -> None:
        for _ in range(50):
            answers[n].add(clients[n].get("/ask").text)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: {str(bool(n % 2))} for n in range(8)}


def test_a_request_inside_another_context_sees_its_own_visitor(app: Flask, shop: Notice) -> None:
    @app.get("/ask")
    def ask() -> str:
        return str(consent.granted("data_analytics"))

    client = app.test_client()
    with app.app_context():
        assert client.get("/ask").text == "False"
        choose(client, shop)
        assert client.get("/ask").text == "True"


FORGED = "1.AAAAAAAAAAAAAAAAAAAAAA.1.abcdef01.1.zzzz._qmu..FORGED"


def token_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("cw")
    assert cookie
    return str(cookie.value)


def tag_of(text: str) -> dict[str, str]:
    """What our own script tag in a page says."""
    (tag,) = re.findall(r"<script src=[^>]*widget[^>]*>", text)
    return dict(re.findall(r'(data-\w+)(?:="([^"]*)")?', tag))


def test_the_page_says_which_token_the_server_found_genuine(app: Flask, shop: Notice) -> None:
    client = page(app)
    before = tag_of(client.get("/page").text)
    choose(client, shop)
    token = token_of(client)
    signature = token.rpartition(".")[2]

    assert before == {"data-token": ""}
    assert tag_of(client.get("/page").text) == {"data-token": token.removesuffix(signature[8:])}
    assert len(signature) > 40


def test_the_page_names_all_other_tokens_as_not_genuine(app: Flask, shop: Notice) -> None:
    client = page(app)
    choose(client, shop)
    token, own = token_of(client), token_of(client)[:-35]
    for sent, told in {
        f"cw={FORGED}": f" {FORGED[:-35]}",
        f"cw={FORGED}; cw={token}": f"{own} {FORGED[:-35]}",
        f"cw={token}; cw={FORGED}": f"{own} {FORGED[:-35]}",
        f"cw={token}; cw={token}": own,
        f"cw={token}; cw={'x' * 3000}": own,
        f"cw={token}; cw=a {'b' * 40}": own,
        f"cw=<script>alert(1)</script>{'x' * 20}": " &lt;script&gt;al",
    }.items():
        text = app.test_client(use_cookies=False).get("/page", headers={"Cookie": sent}).text
        assert tag_of(text) == {"data-token": told}


@pytest.mark.parametrize("sent", [FORGED, "x", "", "1.AAAA"])
def test_an_invalid_token_is_left_in_the_cookie(app: Flask, sent: str) -> None:
    """It may stand beside a genuine one, for another path or domain: taking one away could take the other."""
    page(app)
    response = app.test_client(use_cookies=False).get("/page", headers={"Cookie": f"cw={sent}"})

    assert "<template" in response.text
    assert "Set-Cookie" not in response.headers


def test_markup_elsewhere_in_a_page_says_nothing_of_the_visitor(app: Flask) -> None:
    text = page(app).get("/page", headers={"Sec-GPC": "1"}).text

    assert tag_of(text) == {"data-token": "", "data-gpc": " ✓ Opt-out request honoured"}
    assert "<consent-widget lang=" in text


@pytest.mark.parametrize(
    "name", ["__Ho st-cw", "__Host- cw", "_ _Host-cw", "__host-cw", "\xa0__Host-cw", "__Host-cw\x0b"]
)
def test_no_name_that_a_sibling_domain_may_set_is_read_as_ours(app: Flask, shop: Notice, name: str) -> None:
    app.add_url_rule("/who", "who", lambda: str(consent.subject))
    client = app.test_client()
    choose(client, shop)
    token = token_of(client)

    def subject(header: str) -> str:
        cookies = {"Cookie": header}
        return app.test_client(use_cookies=False).get("/who", headers=cookies, base_url="https://shop.example").text

    assert subject(f"__Host-cw={token}") == token.split(".")[1]
    assert subject(f"{name}={token}") == subject(f"a=1; {name}={token}; b=2") == "None"


#: Each a raw header where T is a genuine token, O an older one of the same visitor, N a newer one of somebody else.
HEADERS = {
    "T": None,
    "cw": None,
    "cw=": None,
    "=cw=T": None,
    "cw=T": "T",
    "CW=T": None,
    "xcw=T": None,
    "cwx=T": None,
    "cw-x=T": None,
    "c w=T": None,
    "a=cw=T": None,
    "a=b cw=T": None,
    "a=1;cw=T": "T",
    "a=1; cw=T; b=2": "T",
    "\tcw\t=\tT\t": "T",
    " cw = T ; b": "T",
    "\xa0cw=T": None,
    "\x85cw=T": None,
    "cw\x1f=T": None,
    "\x0ccw=T": None,
    'cw="T"': None,
    "cw=T,": None,
    "cw=T; cw=O": "T",
    "cw=O; cw=T": "T",
    "cw=junk; cw=T": "T",
    "cw=T; cw=junk; cw=": "T",
    "cw=T; cw=N": "N",
    "cw=N; cw=O; cw=T": "N",
    ";;; =; cw=T;;": "T",
    "acw=1; bcw=2; cw=T": "T",
}


@pytest.mark.parametrize("prefix", ["", "__Host-"])
@pytest.mark.parametrize("header", HEADERS)
def test_a_cookie_is_ours_by_its_exact_name_and_the_newest_genuine_one_counts(
    make_app: MakeApp, header: str, prefix: str
) -> None:
    app = make_app()
    token_signer = app.extensions["consent_widget"].token_signer
    states = {
        "T": State("t" * 22, 2, 1_800_000_000, "0123abcd"),
        "O": State("t" * 22, 1, 1_700_000_000, "0123abcd"),
        "N": State("n" * 22, 1, 1_800_000_001, "0123abcd"),
    }
    sent = re.sub(
        r"[TON](?!\w)", lambda found: token_signer.write(states[found[0]]), header.replace("cw", prefix + "cw")
    )
    app.add_url_rule("/who", "who", lambda: str(consent.subject))
    answer = app.test_client(use_cookies=False).get(
        "/who", headers={"Cookie": sent}, base_url="https://shop.example" if prefix else "http://shop.example"
    )

    counts = HEADERS[header]
    assert answer.text == (states[counts].subject if counts else "None")


def test_without_a_site_id_no_page_names_one(app: Flask, shop: Notice) -> None:
    client = app.test_client()
    choose(client, shop)

    script = client.get("/consent/widget.js").text
    assert '"site"' not in script
    assert '"days"' not in script
    (choice,) = app.extensions["consent_widget"].store.export()
    assert (choice.site, choice.region) == ("", "")


def test_a_site_with_an_id_names_its_cookie_as_ever_on_its_own_origin(make_app: MakeApp, minimal: Notice) -> None:
    app = make_app(CONSENT_SITE="shop", CONSENT_ORIGINS=["http://localhost"], CONSENT_REGION="CN")
    here, there = app.test_client(), app.test_client()
    choose(here, minimal)
    there.post(
        "/consent/records",
        json=choice_body(minimal),
        headers={"Sec-Fetch-Site": "same-origin"},
        base_url="http://elsewhere.example",
    )

    assert here.get_cookie("cw")
    assert there.get_cookie("cw-shop", domain="elsewhere.example")
    assert [(each.site, each.region) for each in app.extensions["consent_widget"].store.export()] == [
        ("shop", "CN")
    ] * 2


def test_the_languages_offered_are_those_that_are_set(make_app: MakeApp) -> None:
    client = page(make_app(CONSENT_LOCALES=["en"]))
    text = client.get("/page", headers={"Accept-Language": "zh-CN"}).text

    assert "Accept all" in text
    assert "data-lang" not in text
    assert client.get("/consent/i18n/zh-CN.json").status_code == 404
