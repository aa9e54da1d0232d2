"""Vendors' tags in a page become inert by what is put into their start tags; all else stays byte for byte."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.script import markup
from consent_widget.script.flow import gate_pieces
from consent_widget.script.inert import Fate, Gated, gate
from consent_widget.script.known import Known, Party
from consent_widget.script.markup import reader

from ..conftest import CONTROLLER
from ..support.notices import notice_table

SERVICES: list[dict[str, Any]] = [
    {"use": "ga4", "id": "G-ABC123DEF4", "load": False},
    {"use": "meta_pixel", "id": "1234567890123456", "load": False},
    {"use": "youtube", "purposes": ["marketing"]},
    {"use": "la51", "id": "JabcDEF1234567", "load": False},
    {"use": "baidu_tongji", "id": "0123456789abcdef0123456789abcdef"},
]
OWN = "www.shop.example"
#: What may be put in.
PUT_IN = re.compile(
    r' type="text/plain"| data-type="[a-z]*"| data-consent="[a-z ]*"| data-consent-service="[a-z0-9_]*"'
    r'| data-consent-granted="[a-z ]*"|(?<=[\s/"\'])data-(?=[a-zA-Z])'
)


def notice_with(*services: dict[str, Any]) -> Notice:
    return notice_from(notice_table("minimal") | {"services": list(services)}, CONTROLLER)


def examples(*services: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries, each with the example of what its tag needs to know."""
    from consent_widget.vendors.catalogue import read_vendor

    return [
        {name: each.example for name, each in read_vendor(entry["use"]).parameters.items() if not each.each} | entry
        for entry in services
    ]


@pytest.fixture(scope="module")
def known() -> Known:
    return Known(notice_with(*examples(*({k: v for k, v in each.items() if k != "id"} for each in SERVICES))))


def held(_party: Party) -> Fate:
    return "held"


def gated(known: Known, page: str, fate: Callable[[Party], Fate] = held) -> str:
    return gate(page.encode(), known, OWN, fate).body.decode()


GA = 'data-consent="analytics" data-consent-service="ga4"'
META = 'data-consent="marketing" data-consent-service="meta_pixel"'
YOUTUBE = 'data-consent="marketing" data-consent-service="youtube"'


