"""CONSENT_GATE_HTML: responses of an app whose templates load vendors as they always did."""

from __future__ import annotations

import gzip
import io
import logging
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask, Response, request, send_file, stream_with_context
from flask.typing import ResponseReturnValue

from consent_widget import consent
from consent_widget.testing import granted_client, refusing_client

from ..conftest import MakeApp
from ..script.test_inert import notice_with

FILM, HELD = (
    "src=//www.youtube.com/1",
    'data-consent="marketing" data-consent-service="youtube" data-src=//www.youtube.com/1',
)
GRANTED = 'data-consent-granted="marketing" data-consent-service="youtube" src=//www.youtube.com/1'
PAGE = f"<!doctype html><title>A</title><p>中文</p><iframe {FILM}></iframe>"
INERT, LIVE = PAGE.replace(FILM, HELD), PAGE.replace(FILM, GRANTED)
PLAIN = "<!doctype html><title>A</title><p>中文, see www.example.com"
YOUTUBE = {"use": "youtube", "purposes": ["marketing"]}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(CONSENT_NOTICE=notice_with(YOUTUBE), CONSENT_GATE_HTML=True)


def serve(app: Flask, view: Callable[[], ResponseReturnValue], path: str = "/") -> None:
    app.add_url_rule(path, path, view)


def test_an_app_that_does_not_ask_for_it_sends_what_it_did(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE=notice_with(YOUTUBE))
    serve(app, lambda: PAGE)

    assert app.test_client().get("/").text == PAGE


def test_a_film_waits_until_its_visitor_has_agreed_and_caches_are_told(app: Flask) -> None:
    serve(app, lambda: PAGE)
    new, refusing, granting = app.test_client(), refusing_client(app), granted_client(app, "marketing")

    assert [client.get("/").text for client in (new, refusing, granting)] == [INERT, INERT, LIVE]
    for client in (new, granting):
        response = client.get("/")
        assert "Cookie" in response.vary
        assert response.content_length == len(response.data)


