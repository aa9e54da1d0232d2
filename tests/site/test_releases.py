"""A page that names a script by its hash gets exactly that, from every process, as long as it may still be obeyed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from consent_widget.errors import StoreError
from consent_widget.notice.model import Notice
from consent_widget.script.body import Body
from consent_widget.site.site import Site
from consent_widget.store.sql import SQLStore
from consent_widget.store.tables import SCRIPTS
from consent_widget.text import Text

from ..conftest import MakeApp, shipped

Release = Callable[..., Flask]
LATER = "2027-01-01"


@pytest.fixture
def release(make_app: MakeApp, store: SQLStore) -> Release:
    """A process of a release, on the same database as all others."""

    def make(notice: Notice, **config: Any) -> Flask:
        app = make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store, **config)
        app.add_url_rule("/", "home", lambda: render_template_string("{{ consent_widget() }}"))
        return app

    return make


def reworded(notice: Notice) -> Notice:
    return replace(notice, version="9.0.1", title=Text({"zh-CN": "别的题目", "en": "Another title"}))


def changed(notice: Notice) -> Notice:
    """One purpose means something else."""
    first, *others = notice.purposes
    return replace(notice, version="9.1.0", purposes=(first, *(replace(each, revision=7) for each in others)))


def without_a_purpose(notice: Notice) -> Notice:
    return replace(notice, version="9.2.0", purposes=notice.purposes[:-1])


def site(app: Flask) -> Site:
    found: Site = app.extensions["consent_widget"]
    return found


def script(app: Flask) -> Body:
    return site(app).assets.scripts["en"].whole


def fetched(client: FlaskClient, body: Body) -> bytes:
    response = client.get(f"/consent/widget.{body.hash}.js?lang=en")
    assert response.status_code == 200
    return response.data


def test_a_page_of_one_release_finds_its_script_and_sheet_at_a_process_of_the_other(
    release: Release, minimal: Notice
) -> None:
    old = release(minimal)
    new = release(reworded(minimal))

    for of, at in ((old, new), (new, old)):
        page = of.test_client().get("/", headers={"Accept-Language": "en"}).text
        named = set(re.findall(r'"(/consent/widget\.\w+\.(?:js|css))', page))
        assert len(named) == 2
        for address in named:
            assert at.test_client().get(address).data == of.test_client().get(address).data


@pytest.mark.parametrize("kind", ["rest", "pinned"])
def test_so_does_a_page_of_another_site_with_the_tag(release: Release, minimal: Notice, kind: str) -> None:
    config = {"CONSENT_ORIGINS": ["https://shop.example"], "CONSENT_RENDER": "script"}
    old = release(minimal, **config)
    new = release(minimal, CONSENT_LAYOUT="bar", **config).test_client()
    for locale in ("en", "zh-CN"):
        body = getattr(site(old).assets.scripts[locale], kind)
        response = new.get(f"/consent/widget.{body.hash}.{'mjs' if kind == 'rest' else 'js'}")

        assert response.data == body.content
        assert response.mimetype == "text/javascript"


def test_what_is_compressed_is_the_same(release: Release, minimal: Notice) -> None:
    old = release(minimal)
    response = release(reworded(minimal)).test_client().get(
        f"/consent/widget.{script(old).hash}.js", headers={"Accept-Encoding": "br, gzip"}
    )  # fmt: skip

    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) < len(script(old).content) / 2
    assert response.headers["Cache-Control"] == "public, max-age=300"


def test_browsers_ask_every_day_whether_a_pinned_script_may_still_run(release: Release, minimal: Notice) -> None:
    app = release(minimal)
    pinned, whole = site(app).assets.scripts["en"].pinned, script(app)
    kept = [
        app.test_client().get(f"/consent/widget.{body.hash}.js").headers["Cache-Control"] for body in (pinned, whole)
    ]

    assert kept == ["public, max-age=86400", "public, max-age=31536000, immutable"]


@pytest.mark.parametrize("change", [changed, without_a_purpose])
def test_an_earlier_script_is_not_served_once_it_could_open_what_nobody_agreed_to(
    release: Release, minimal: Notice, change: Callable[[Notice], Notice]
) -> None:
    old = release(minimal)
    new = release(change(minimal))

    assert fetched(new.test_client(), script(old)) == script(new).content
    assert (
        fetched(old.test_client(), script(new)) == script(new).content
    )  # a page that asks anew, at a process of before


def test_a_process_that_restarts_in_the_middle_does_not_make_its_release_the_newer_one(
    release: Release, minimal: Notice
) -> None:
    release(minimal)
    new = release(replace(changed(minimal), effective=LATER))
    old = release(minimal)

    assert fetched(old.test_client(), script(new)) == script(new).content
    assert fetched(new.test_client(), script(old)) == script(new).content


def test_what_was_always_on_is_not_opened_by_an_earlier_script_once_it_needs_an_answer(
    release: Release, shop: Notice
) -> None:
    always, asked = (next(each for each in shop.purposes if each.control == kind) for kind in ("always_on", "opt_in"))
    needs_an_answer = replace(asked, id=always.id, question=asked.question)
    purposes = tuple(needs_an_answer if each is always else each for each in shop.purposes)
    old = release(shop)
    new = release(replace(shop, version="9.3.0", purposes=purposes))

    assert fetched(new.test_client(), script(old)) == script(new).content


def test_a_replaced_script_is_deleted_when_its_days_are_over(
    release: Release, minimal: Notice, store: SQLStore
) -> None:
    old = release(minimal)
    release(reworded(minimal))
    with store._engine.begin() as connection:
        month_ago = SCRIPTS.c.replaced - 30 * 86_400_000
        connection.execute(SCRIPTS.update().where(SCRIPTS.c.replaced.is_not(None)).values(replaced=month_ago))
    kept = release(reworded(minimal), CONSENT_SCRIPT_DAYS=31)
    assert fetched(kept.test_client(), script(old)) == script(old).content

    dropped = release(reworded(minimal), CONSENT_SCRIPT_DAYS=29)
    assert fetched(dropped.test_client(), script(old)) == script(dropped).content


def test_a_script_that_comes_back_is_not_deleted(release: Release, minimal: Notice, store: SQLStore) -> None:
    for notice in (minimal, reworded(minimal), minimal):
        app = release(notice)
    with store._engine.connect() as connection:
        current = connection.execute(sa.select(SCRIPTS.c.hash).where(SCRIPTS.c.replaced.is_(None))).scalars()
        assert script(app).hash in set(current)


def test_starting_again_writes_nothing(release: Release, minimal: Notice, store: SQLStore) -> None:
    release(minimal)
    written: list[str] = []
    sa.event.listen(
        store._engine, "before_cursor_execute", lambda c, cursor, statement, *_: written.append(statement.split()[0])
    )
    release(minimal)

    assert written
    assert {"INSERT", "UPDATE", "DELETE"} & set(written) == set()


def test_each_site_of_a_database_has_its_own(release: Release, minimal: Notice) -> None:
    def named(site: str, notice: Notice) -> Flask:
        return release(notice, CONSENT_SITE=site, CONSENT_ORIGINS=[f"https://{site}.example"])

    shop, club = named("shop", minimal), named("club", reworded(minimal))

    assert fetched(club.test_client(), script(shop)) == script(club).content
    assert fetched(named("shop", reworded(minimal)).test_client(), script(shop)) == script(shop).content


def test_with_no_days_nothing_is_stored(release: Release, minimal: Notice, store: SQLStore) -> None:
    old = release(minimal, CONSENT_SCRIPT_DAYS=0)
    new = release(reworded(minimal), CONSENT_SCRIPT_DAYS=0)

    assert fetched(new.test_client(), script(old)) == script(new).content
    with store._engine.connect() as connection:
        assert connection.execute(sa.select(SCRIPTS)).all() == []


@pytest.mark.parametrize("hash", ["0" * 16, "nonsense", "%00", "f" * 15, "É" * 16])
def test_any_other_hash_gets_the_script_of_today(release: Release, minimal: Notice, hash: str) -> None:
    app = release(minimal)
    response = app.test_client().get(f"/consent/widget.{hash}.js?lang=en")

    assert response.data == script(app).content
    assert response.headers["Cache-Control"] == "no-cache"


def test_while_the_database_is_away_pages_of_the_other_release_get_the_script_of_today(
    release: Release, minimal: Notice, store: SQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = release(minimal), release(reworded(minimal))

    def away(*_: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(SQLStore, "stored_file", away)
    assert fetched(new.test_client(), script(old)) == script(new).content
    monkeypatch.undo()
    assert fetched(new.test_client(), script(old)) == script(old).content


@pytest.mark.parametrize(
    "written", [gzip.compress(b"alert(1)", mtime=0), gzip.compress(b"alert(1)", mtime=0)[:9], b"alert(1)"]
)
def test_what_somebody_wrote_to_the_database_does_not_run_in_pages(
    release: Release, minimal: Notice, store: SQLStore, written: bytes
) -> None:
    old, new = release(minimal), release(reworded(minimal))
    with store._writing() as connection:
        connection.execute(SCRIPTS.update().values(content=written))

    assert fetched(new.test_client(), script(old)) == script(new).content


def test_a_store_of_the_sites_own_knows_no_other_release(make_app: MakeApp) -> None:
    class Own:
        def add(self, choice: object) -> object:
            return choice

    app = make_app(CONSENT_STORE=Own())

    assert fetched(app.test_client(), Body(b"", "text/javascript")) == script(app).content


def test_processes_that_start_at_the_same_moment_store_each_script_once(
    release: Release, store: SQLStore, minimal: Notice, make_app: MakeApp
) -> None:
    from threading import Barrier, Thread

    ready, failed = Barrier(6), []

    def start(n: int) -> None:
        ready.wait()
        try:
            site(make_app(CONSENT_NOTICE=(minimal, reworded(minimal))[n % 2], CONSENT_STORE=store))
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=start, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert fetched(release(minimal).test_client(), script(release(reworded(minimal)))) != b""
    assert shipped("minimal") is minimal
