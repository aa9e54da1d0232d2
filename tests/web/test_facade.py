"""`{{ consent_embed(…) }}`: what a page has before any script runs, and what a template that is wrong is told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask, Response

from consent_widget import ConfigurationError
from consent_widget.vendors.catalogue import all_vendors
from consent_widget.vendors.embedded import each_parameters
from consent_widget.vendors.model import Vendor

from ..conftest import MakeApp
from ..notice.test_catalogued import GA4, notice_using

FRAMES = [vendor for vendor in all_vendors() if vendor.embed and vendor.tag and vendor.tag.frame]


def entry(vendor: Vendor) -> dict[str, Any]:
    examples = {name: each.example for name, each in vendor.parameters.items() if not each.each}
    return {"use": vendor.id, "purposes": ["marketing"], **examples}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    notice = notice_using(GA4, *map(entry, FRAMES), {"use": "youtube", "as": "film", "purposes": ["marketing"]})
    return make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")


def shown(app: Flask, line: str, locale: str = "en") -> str:
    with app.test_request_context("/", headers={"Accept-Language": locale}):
        return app.jinja_env.from_string("{{ %s }}" % line).render()  # noqa: UP031  braces


def attributes(markup: str) -> dict[str, str]:
    return dict(re.findall(r' (data-[\w-]+)="([^"]*)"', markup))


def test_a_film_is_one_line(app: Flask) -> None:
    markup = shown(
        app, 'consent_embed("youtube", video="M7lc1UVf-VE", title="How we make tea", poster="/tea.jpg", alt="A bowl")'
    )

    assert attributes(markup) == {
        "data-consent-embed": "youtube", "data-video": "M7lc1UVf-VE", "data-title": "How we make tea",
        "data-poster": "/tea.jpg", "data-ratio": "16/9",
    }  # fmt: skip
    assert '<a href="https://www.youtube.com/watch?v=M7lc1UVf-VE" rel="noreferrer">' in markup
    assert '<img src="/tea.jpg" alt="A bowl">' in markup
    assert "<span>How we make tea (from YouTube; opens another site)</span>" in markup


def test_without_scripts_it_says_in_each_language_where_the_link_leads(app: Flask) -> None:
    assert "<span>茶（由“YouTube 视频”提供，点开将离开本站）</span>" in shown(
        app, 'consent_embed("youtube", video="M7lc1UVf-VE", title="茶")', "zh-CN"
    )


@pytest.mark.parametrize("line", [
    'consent_embed("youtube", "https://youtu.be/M7lc1UVf-VE?t=42", title="T")',
    'consent_embed("youtube", video="https://www.youtube.com/watch?v=M7lc1UVf-VE&t=42s", title="T")',
    'consent_embed("film", video="M7lc1UVf-VE", start=42, title="T")',
    'consent_embed("film", video=" M7lc1UVf-VE ", start="42", end=none, list="", title="T")',
])  # fmt: skip
def test_an_address_that_a_visitor_copies_says_as_much_as_its_parts(app: Flask, line: str) -> None:
    given = attributes(shown(app, line))

    assert (given["data-video"], given["data-start"]) == ("M7lc1UVf-VE", "42")


@pytest.mark.parametrize("vendor", FRAMES, ids=lambda vendor: vendor.id)
def test_the_page_before_the_press_names_no_address_that_a_browser_fetches(app: Flask, vendor: Vendor) -> None:
    parts = "".join(f', {name}="{vendor.parameters[name].example}"' for name in each_parameters(vendor))
    markup = shown(app, f'consent_embed("{vendor.id}", title="T", poster="/p.jpg"{parts})')

    assert re.findall(r' (?:src|srcset|data|poster)="([^"]*)"', markup) == ["/p.jpg"]
    assert re.findall(r'<link [^>]*href="([^"]*)"', markup)[0].startswith("/consent/widget.")
    assert re.search(r'<a href="https://[^"]+" rel="noreferrer">', markup)


def test_its_style_sheet_is_served(app: Flask) -> None:
    markup = shown(app, 'consent_embed("youtube", "https://youtu.be/M7lc1UVf-VE", title="T", nonce="abc")')
    [(address, nonce)] = re.findall(r'<link rel="stylesheet" href="([^"]*)" nonce="(\w+)">', markup)
    response: Response = app.test_client().get(address)  # type: ignore[assignment]

    assert nonce == "abc"
    assert "immutable" in response.headers["Cache-Control"]
    assert ".cw-embed" in response.get_data(as_text=True)


def test_what_the_site_says_is_text(app: Flask) -> None:
    hostile = '\\"><img src=x onerror=alert(1)>'
    markup = shown(app, f'consent_embed("youtube", video="M7lc1UVf-VE", title="{hostile}", poster="/a\\"b.jpg")')

    assert "<img src=x" not in markup
    assert 'src="/a&#34;b.jpg"' in markup


@pytest.mark.parametrize(("line", "told"), [
    ('consent_embed("youtub", video="M7lc1UVf-VE", title="T")', "Did you mean 'youtube'"),
    ('consent_embed("youtube", video="M7lc1UVf-VE")', 'title="…"'),
    ('consent_embed("youtube", title="T")', 'Write video="M7lc1UVf-VE"'),
    ('consent_embed("youtube", video="short", title="T")', 'For example video="M7lc1UVf-VE"'),
    ('consent_embed("youtube", video="M7lc1UVf-VE\\" onload", title="T")', 'For example video="M7lc1UVf-VE"'),
    ('consent_embed("youtube", "https://vimeo.com/76979871", title="T")', "no address of youtube"),
    ('consent_embed("youtube", video="https://evil.example/M7lc1UVf-VE", title="T")', 'For example video="M7lc1UVf-VE"'),
    ('consent_embed("youtube", vidoe="M7lc1UVf-VE", title="T")', "Did you mean 'video'"),
    ('consent_embed("youtube", video="M7lc1UVf-VE", start="1m", title="T")', 'For example start="30"'),
    ('consent_embed("youtube", video="M7lc1UVf-VE", title="T", ratio="16:9")', "ratio must be one of 16/9"),
    ('consent_embed("youtube", video="M7lc1UVf-VE", title="T", poster="https://i.ytimg.com/x.jpg")', "its own host"),
    ('consent_embed("youtube", video="M7lc1UVf-VE", title="T", poster="//i.ytimg.com/x.jpg")', "its own host"),
    ('consent_embed("bilibili", title="T")', 'Write video="BV1xx411c7mD"'),
    ('consent_embed("ga4", title="T")', "consent_service"),
])  # fmt: skip
def test_an_error_says_what_to_write(app: Flask, line: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        shown(app, line)


def test_a_picture_on_a_host_of_the_site_is_its_own(app: Flask) -> None:
    line = 'consent_embed("youtube", video="M7lc1UVf-VE", title="T", poster="https://static.localhost/p.jpg")'

    assert attributes(shown(app, line))["data-poster"] == "https://static.localhost/p.jpg"


def test_a_site_without_such_a_vendor_gets_nothing_for_it(make_app: MakeApp) -> None:
    def script(*services: dict[str, Any]) -> str:
        app = make_app(CONSENT_NOTICE=notice_using(*services), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
        assets = app.extensions["consent_widget"].assets
        return (assets.scripts["en"].whole.content + assets.embeds.content).decode()

    film = script(GA4, {"use": "youtube", "purposes": ["marketing"]})
    assert "data-consent-embed" in film
    assert "--cw-play" in film
    assert "data-consent-embed" not in script(GA4)
    assert "--cw-play" not in script(GA4)


PLACED = {"use": "turnstile", "purposes": ["necessary"]}, {"use": "meiqia", "ent": "12345", "purposes": ["functional"]}


def test_a_form_says_without_scripts_what_it_needs(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE=notice_using(*PLACED), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
    line = 'consent_embed("turnstile", sitekey="0x4AAAAAAABkMYinukE8nzYS")'

    assert attributes(shown(app, line)) == {
        "data-consent-embed": "turnstile", "data-sitekey": "0x4AAAAAAABkMYinukE8nzYS",
    }  # fmt: skip
    assert "<noscript><p>To send this form, switch on JavaScript: Cloudflare Turnstile checks" in shown(app, line)
    assert "<noscript><p>提交此表单需要启用 JavaScript，以便“Cloudflare Turnstile”判断是否由真人提交。" in shown(
        app, line, "zh-CN"
    )
    with pytest.raises(ConfigurationError, match='Write sitekey="0x4AAAAAAABkMYinukE8nzYS"'):
        shown(app, 'consent_embed("turnstile")')


def test_the_script_gets_the_sites_number_and_the_words_of_its_kind(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE=notice_using(*PLACED), CONSENT_DATABASE="sqlite://", CONSENT_REGION="US")
    told = {
        locale: json.loads(body.content)["services"][1]["embed"]
        for locale, body in app.extensions["consent_widget"].assets.payloads.items()
    }

    assert told["en"]["words"][1] == "Chat with us"
    assert told["zh-CN"]["words"][1] == "联系在线客服"
    assert [call["args"] for call in told["en"]["tag"]["calls"]] == [
        ["entId", "12345"], ["manualInit"], ["init"], ["showPanel"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "poster",
    [
        r"/\\evil.example/x.jpg",
        r"\\\\evil.example/x.jpg",
        "https:evil.example/x.jpg",
        "https:///evil.example/",
        "http://[",
    ],
)
def test_a_poster_leads_to_no_other_host_however_it_is_written(app: Flask, poster: str) -> None:
    with pytest.raises(ConfigurationError, match="must be a picture of this site"):
        shown(app, f'consent_embed("youtube", video="M7lc1UVf-VE", title="Tea", poster="{poster}")')