@pytest.mark.parametrize(
    ("page", "inert"),
    [
        (
            '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>',
            f'<script type="text/plain" {GA} async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>',
        ),
        (
            "<SCRIPT SRC=//WWW.GoogleTagManager.com/gtag/js?id=G-1></SCRIPT>",
            f'<SCRIPT type="text/plain" {GA} SRC=//WWW.GoogleTagManager.com/gtag/js?id=G-1></SCRIPT>',
        ),
        (
            '<script type="module" nonce=n integrity=i crossorigin src=https://connect.facebook.net/x.js></script>',
            f'<script type="text/plain" {META} data-type="module" nonce=n integrity=i crossorigin '
            "src=https://connect.facebook.net/x.js></script>",
        ),
        (
            "<script>import('https://connect.facebook.net/x.js')</script>",
            f"<script type=\"text/plain\" {META}>import('https://connect.facebook.net/x.js')</script>",
        ),
        (
            "<iframe width=9 src=https://www.youtube.com/embed/1></iframe>",
            f"<iframe {YOUTUBE} width=9 data-src=https://www.youtube.com/embed/1></iframe>",
        ),
        (
            '<noscript><img src="https://www.facebook.com/tr?id=1&amp;ev=x"/></noscript>',
            f'<noscript><img {META} data-src="https://www.facebook.com/tr?id=1&amp;ev=x"/></noscript>',
        ),
        (
            "<img src=/own.png srcset='/own.png 1x, https://i.ytimg.com/vi/1.jpg 2x'>",
            f"<img {YOUTUBE} src=/own.png data-srcset='/own.png 1x, https://i.ytimg.com/vi/1.jpg 2x'>",
        ),
        ("<img src=//i.ytimg.com/1 src=a.png>", f"<img {YOUTUBE} data-src=//i.ytimg.com/1 data-src=a.png>"),
        ("<img src=a.png src=//i.ytimg.com/1>", None),
        ("<img/src='//i.ytimg.com/1'/alt>", f"<img {YOUTUBE}/data-src='//i.ytimg.com/1'/alt>"),
        (
            '<link rel="dns-prefetch preconnect" href=//connect.facebook.net>',
            f'<link {META} rel="dns-prefetch preconnect" data-href=//connect.facebook.net>',
        ),
        ("<link rel=canonical href=https://www.youtube.com/me>", None),
        ('<a href="https://www.facebook.com/shop">us</a>', None),
        ("<a ping=https://www.facebook.com/tr href=/x>x</a>", "<a data-ping=https://www.facebook.com/tr href=/x>x</a>"),
        ("<video poster=//i.ytimg.com/1 src=/own.mp4></video>", f"<video {YOUTUBE} data-poster=//i.ytimg.com/1 src=/own.mp4></video>"),
        ("<object data=//www.youtube.com/v/1></object>", f"<object {YOUTUBE} data-data=//www.youtube.com/v/1></object>"),
        (
            "<svg><image xlink:href=//i.ytimg.com/1 /></svg>",
            f"<svg><image {YOUTUBE} data-xlink:href=//i.ytimg.com/1 /></svg>",
        ),
        (
            "<svg><script href=//connect.facebook.net/x /></svg>",
            f'<svg><script type="text/plain" {META} data-href=//connect.facebook.net/x /></svg>',
        ),
        (
            "<iframe srcdoc='<script src=//www.youtube.com/x></script>'></iframe>",
            f"<iframe {YOUTUBE} data-srcdoc='<script src=//www.youtube.com/x></script>'></iframe>",
        ),
        (
            "<base href=https://www.youtube.com/><iframe src=embed/1></iframe>",
            f"<base href=https://www.youtube.com/><iframe {YOUTUBE} data-src=embed/1></iframe>",
        ),
        (
            "<iframe data-consent=marketing src=//www.youtube.com/1></iframe>",
            "<iframe data-consent=marketing data-src=//www.youtube.com/1></iframe>",
        ),
        ("<iframe data-consent=marketing data-src=//www.youtube.com/1></iframe>", None),
        (
            "<iframe data-src=later src=//www.youtube.com/1></iframe>",
            f"<iframe {YOUTUBE} data-data-src=later data-src=//www.youtube.com/1></iframe>",
        ),
        ("<script type=text/plain data-consent=analytics src=//www.googletagmanager.com/gtag/js?id=G-1></script>", None),
        ('<script type="application/ld+json">{"sameAs": "https://www.facebook.com/shop"}</script>', None),
        ('<script>var links = ["https://www.facebook.com/shop"]; document.createElement("a")</script>', None),
        ('<script>document.title = "www.youtube.com"</script>', None),
        (
            "<script>(function(i,s){a=s.createElement('script');a.src=i})('//www.google-analytics.com/analytics.js',document)</script>",
            f"<script type=\"text/plain\" {GA}>(function(i,s){{a=s.createElement('script');a.src=i}})"
            "('//www.google-analytics.com/analytics.js',document)</script>",
        ),
        (
            "<script>x.src='https:\\/\\/connect.facebook.net\\/en_US\\/fbevents.js'</script>",
            f"<script type=\"text/plain\" {META}>x.src='https:\\/\\/connect.facebook.net\\/en_US\\/fbevents.js'</script>",
        ),
        ("<img src=https://www.shop.example/youtube.com.png><img src=/www.youtube.com/1.png>", None),
        # on the site's own host: the script of a service of the notice alone
        ("<script src=/metrics/gtag/js?id=G-1></script>", f'<script type="text/plain" {GA} src=/metrics/gtag/js?id=G-1></script>'),
        ("<script src=/static/plugins/app.js></script><img src=/maps/1.png>", None),
    ],
)  # fmt: skip
def test_what_asks_a_vendor_is_inert_and_nothing_else_is_touched(known: Known, page: str, inert: str | None) -> None:
    assert gated(known, page) == (inert or page)


