"""One Firefox and one WebKit for all tests of a worker, and a new visitor for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from ..browser.conftest import _sites, make_site, site, static, vendors
from ..browser.servers import Site, Static
from .driver import Browser, Missing, Setting
from .firefox import Firefox
from .visitor import HOSTS, Visitor, under
from .webkit import WebKit

__all__ = ["_sites", "make_site", "site", "static", "vendors"]

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
