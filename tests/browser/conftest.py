"""One browser for the whole suite, a new profile for each visitor, and real servers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from .servers import HostStore, Place, Site, Static, Vendors, live
from .visitor import PATIENCE, Visitor, after_a_look

WHOLE = ("chromium", "chromium-browser", "google-chrome")
NAMES = ("chromium-headless-shell", *WHOLE)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run")  # fmt: skip

MakeSite = Callable[..., Site]
MakeVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        missing = "No Chromium: install one to run the browser tests, for example: sudo apt-get install chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    expect.set_options(timeout=PATIENCE)
    return {"executable_path": executable, "args": list(QUIET)}


@pytest.fixture(scope="session")
def whole_browser(browser_type_launch_args: dict[str, Any]) -> str:
    """Full Chromium: the headless shell has no back/forward cache and does not prerender."""
    return next(filter(None, map(shutil.which, WHOLE)), None) or str(browser_type_launch_args["executable_path"])


@pytest.fixture(scope="session", autouse=True)
def _presses_are_a_persons() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", after_a_look(Locator.click))
        yield


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    origin = Vendors()
    with live(origin.app, "localhost") as origin.url:
        yield origin


@pytest.fixture(scope="session")
def _sites(vendors: Vendors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        yield {"stack": stack, "vendors": vendors, "folder": tmp_path_factory.mktemp("sites")}


@pytest.fixture
def make_site(_sites: dict[str, Any], vendors: Vendors) -> MakeSite:
    """A running host site with these settings. Tests with the same settings share one site, and reset it first."""
    vendors.next_test()

    def make(**config: Any) -> Site:
        name = repr(sorted(config.items()))
        site: Site | None = _sites.get(name)
        if site is None:
            folder: Path = _sites["folder"]
            store = HostStore(f"sqlite:///{folder / f'{len(_sites)}.sqlite'}")
            site = _sites[name] = Site(store, vendors, **config)
            _sites["stack"].callback(store.close)
            site.url = _sites["stack"].enter_context(live(site.app, "127.0.0.1"))
        site.reset()
        return site

    return make


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return make_site()


@pytest.fixture(scope="session")
def static() -> Iterator[Static]:
    origin = Static()
    with live(origin.app, "localhost") as origin.url:
        yield origin


@pytest.fixture(params=["embedded", "tag"])
def place(request: pytest.FixtureRequest, make_site: MakeSite, static: Static) -> Place:
    """A page that the test writes, with the widget in it: embedded by the site itself, or by a script tag on another origin."""
    site = make_site(CONSENT_ORIGINS=[static.url])
    return Place(site, static if request.param == "tag" else None)


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[MakeVisitor]:
    """A new visitor of a site, in a new profile. At the end, their browser must have reported no error (unless `faults`)."""
    visitors: list[tuple[Visitor, bool]] = []
    in_real_time = request.node.get_closest_marker("real_time") is not None

    def make(site: Site, locale: str | None = "en", *, faults: bool = False, **options: Any) -> Visitor:
        context = browser.new_context(locale=locale, **options)
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context, site, in_real_time=in_real_time)
        visitors.append((visitor, faults))
        return visitor

    yield make
    for visitor, _ in visitors:
        visitor.leave()
    assert [fault for visitor, faults in visitors if not faults for fault in visitor.faults] == []