def test_a_page_without_vendors_is_sent_as_it_is_and_depends_on_nobody(app: Flask) -> None:
    def view() -> Response:
        response = Response(PLAIN)
        response.add_etag()
        return response.make_conditional(request)

    serve(app, view)
    client = app.test_client()
    first = client.get("/")

    assert first.text == PLAIN
    assert "Vary" not in first.headers
    assert client.get("/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_no_browser_is_told_that_its_copy_from_before_is_still_right(app: Flask) -> None:
    def view() -> Response:
        response = Response(PAGE)
        response.add_etag()
        response.headers["Content-MD5"] = response.headers["Digest"] = "of the page as it was"
        return response.make_conditional(request)

    serve(app, view)
    ungated = Response(PAGE)
    ungated.add_etag()
    before = ungated.headers["ETag"]
    response = app.test_client().get("/", headers={"If-None-Match": before})

    assert (response.status_code, response.text) == (200, INERT)
    assert not [name for name in ("ETag", "Content-MD5", "Digest") if name in response.headers]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("early", [True, False])
def test_a_page_that_something_compresses_before_or_after_is_gated(make_app: MakeApp, coding: str, early: bool) -> None:
    codes = {"gzip": gzip, "deflate": zlib, "br": brotli}
    app = make_app(CONSENT_NOTICE=notice_with(YOUTUBE), CONSENT_GATE_HTML=True)

    def compress(response: Response) -> Response:
        if not response.content_encoding:
            response.set_data(codes[coding].compress(response.data))
            response.content_encoding = coding
        return response

    hooks = app.after_request_funcs[None]
    hooks.insert(0, compress) if early else hooks.append(compress)
    serve(app, lambda: PAGE)
    response = app.test_client().get("/")

    assert codes[coding].decompress(response.data).decode() == INERT
    assert response.content_length == len(response.data)


def test_what_cannot_be_read_is_sent_as_it_is_and_the_log_says_so_once(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def encoded(coding: str, body: bytes) -> Callable[[], Response]:
        return lambda: Response(body, headers={"Content-Encoding": coding})

    serve(app, encoded("zstd", b"\x28\xb5\x2f\xfd"), "/unknown")
    serve(app, encoded("gzip", b"not gzip"), "/broken")
    client = app.test_client()
    for _ in range(2):
        assert client.get("/unknown").data == b"\x28\xb5\x2f\xfd"
        assert client.get("/broken").data == b"not gzip"

    assert [("zstd" in line, "gzip" in line) for line in caplog.messages] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ('{"html": "<iframe src=//www.youtube.com/1>"}', "application/json"),
        (PAGE, "text/plain"),
        (PAGE, "application/xhtml+xml"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><image href='//i.ytimg.com/1'/></svg>", "image/svg+xml"),
    ],
)
def test_what_is_no_html_is_sent_as_it_is(app: Flask, body: str, type: str) -> None:
    serve(app, lambda: Response(body, content_type=type))

    assert app.test_client().get("/").text == body


def test_files_error_pages_parts_and_pages_in_other_encodings_are_gated(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text(PAGE, "utf-8")
    serve(app, lambda: send_file(tmp_path / "old.html"), "/file")
    serve(app, lambda: send_file(io.BytesIO(PAGE.encode()), "text/html"), "/bytes")
    serve(app, lambda: Response(PAGE.encode("gb18030"), content_type="text/html; charset=gb18030"), "/old")
    serve(app, lambda: f"<tr><td><iframe {FILM}></iframe>", "/part")
    app.register_error_handler(404, lambda _: (PAGE, 404))
    client = app.test_client()

    assert [client.get(path, buffered=True).text for path in ("/file", "/bytes")] == [INERT, INERT]
    assert client.get("/old").data == INERT.encode("gb18030")
    assert client.get("/part").text == f"<tr><td><iframe {HELD}></iframe>"
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.text) == (404, INERT)
    again = client.get("/file", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, buffered=True)
    assert (again.status_code, again.text) == (200, INERT)


def test_HEAD_says_the_length_of_what_GET_sends(app: Flask) -> None:
    serve(app, lambda: PAGE)
    client = app.test_client()

    assert client.head("/").content_length == len(client.get("/").data)


def test_a_part_of_a_file_is_sent_as_it_is(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text(PAGE, "utf-8")
    serve(app, lambda: send_file(tmp_path / "old.html"))
    response = app.test_client().get("/", headers={"Range": "bytes=0-9"}, buffered=True)

    assert (response.status_code, response.data) == (206, PAGE.encode()[:10])


def test_a_stream_stays_one_and_is_gated(app: Flask) -> None:
    sent: list[str] = []

    def view() -> Response:
        def pieces() -> Iterator[str]:
            for piece in ("<p>One</p>", "<ifra", f"me {FILM}></iframe>"):
                sent.append(piece)
                yield piece

        return Response(stream_with_context(pieces()), headers={"Content-Length": "60"})

    serve(app, view)
    response = app.test_client().get("/", buffered=False)
    pieces = iter(response.response)

    assert (next(pieces), len(sent)) == (b"<p>One</p>", 1)
    assert b"".join(pieces).decode() == f"<iframe {HELD}></iframe>"
    assert "Cookie" in response.vary
    assert "Content-Length" not in response.headers
    assert granted_client(app, "marketing").get("/").text.endswith(f"<iframe {GRANTED}></iframe>")


def test_what_a_stream_comes_from_is_closed_also_when_nobody_reads_to_its_end(app: Flask) -> None:
    class Pieces:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"<p>One</p>", b"<p>Two</p>"])

        def close(self) -> None:
            self.closed = True

    pieces = Pieces()
    serve(app, lambda: Response(pieces))
    response = app.test_client().get("/", buffered=False)
    next(iter(response.response))
    response.close()

    assert pieces.closed


