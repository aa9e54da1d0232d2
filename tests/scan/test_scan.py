"""The scan in a real browser: it finds every leak that is planted and nothing else, and always comes to an end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner

from consent_widget.notice.file import notice_from
from consent_widget.scan.browsers import Setting
from consent_widget.scan.classify import classify
from consent_widget.scan.looking import look_now, require_browser
from consent_widget.scan.observed import CannotLookError, Observations
from consent_widget.scan.report import as_json
from consent_widget.service.command import main
from consent_widget.testing.fixtures import consent_scan

from . import hostile, leaky
from .hosts import served, setting

__all__ = ["consent_scan"]


def quiet(*_: object) -> None:
    """Nobody watches the progress."""


def need(browser: str) -> None:
    try:
        require_browser(Setting(program=browser))
    except CannotLookError as missing:
        pytest.fail(str(missing)) if os.environ.get("CI") else pytest.skip(str(missing))


@pytest.fixture(autouse=True)
def _chromium() -> None:
    need("")


@pytest.fixture(scope="module")
def hostile_site() -> Iterator[str]:
    with served(hostile.create_app(), "127.0.0.1") as url:
        yield url


@pytest.mark.parametrize(("program", "pages", "late", "wait"), [("", 2, 8000, 10), ("firefox", 1, 300, 2)])
def test_every_planted_leak_is_found_with_its_visitors_and_nothing_else(
    program: str, pages: int, late: int, wait: float
) -> None:
    need(program)
    with served(leaky.create_app(late=late), leaky.HOST) as url:
        seen = look_now(url, replace(setting(url, program), patience=wait), pages, quiet)
    assert seen.notice
    found = {
        (each.what, each.host.partition(":")[0], each.place): each for each in classify(seen, notice_from(seen.notice))
    }

    assert {key: each.phases for key, each in found.items()} == leaky.PLANTED
    assert seen.notes == ()
    gateway, frame, more = (
        found["request", host, path]
        for host, path in ((leaky.HOST, "/metrics/"), ("frame.example", "/frame"), ("more.example", "/"))
    )
    assert (gateway.vendor, gateway.service) == ("ga4", "ga4")
    assert "inside" in frame.cookies
    assert more.kind == "untold"
    assert [page.rpartition("/")[2] for page in seen.pages] == ["", "two"][:pages], "nobody is signed out"
    if not program:
        assert more.initiators == ("http://tally.example/tally.js:1",), "Firefox does not tell the line"


def test_in_the_tests_of_a_site_a_leak_fails_with_the_report(
    hostile_site: str, consent_scan: Callable[..., Observations]
) -> None:
    assert consent_scan(f"{hostile_site}/quiet", pages=1).phases == ("new",)
    with pytest.raises(pytest.fail.Exception, match=r"pixel\.example/p\.gif"):
        consent_scan(f"{hostile_site}/leaky", pages=1, hosts=setting(hostile_site).hosts)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/loop", "in a circle"),
        ("/download", "is a download"),
        ("/picture", "is no page (image/gif)"),
        ("/secret", "name:password@"),
        ("/data", "ERR_UNSAFE_REDIRECT"),
        ("/lying", "have replaced what the browser answers"),
    ],
)
def test_what_cannot_be_looked_at_is_said_in_one_line(hostile_site: str, path: str, reason: str) -> None:
    result = CliRunner().invoke(main, ["scan", hostile_site + path])

    assert result.exit_code == 2
    assert reason in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


def test_a_password_in_the_address_opens_the_site_and_stands_in_no_report(hostile_site: str) -> None:
    seen = look_now(hostile_site.replace("://", "://me:open%20sesame@") + "/secret", Setting(), 2, quiet)

    assert seen.pages == (f"{hostile_site}/secret", f"{hostile_site}/quiet"), "links lead on"
    assert "sesame" not in as_json(seen, ())


def test_dialogs_windows_and_a_page_that_breaks_the_language_are_looked_at(hostile_site: str) -> None:
    for path in ("/dialogs", "/windows", "/names", "/careless"):
        seen = look_now(hostile_site + path, Setting(), 1, quiet)
        assert [key for key, _ in seen.notes] == ["no_widget"], "as a new visitor only, and that is said"


@pytest.mark.parametrize("path", ["/endless", "/spin", "/storm"])
def test_a_page_without_an_end_ends_the_scan(hostile_site: str, path: str) -> None:
    with pytest.raises(CannotLookError):
        look_now(hostile_site + path, Setting(deadline=2), 1, quiet)


@pytest.mark.parametrize(
    "url", ["data:text/html,hello", "javascript:1", "ftp://shop.example/", "http://", "http://x:99999/"]
)
def test_what_is_no_address_of_a_site_is_refused(url: str) -> None:
    result = CliRunner().invoke(main, ["scan", url])

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
