"""One Firefox and one WebKit for all tests of a worker, and a new visitor for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response

from ..browser.conftest import MakeSite, _sites, site, vendors
from ..browser.conftest import make_site as any_site
from ..browser.conftest import static as any_static
from ..browser.servers import Site, Static
from ..browser.visitor import SPARING
from .driver import Browser, Missing, Setting
from .firefox import Firefox
from .visitor import HOSTS, Visitor, under
from .webkit import WebKit

__all__ = ["_sites", "any_site", "any_static", "site", "vendors"]

MakeVisitor = Callable[..., Visitor]
ENGINES: dict[str, Callable[..., Browser]] = {"firefox": Firefox, "webkit": WebKit}


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    try:
        browser = ENGINES[request.param](tmp_path_factory.mktemp(request.param))
    except Missing as missing:
        pytest.fail(str(missing)) if os.environ.get("CI") else pytest.skip(str(missing))
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def hosts() -> Iterator[str]:
    return iter(HOSTS)


def spared(response: Response) -> Response:
    """Puts what spares the tests some waits before everything else in a page, where no policy forbids it."""
    if response.mimetype == "text/html" and "Content-Security-Policy" not in response.headers:
        response.set_data(
            response.get_data(as_text=True).replace("<!doctype html>", f"<!doctype html><script>{SPARING}</script>", 1)
        )
    return response


def spare(app: Flask) -> None:
    last = app.after_request_funcs.setdefault(None, [])
    if spared not in last:
        last.insert(0, spared)  # Flask begins at the end


@pytest.fixture
def make_site(any_site: MakeSite) -> MakeSite:
    def make(**config: Any) -> Site:
        site = any_site(**config)
        spare(site.app)
        return site

    return make


@pytest.fixture(scope="session")
def static(any_static: Static) -> Static:
    spare(any_static.app)
    return any_static


@pytest.fixture
def visit(engine: Browser, hosts: Iterator[str]) -> Iterator[MakeVisitor]:
    """A new visitor of a site. At the end, their browser must have reported no error (unless `faults`)."""
    expected = False

    def make(site: Site, locale: str = "en", *, faults: bool = False, **options: str | bool) -> Visitor:
        nonlocal expected
        expected = expected or faults
        engine.set_up(Setting(locale, **options))
        return Visitor(engine, site, next(hosts))

    yield make
    engine.go("about:blank")
    found = engine.faults()
    assert expected or found == []


def elsewhere(static: Static) -> list[str]:
    """The origins of the static site, one for each visitor."""
    return [under(host, static.url) for host in HOSTS]