def test_a_page_that_caches_keep_is_the_same_for_everybody(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE=notice_with(YOUTUBE), CONSENT_GATE_HTML=True, CONSENT_RENDER="cached")
    serve(app, lambda: PAGE)
    serve(app, lambda: PAGE + str(consent.granted("marketing")), "/asks")
    granting = granted_client(app, "marketing")

    response = granting.get("/")
    assert response.text == INERT
    assert "Vary" not in response.headers
    asked = granting.get("/asks")
    assert asked.text == LIVE + "True"
    assert "private" in asked.headers["Cache-Control"]


def test_a_service_that_needs_no_consent_is_left_alone(make_app: MakeApp) -> None:
    always = {**YOUTUBE, "purposes": ["necessary"]}
    for render in ("server", "cached"):
        app = make_app(CONSENT_NOTICE=notice_with(always), CONSENT_GATE_HTML=True, CONSENT_RENDER=render)
        serve(app, lambda: PAGE)
        response = app.test_client().get("/")

        assert response.text == PAGE
        assert "Vary" not in response.headers


def test_a_vendor_that_the_notice_does_not_tell_is_held_back_and_the_log_says_once_what_to_write(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(CONSENT_GATE_HTML=True)
    serve(app, lambda: PAGE + "<script src=https://www.googletagmanager.com/gtm.js?id=GTM-1></script>")
    client = granted_client(app, "marketing", "analytics")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert "<iframe data-consent=" in client.get("/").text

    assert [line.rsplit("Add to the notice: ")[-1] for line in caplog.messages] == [
        '[[services]] use = "youtube"',
        '[[services]] use = "gtm"',
    ]


def test_a_tag_in_the_page_that_the_widget_loads_as_well_is_named(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(CONSENT_NOTICE=notice_with({"use": "ga4", "id": "G-ABC123DEF4"}), CONSENT_GATE_HTML=True)
    serve(app, lambda: "<script async src=https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF4></script>")

    assert granted_client(app, "analytics").get("/").text.startswith('<script type="text/plain" async')
    assert "load = false" in caplog.text


def test_html_that_a_hook_of_the_app_adds_is_gated(app: Flask) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        response.set_data(response.get_data(as_text=True) + f"<iframe {FILM}></iframe>")
        return response

    serve(app, lambda: "<p>A</p>")
    assert app.test_client().get("/").text == f"<p>A</p><iframe {HELD}></iframe>"


def test_what_a_header_has_browsers_load_ahead_is_left_out(app: Flask) -> None:
    links = '</a.css>; rel=preload; as=style, <https://www.youtube.com>; rel="preconnect"; title="a, b", </b>; rel=next'

    def view() -> Response:
        return Response("<p>A</p>", headers=[("Link", links), ("Link", "<//i.ytimg.com>; rel=dns-prefetch")])

    serve(app, view)
    new = app.test_client().get("/").headers.getlist("Link")
    assert new == ["</a.css>; rel=preload; as=style, </b>; rel=next"]
    assert granted_client(app, "marketing").get("/").headers.getlist("Link")[0] == links


def test_a_file_to_keep_is_sent_as_it_is(app: Flask) -> None:
    serve(app, lambda: send_file(io.BytesIO(PAGE.encode()), "text/html", as_attachment=True, download_name="page.html"))

    assert app.test_client().get("/", buffered=True).text == PAGE


def test_the_widgets_own_page_is_not_touched(app: Flask) -> None:
    plain = app.test_client().get("/consent/preferences").text

    assert "data-consent-service" not in plain


def test_only_true_and_false_turn_it_on_and_off(make_app: MakeApp) -> None:
    value: Any = "yes"
    with pytest.raises(Exception, match="CONSENT_GATE_HTML: must be True or False"):
        make_app(CONSENT_GATE_HTML=value)