@pytest.mark.parametrize(
    "address",
    [
        "https:\\\\www.youtube.com\\embed", "ht\ntps://www.you\ntube.com", "https&colon;&sol;&sol;www&period;youtube&period;com",
        "https://www&#46;youtube&#x2e;com", "https://www.youtube&#46com", "//user@www.youtube.com:443", "https://www.youtube.com.",
        "https://www.youtube%2Ecom", "https:www.youtube.com", "https://www。youtube。com", "https://www.youtube．com",
        "https://www.&#121;outube.com", "https://www.you%74ube.com", "/\t/www.youtube.com", "https://www.youtube.c\nom",
        "https://www.youtube.c&#111;m", "https://www.youtube.co%6d", "https://ｗｗｗ.ｙｏｕｔｕｂｅ.ｃｏｍ", "&Tab;//www.youtube.com",
    ],
)  # fmt: skip
def test_no_way_to_write_an_address_hides_it(known: Known, address: str) -> None:
    page = f'<p>Before.</p><iframe src="{address}"></iframe>'

    assert gated(known, page) == f'<p>Before.</p><iframe {YOUTUBE} data-src="{address}"></iframe>'


@pytest.mark.parametrize(
    "page",
    [
        "<!-- {} -->", "<!--[if IE]>{}<![endif]-->", "<textarea>{}</textarea>", "<title>{}</title>", "<style>{}</style>",
        "<xmp>{}</xmp>", "<script type=text/template>{}", "<noembed>{}</noembed>", "<plaintext>{}", "<p title='{}'>",
        '<div data-html="{}">', "<![CDATA[{}]]>", "<svg><![CDATA[{}]]></svg>", "<script type=x><!--<script>{}</script>-->",
        "<iframe>{}</iframe>", "<a href='x{}", "</p {}", "<?php {} ?>",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_tag_stays_as_it_is(known: Known, page: str) -> None:
    text = page.format("<img src=https://www.youtube.com/1>")

    assert gated(known, text) == text


@pytest.mark.parametrize(
    "page",
    [
        "<svg><style>{}</style></svg>", "<svg><title>{}", "<!-->{}-->", "<template><template>{}</template></template>",
        "<template shadowrootmode=open>{}</template>", "<table>{}</table>", "<select>{}</select>", "<script></script>{}",
        "<script><!--<script></script>--></script>{}", "<p a='>{}<p b=\"'\">{}", "<p a=\"x'>\">{}", "<p title=it's>{}", "<{}",
        "<div =>{}", "<p a = 'b' = c>{}", "\0{}", "a\r\nb\r{}", "<math><annotation-xml>{}", "<svg><noscript>\r\n{}</noscript>", "<frameset><frame>{}", "<noscript>{}</noscript>",
        "<head><noscript>{}", "<textarea></textarea>{}", "</br/>{}",
        "<br/></p>{}", "<style/></style>{}", "<ｐ>{}", "\ufeff{}", "<p\x0c>{}", "<a><a>{}", "<body><body>{}", "<b\0c>{}",
    ],
)  # fmt: skip
def test_a_tag_is_found_wherever_a_browser_finds_one(known: Known, page: str) -> None:
    text = page.format(*["<img src=https://www.youtube.com/1>"] * page.count("{}"))
    inert = page.format(*[f"<img {YOUTUBE} data-src=https://www.youtube.com/1>"] * page.count("{}"))
    if page.startswith("<p a='>"):  # the first stands in a value
        inert = inert.replace(f"<img {YOUTUBE} data-src", "<img src", 1)

    assert gated(known, text) == inert


def test_a_script_that_calls_a_tag_waits_with_it_and_one_that_keeps_the_calls_does_not(known: Known) -> None:
    loader = "<script src=//sdk.51.la/js-sdk-pro.min.js></script>"
    calls, keeps = "<script>LA.init({id: 1})</script>", "<script>window.LA = window.LA || []; LA.push(1)</script>"
    own = f"<script>{'x();' * 600} LA.init()</script><script>function buy() {{ LA.track(); send() }}</script>"

    assert gated(known, calls + keeps) == calls + keeps, "nothing of the vendor's is in this page"
    result = gated(known, loader + calls + keeps + own)
    assert result.count('type="text/plain"') == 2
    assert result.endswith(keeps + own)


def test_a_script_that_writes_into_the_page_is_left_for_the_next_page(known: Known) -> None:
    page = "<script>document.write(\"<script src='//connect.facebook.net/x.js'></\" + 'script>')</script>"

    assert gated(known, page) == page.replace("<script>", '<script type="text/plain">', 1)


def test_what_the_widget_loads_by_itself_is_not_loaded_twice(known: Known) -> None:
    page = b"<script>var s = document.createElement('script'); s.src = 'https://hm.baidu.com/hm.js?1'</script>"

    for fate in ("held", "granted", "free"):
        result = gate(page, known, OWN, lambda _, fate=fate: fate)  # type: ignore[misc]
        assert result.body == page.replace(b"<script>", b'<script type="text/plain">', 1)
        assert [party.id for party in result.doubled] == ["baidu_tongji"]


def test_a_vendor_that_shares_a_host_is_told_by_its_mark(known: Known) -> None:
    result = gate(b"<script src=https://www.googletagmanager.com/gtm.js?id=GTM-1></script>", known, OWN, held)

    assert [(party.id, party.listed) for party in result.parties] == [("gtm", False)]


def test_a_tag_at_an_address_of_the_sites_own_is_known_by_that() -> None:
    entry = {"use": "plausible", "purposes": ["analytics"], "load": False}
    (own,) = examples(entry | {"script": "/js/count.js"})
    (other,) = examples(entry | {"script": "https://count.shop.example/c.js"})
    gate_of = 'type="text/plain" data-consent="analytics" data-consent-service="plausible"'

    for service, address in ((own, "/js/count.js"), (other, "https://count.shop.example/other.js")):
        page = f"<script src={address}></script><script src=/js/own.js></script>"
        assert gated(Known(notice_with(service)), page) == page.replace(f" src={address}", f" {gate_of} src={address}")


def test_what_a_visitor_has_granted_is_live_and_marked(known: Known) -> None:
    page = "<script src=//connect.facebook.net/x.js></script><img src=//i.ytimg.com/1><iframe src=//www.youtube.com/1></iframe>"

    assert gated(known, page, lambda _: "granted") == page.replace(
        "<script", '<script data-consent-granted="marketing" data-consent-service="meta_pixel"', 1
    ).replace("<iframe", '<iframe data-consent-granted="marketing" data-consent-service="youtube"')
    assert gated(known, page, lambda _: "free") == page


@pytest.mark.parametrize(
    "encoding", ["gb18030", "shift_jis", "euc-kr", "big5", "iso-8859-1", "utf-16-le", "utf-16-be", "utf-8-sig"]
)
def test_every_encoding_of_browsers_stays_as_it_is(known: Known, encoding: str) -> None:
    words = {"euc-kr": "한국", "iso-8859-1": "é"}.get(encoding, "表示中文")
    page = f"<p title={words}>{words}</p><iframe title='{words}' src=//www.youtube.com/1></iframe>{words}"
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    inert = page.replace("<iframe", f"<iframe {YOUTUBE}").replace(" src", " data-src")

    assert gate(bom + page.encode(encoding), known, OWN, held).body == bom + inert.encode(encoding)


def test_a_page_whose_header_alone_names_its_encoding_is_read(known: Known) -> None:
    page = "<p>中文</p><iframe src=//www.youtube.com/1></iframe>"
    inert = page.replace(" src", f" {YOUTUBE} data-src").encode("utf-16-le")

    assert gate(page.encode("utf-16-le"), known, OWN, held, "UTF-16").body == inert


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n\x00", bytes(range(256)) * 9, b"\xff\xfe\x00", b"<" * 9999])
def test_what_is_no_page_stays_as_it_is(known: Known, body: bytes) -> None:
    assert gate(body, known, OWN, held).body == body


def test_a_page_of_ten_megabytes_and_one_of_a_hundred_thousand_levels_are_gated(known: Known) -> None:
    film = b"<iframe src=//www.youtube.com/1></iframe>"
    for filling in (b"<p class=x>Text, and more of it.</p>\n" * 280_000, b"<div>" * 100_000):
        body = filling + film

        assert gate(body, known, OWN, held).body == filling + film.replace(b" src", f" {YOUTUBE} data-src".encode())


HOSTS = [
    "//www.youtube.com/1",
    "https://connect.facebook.net/x.js",
    "/own.js",
    "https://www.example.org/",
    "&#47;/i.ytimg.com",
    "",
]
PIECES = st.one_of(
    st.sampled_from([
        "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<svg>", "</svg>", "<style>", "</style>", "<noscript>",
        "</noscript>", "<template>", "</template>", "<textarea>", "</textarea>", "<title>", "<plaintext>", "<select>", "<table>",
        "<math>", "<iframe>", "<a title='", "<p x=\"", "'", '"', ">", "<", "/>", "=", "\0", "\r\n", "\ud800", "中文", "&amp;", " ",
        "document.createElement('script').src='https://www.youtube.com/x'", "LA.init()", "<base href=//www.youtube.com>",
    ]),
    st.builds(
        "<{} {}{}={}{}{}>".format,
        st.sampled_from(["script", "img", "iframe", "link rel=stylesheet", "object", "image", "source", "video", "SCRIPT"]),
        st.sampled_from(["", "src=a ", "data-src=b ", "type=module ", "data-consent=marketing ", "/"]),
        st.sampled_from(["src", "SRC", "href", "srcset", "data", "poster", "srcdoc", "xlink:href", "src\n"]),
        st.sampled_from(["", '"', "'"]),
        st.sampled_from(HOSTS),
        st.sampled_from(["", '"', "'"]),
    ),
    st.text("<>/='\" abc\n!-", max_size=6),
)  # fmt: skip


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(pieces=st.lists(PIECES, max_size=25), sizes=st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_without_what_was_put_in_it_is_the_page_as_it_was(known: Known, pieces: list[str], sizes: list[int]) -> None:
    page = "".join(pieces).encode("utf-8", "surrogatepass")
    result = gate(page, known, OWN, held).body
    streamed = b"".join(stream(known, cut(page, sizes)))

    for each in (result, streamed):
        assert is_page_with_insertions(page.decode("latin-1"), each.decode("latin-1"))
    assert gate(result, known, OWN, held).body.count(b"data-consent-service") == result.count(b"data-consent-service")


def cut(page: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = turn = 0
    while at < len(page):
        yield page[at : at + sizes[turn % len(sizes)]]
        at, turn = at + sizes[turn % len(sizes)], turn + 1


def stream(known: Known, pieces: Iterable[bytes], tell: Callable[[Gated], object] = bool) -> Iterator[bytes]:
    tokenizer = reader()
    assert tokenizer
    return gate_pieces(tokenizer, pieces, known, OWN, held, tell)


def is_page_with_insertions(page: str, result: str) -> bool:
    """Is `result` the page with nothing but what may be put in?"""
    reached: dict[int, set[int]] = {0: {0}}
    for at, letter in enumerate(result):
        for begun in reached.pop(at, ()):
            if page[begun : begun + 1] == letter:
                reached.setdefault(at + 1, set()).add(begun + 1)
            if found := PUT_IN.match(result, at):
                reached.setdefault(found.end(), set()).add(begun)
    return len(page) in reached.get(len(result), ())


def test_a_stream_goes_on_as_it_comes_and_is_gated_like_the_whole(known: Known) -> None:
    page = (
        "<!doctype html><title>a</title>\r\n<p>One</p> text<script>a('</p>')</script>"
        "<script src=//connect.facebook.net/x.js></script>\n<svg><style>x</style></svg><!-- < -->é中"
        "<iframe src=//www.youtube.com/1></iframe><noscript><img src=//www.facebook.com/tr?id=1></noscript> end < of it"
    )
    whole = gated(known, page)
    assert whole.count("data-consent-service") == 3
    for size in (1, 2, 3, 7, 50, 1000):
        assert b"".join(stream(known, cut(page.encode(), [size]))).decode() == whole, size

    sent = stream(known, iter([b"<p>One", b"<p>Two <b", b">bold<script>a()", b"</script>x"]))
    assert list(sent) == [b"<p>One", b"<p>Two ", b"<b>bold", b"<script>a()</script>x"]


def test_a_stream_that_is_left_is_closed(known: Known) -> None:
    closed: list[bool] = []

    def pieces() -> Iterator[bytes]:
        try:
            yield from (b"<p>", b"<p>")
        finally:
            closed.append(True)

    sent = stream(known, pieces())
    next(sent)
    sent.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_without_turbohtml_the_same_is_gated_more_slowly(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "FAST", False)
    page = (
        "<title><img src=//i.ytimg.com/1></title><!-- <img src=//i.ytimg.com/1> --><p>\r\n<img src=//i.ytimg.com/1 /></p>"
        "<script>import('https://connect.facebook.net/x.js')</script><noscript><img src=//www.facebook.com/tr?id=1></noscript>"
    )
    slow = gated(known, page)
    monkeypatch.undo()

    assert slow == gated(known, page)
    assert slow.count("data-consent-service") == 3


WORST = {
    "a long word": "a" * 1_000_000,
    "a long word with dots": "a." * 500_000,
    "numbers with dots": "1." * 500_000,
    "escapes": "%2e" * 300_000,
}


@pytest.mark.parametrize(
    "script",
    [
        '$("#film").attr("src", "https://www.youtube.com/embed/x")',
        "film.setAttribute('src', 'https://www.youtube.com/embed/x')",
        '$.get("https://www.youtube.com/x")',
        '$.ajax({ url: "https://www.youtube.com/x" })',
        'axios.get("https://www.youtube.com/x")',
        'new Worker("https://www.youtube.com/x")',
        'new Audio("https://www.youtube.com/x").play()',
        "$('#film').html('<iframe src=\"https://www.youtube.com/embed/x\"></iframe>')",
        'const { fetch: get } = window; get("https://www.youtube.com/x")',
    ],
)
def test_a_script_that_loads_in_any_usual_way_is_held_back(known: Known, script: str) -> None:
    assert gated(known, f"<script>{script}</script>") == f'<script type="text/plain" {YOUTUBE}>{script}</script>'


@pytest.mark.parametrize("host", ["www.youtub&#101.com", "www.youtube&#46com", "www.google-analytic&#115.com"])
def test_a_reference_needs_no_semicolon(known: Known, host: str) -> None:
    assert "data-src=" in gated(known, f'<img src="https://{host}/x">')


@pytest.mark.parametrize("name", WORST)
def test_a_long_script_costs_no_more_for_what_stands_in_it(known: Known, name: str) -> None:
    page = f'<script src="https://www.googletagmanager.com/gtag/js"></script><script>fetch("{WORST[name]}")</script>'
    # each took minutes and more, when every letter of a word was tried as the beginning of a host
    assert gated(known, page).startswith(f'<script type="text/plain" {GA} src=')


def test_what_lies_too_deep_in_a_page_is_held_back_and_breaks_nothing(known: Known) -> None:
    page = '<img src="https://www.youtube.com/x">'
    for _ in range(150):
        page = f'<iframe srcdoc="{html.escape(page)}"></iframe>'
    assert gated(known, page).startswith(f'<iframe {YOUTUBE} data-srcdoc="')
    within = "<noscript>" * 2000 + '<img src="https://www.youtube.com/x">'
    assert gated(known, within) == within.replace("<img src", f"<img {YOUTUBE} data-src")


@pytest.mark.skipif(not markup.FAST, reason="without turbohtml a stream is sent as it is")
@pytest.mark.parametrize("begin", ["<!--", "<script>"])
def test_a_stream_in_small_pieces_costs_no_more_however_much_waits(known: Known, begin: str) -> None:
    end = {"<!--": "-->", "<script>": "</script>"}[begin]
    page = (begin + "a\n" * 1_000_000 + end + '<img src="https://www.youtube.com/x">').encode()
    pieces = (page[at : at + 64] for at in range(0, len(page), 64))
    tokenizer = reader()
    assert tokenizer
    # it took minutes, when all that waits was looked through again for each piece
    sent = b"".join(gate_pieces(tokenizer, pieces, known, OWN, held, lambda gated: None))
    assert sent == page.replace(b"<img src", f"<img {YOUTUBE} data-src".encode())
