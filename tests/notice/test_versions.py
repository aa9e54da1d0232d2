"""Published versions: unalterable, readable for good, in effect from their day on, and announced to earlier visitors."""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import logging
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from flask import Flask, render_template_string
from flask.testing import FlaskClient, FlaskCliRunner

from consent_widget import NoticeError, SQLStore
from consent_widget.choice.act import Choice
from consent_widget.days import today
from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.testing import make_choice
from consent_widget.ui.dates import written_date

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.changing import TABLE, both, day, edited
from ..support.choice_body import choice_body

RETENTION = TABLE["changes"]["retention"]["edits"]
DATA = TABLE["changes"]["data"]["edits"]
WORDING = TABLE["changes"]["purpose_wording"]["edits"]
TRANSFER = {
    "version": "1.1.0", "date": "2026-12-01", "change_class": "notice", "summary": both("Sold."),
    "successor": {"name": {"zh-CN": "乙商店", "en": "Shop B"}, "contact": "privacy@b.example"},
}  # fmt: skip


def first(**more: Any) -> Notice:
    return edited(effective=day(-30), **more)


def second(*edits: Any, starts: int = -1, version: str = "1.1.0", **more: Any) -> Notice:
    return edited(*(edits or RETENTION), version=version, effective=day(starts), **more)


# The store


def test_a_published_version_is_kept_with_its_text_and_time(store: SQLStore) -> None:
    store.publish(first())
    store.publish(second(), unannounced=True)

    one, two = store.versions("minimal")
    assert (one.notice, one.digest) == (first(), first().digest)
    assert one.notice.text == store.notice(one.digest)
    assert one.published < two.published
    assert store.versions("another") == ()


def test_what_comes_back_is_to_the_letter_what_was_published(store: SQLStore, shop: Notice) -> None:
    store.publish(shop)

    assert [each.notice.digest for each in store.versions("shop")] == [shop.digest]


def test_publishing_the_same_again_changes_nothing(store: SQLStore) -> None:
    before = store.publish(first())

    assert store.publish(first()) == before
    assert len(store.versions("minimal")) == 1


def test_altering_a_published_version_is_refused_and_the_difference_shown(store: SQLStore) -> None:
    store.publish(first())
    with pytest.raises(NoticeError) as refused:
        store.publish(first(controller=first_controller(email="other@shop.example")))

    assert "controller.email" in str(refused.value)
    assert "- [en] privacy@shop.example" in str(refused.value)
    assert "+ [en] other@shop.example" in str(refused.value)
    assert "Raise version" in str(refused.value)
    assert [each.digest for each in store.versions("minimal")] == [first().digest]


def first_controller(**more: Any) -> dict[str, Any]:
    from ..conftest import CONTROLLER

    return CONTROLLER | more


def test_dropping_a_locale_is_refused_and_shown(store: SQLStore) -> None:
    from .test_changes import only_english

    store.publish(first())
    with pytest.raises(NoticeError, match="'zh-CN' is dropped") as refused:
        store.publish(notice_from(only_english() | {"locales": ["en"], "version": "2", "effective": day(0)}))
    assert "- zh-CN, en\n    + en" in str(refused.value)


@pytest.mark.parametrize("version", ["1/2", "../x", "a b", "", "?"])
def test_a_version_that_cannot_be_part_of_an_address_is_refused(store: SQLStore, version: str) -> None:
    with pytest.raises(NoticeError, match="version: becomes part of an address"):
        store.publish(first(version=version) if version else notice_from(json.loads(first().text) | {"version": ""}))


def test_a_version_that_begins_before_the_last_is_refused(store: SQLStore) -> None:
    store.publish(first())
    with pytest.raises(NoticeError, match="effective"):
        store.publish(second(starts=-31))


def test_a_version_may_not_claim_to_ask_again_when_no_meaning_changed(store: SQLStore) -> None:
    claim = {"version": "1.1.0", "date": "2026-12-01", "change_class": "consent", "summary": both("We ask again.")}
    store.publish(first())
    with pytest.raises(NoticeError, match="Raise the revision"):
        store.publish(second(changes=[claim]))
    assert store.publish(second(*DATA, changes=[claim]), unannounced=True)


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ([], "what 1.1.0 said of 1.1.0 is gone"),
        ([TRANSFER | {"change_class": "editorial"}], "has another class or successor"),
        ([{key: value for key, value in TRANSFER.items() if key != "successor"}], "has another class or successor"),
        ([TRANSFER, TRANSFER | {"version": "1.0.0"}], "the entry for 1.0.0 is new"),
    ],
)
def test_a_version_may_not_take_back_entries_of_the_list_of_changes(
    store: SQLStore, entries: list[Any], wrong: str
) -> None:
    store.publish(first())
    store.publish(second(changes=[TRANSFER]), unannounced=True)
    with pytest.raises(NoticeError, match=wrong):
        store.publish(second(version="1.2.0", changes=entries))

    assert store.publish(
        second(version="1.2.0", changes=[TRANSFER | {"summary": both("Sold to B.")}]), unannounced=True
    )


def test_a_visitor_who_skips_a_version_still_learns_who_took_over_the_site(site: Any) -> None:
    app = site(first(), second(changes=[TRANSFER]), second(version="1.2.0", changes=[TRANSFER]))

    assert "Shop B" in shows(visitor(app, first()))


def test_a_first_version_that_lies_ahead_is_refused(store: SQLStore) -> None:
    with pytest.raises(NoticeError, match="Publish the one that visitors see now first"):
        store.publish(second(starts=9))
    store.publish(first())
    assert store.publish(second(starts=9))


def test_twenty_that_publish_one_version_with_two_texts_leave_one_text(store: SQLStore) -> None:
    texts, refused, barrier = [second(), second(*DATA)], [], threading.Barrier(20)
    store.publish(first())

    def publish(notice: Notice) -> None:
        barrier.wait()
        try:
            store.publish(notice, unannounced=True)
        except NoticeError as error:
            refused.append(error)

    threads = [threading.Thread(target=publish, args=[texts[n % 2]]) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.versions("minimal")) == 2
    assert len(refused) == 10


ALTERATIONS = {
    "a word": "UPDATE consent_notices SET text = replace(text, 'Test Shop', 'Evil Corp')",
    "a space": "UPDATE consent_notices SET text = text || ' '",
    "the order": 'UPDATE consent_notices SET text = replace(text, \'"en":"Test Shop","zh-CN":"测试商店"\', '
    '\'"zh-CN":"测试商店","en":"Test Shop"\')',
    "no JSON": "UPDATE consent_notices SET text = 'gone'",
    "nothing": "UPDATE consent_notices SET text = ''",
    "a list": "UPDATE consent_notices SET text = '[]'",
    "the row": "DELETE FROM consent_notices",
    "the digest": "UPDATE consent_versions SET digest = 'd'",
    "another version": "UPDATE consent_versions SET version = '0.9.0'",
    "another notice": "UPDATE consent_versions SET id = 'other'",
}


@pytest.mark.parametrize("how", ALTERATIONS)
def test_a_published_text_that_was_altered_stops_start_up(make_app: MakeApp, store: SQLStore, how: str) -> None:
    store.publish(first())
    with store._engine.begin() as connection:
        assert connection.execute(sa.text(ALTERATIONS[how])).rowcount == 1

    draft = first(id="other") if how == "another notice" else first()
    version = "0.9.0" if how == "another version" else "1.0.0"
    with pytest.raises(NoticeError, match=rf"{draft.id} {version} is published, .*from a backup"):
        make_app(CONSENT_STORE=store, CONSENT_NOTICE=draft)
    with pytest.raises(NoticeError, match="from a backup"):
        store.publish(first(id=draft.id, version="1.1.0"))


@pytest.mark.parametrize("how", [how for how, sql in ALTERATIONS.items() if sql.startswith("UPDATE consent_notices")])
def test_an_altered_text_stops_start_up_even_if_it_was_never_published(
    make_app: MakeApp, store: SQLStore, how: str
) -> None:
    make_app(CONSENT_STORE=store, CONSENT_NOTICE=first())
    with store._engine.begin() as connection:
        assert connection.execute(sa.text(ALTERATIONS[how])).rowcount == 1

    with pytest.raises(NoticeError, match=rf"was altered: .*{first().digest}.* from a backup"):
        make_app(CONSENT_STORE=store, CONSENT_NOTICE=first())
    with pytest.raises(NoticeError, match="from a backup"):
        store.publish(first())
    assert store.versions("minimal") == ()


def test_an_older_database_gains_the_table_and_keeps_its_records(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    old = SQLStore(url)
    old.keep_notice(first().digest, first().text)
    with old._engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE consent_versions"))
    old.close()
    store = SQLStore(url)

    assert store.notice(first().digest) == first().text
    assert store.publish(first())
    store.close()


# Start-up


@pytest.fixture
def publish(tmp_path: Path) -> Any:
    def publish(*notices: Notice) -> str:
        url = f"sqlite:///{tmp_path / 'versions.sqlite'}"
        store = SQLStore(url)
        for notice in notices:
            store.publish(notice, unannounced=True)
        store.close()
        return url

    return publish


@pytest.fixture
def site(make_app: MakeApp, publish: Any) -> Any:
    """An app whose published versions these are, set up with the last."""

    def make(*notices: Notice, **config: Any) -> Flask:
        app = make_app(**{"CONSENT_DATABASE": publish(*notices), "CONSENT_NOTICE": notices[-1]} | config)

        @app.get("/page")
        def page() -> str:
            return render_template_string("<body>{{ consent_widget() }}")

        return app

    return make


def test_a_site_that_publishes_nothing_shows_the_notice_of_its_settings(make_app: MakeApp) -> None:
    for notice in (first(), second(version="1.0.0"), first()):
        site = make_app(CONSENT_NOTICE=notice).extensions["consent_widget"]
        assert (site.notice, site.news, site.versions) == (notice, {}, ())


def test_start_up_stops_where_the_text_is_not_that_of_its_published_version(make_app: MakeApp, publish: Any) -> None:
    with pytest.raises(NoticeError, match=r"purposes\.analytics\.retention(.|\n)*Raise version"):
        make_app(CONSENT_DATABASE=publish(first()), CONSENT_NOTICE=second(version="1.0.0"))


def test_start_up_stops_where_the_notice_goes_by_another_id_than_what_is_published(
    make_app: MakeApp, publish: Any
) -> None:
    renamed, database = second(id="renamed"), publish(first())

    with pytest.raises(NoticeError, match=r"has published notices as 'minimal'\. Keep that id"):
        make_app(CONSENT_DATABASE=database, CONSENT_NOTICE=renamed)
    other = {"CONSENT_SITE": "other", "CONSENT_ORIGINS": ["https://other.example"]}
    assert make_app(CONSENT_DATABASE=database, CONSENT_NOTICE=renamed, **other)


def test_a_draft_that_is_not_published_is_not_shown_and_the_log_says_so(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="host"):
        app = site(first(), CONSENT_NOTICE=second())

    assert app.extensions["consent_widget"].notice == first()
    assert "1.1.0 is a draft: visitors see 1.0.0" in caplog.text


def test_the_script_of_a_site_with_one_version_is_that_of_a_site_with_none(make_app: MakeApp, site: Any) -> None:
    alone = make_app(CONSENT_NOTICE=first(), CONSENT_DATABASE="sqlite://").extensions["consent_widget"].assets.scripts
    once, twice = (site(*each).extensions["consent_widget"].assets.scripts for each in ([first()], [first(), second()]))

    assert once["en"] == alone["en"]
    assert b'(".cw-news")' in twice["en"].whole.content
    assert b'(".cw-news")' not in once["en"].whole.content


def test_a_version_that_lies_ahead_takes_effect_on_its_day_without_a_restart(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site(first(), second(starts=3), second(*DATA, starts=5, version="1.2.0"))
    client = app.test_client()

    def shown() -> str:
        return re.findall(r"Version (\S+),", client.get("/consent/notice?lang=en").text)[0]

    assert shown() == "1.0.0"
    for days, version in ((2, "1.0.0"), (3, "1.1.0"), (4, "1.1.0"), (5, "1.2.0")):
        monkeypatch.setattr("consent_widget.site.site.today", lambda days=days: today() + days)
        assert shown() == version


# The pages


def test_every_version_stays_readable_at_its_address_with_its_digest(site: Any) -> None:
    client = site(first(), second()).test_client()

    for notice, text in ((first(), "Thirteen months at most."), (second(), "Two years.")):
        for locale in ("en", "zh-CN"):
            response = client.get(f"/consent/notice/{notice.version}.{locale}")
            assert response.status_code == 200
            assert notice.digest in response.text
            assert response.headers["ETag"].strip('"').startswith(notice.digest)
            assert response.headers["Cache-Control"] == "public, max-age=86400"
            assert f'<html lang="{locale}">' in response.text
            assert "Cookie" not in response.vary
        assert text in client.get(f"/consent/notice/{notice.version}.en").text
        etag = {"If-None-Match": response.headers["ETag"]}
        assert client.get(f"/consent/notice/{notice.version}.zh-CN", headers=etag).status_code == 304


def test_the_digest_can_be_checked_by_anybody(site: Any) -> None:
    client = site(first(), second()).test_client()
    page = client.get("/consent/notice/1.0.0.en").text
    text = client.get("/consent/notice/1.0.0.json")

    assert 'href="/consent/notice/1.0.0.json"' in page
    assert hashlib.sha256(text.data).hexdigest() == first().digest
    assert client.get("/consent/notice/9.9.9.json").status_code == 404


def test_the_text_of_a_version_is_compressed_only_once(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site(first(), second()).test_client()
    compress = Mock(wraps=gzip.compress)
    monkeypatch.setattr(gzip, "compress", compress)
    for _ in range(3):
        client.get("/consent/notice/1.0.0.json")

    assert compress.call_count == 1


@pytest.mark.parametrize("name", ["9.9.9.en", "1.0.0.fr", "1.0.0.", ".en", "1.0.0", "%2e%2e.en"])
def test_no_other_version_is_there(site: Any, name: str) -> None:
    assert site(first(), second()).test_client().get(f"/consent/notice/{name}").status_code == 404


def test_an_earlier_version_says_so_and_the_other_language_is_of_the_same_version(site: Any) -> None:
    page = site(first(), second()).test_client().get("/consent/notice/1.0.0.en").text

    assert "This is version 1.0.0. Version 1.1.0 is in effect now." in page
    assert 'href="/consent/notice/1.0.0.zh-CN"' in page


def test_the_current_notice_leads_to_every_version(site: Any) -> None:
    page = site(first(), second()).test_client().get("/consent/notice?lang=zh-CN").text

    assert re.findall(r'href="/consent/(notice/[\d.]+zh-CN)"', page) == ["notice/1.1.0.zh-CN", "notice/1.0.0.zh-CN"]
    assert "（现行版本）" in page
    assert second().digest in page


# The visitor


def visitor(app: Flask, notice: Notice, action: str = "accept_all", *granted: str) -> FlaskClient:
    """Somebody who chose while `notice` was in effect."""
    from consent_widget.choice.act import new_subject
    from consent_widget.choice.state import State
    from consent_widget.choice.submission import make_choice, parse

    client, state = app.test_client(), State(new_subject())
    submission = parse(choice_body(notice, action, *granted), notice)
    now = today() * 86_400_000
    widget = app.extensions["consent_widget"]
    choice = widget.store.add(make_choice(submission, notice, state, gpc=False, now_ms=now))
    client.set_cookie("cw", widget.token_signer.write(state.after(choice, notice)))
    return client


def shows(client: FlaskClient, lang: str = "en") -> str:
    return html.unescape(client.get("/page", headers={"Accept-Language": lang}).text)


def acknowledged(app: Flask) -> list[Choice]:
    return [each for each in app.extensions["consent_widget"].store.export() if each.action == "acknowledge"]


def press(client: FlaskClient, page: str, headers: dict[str, str] = HERE, **more: str) -> Any:
    """Send the form on a page, as a browser without script does."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post("/consent/preferences", data=fields | {"action": "acknowledge"} | more, headers=headers)


@pytest.mark.parametrize(
    ("lang", "title", "link"),
    [("en", "Our privacy notice has changed", "See the changes"), ("zh-CN", "隐私声明已更新", "查看变更内容")],
)
def test_a_returning_visitor_is_told_by_a_bar_and_asked_nothing(site: Any, lang: str, title: str, link: str) -> None:
    page = shows(visitor(site(first(), second()), first()), lang)

    assert title in page
    assert link in page
    assert 'class="cw-news"' in page
    assert 'value="accept_all"' not in page
    assert re.findall(r'name="action" value="(\w+)"', page) == ["acknowledge"]


@pytest.mark.parametrize("action", ["opt_out", "refuse", "allow"])
def test_an_answer_for_one_thing_alone_does_not_swallow_the_news(site: Any, action: str) -> None:
    marked = ("purposes.marketing.gpc_opt_out", True)
    one, two = edited(marked, effective=day(-30)), second(marked, *RETENTION)
    client = visitor(site(one, two), one)
    key = () if action == "opt_out" else ("event",)
    client.post("/consent/records", json=choice_body(two, action, *key, surface="page"), headers=HERE)

    assert 'class="cw-news"' in shows(client)
    client.post("/consent/records", json=choice_body(two, "reject_all"), headers=HERE)
    assert 'class="cw-news"' not in shows(client)


def test_wording_alone_is_silent(site: Any) -> None:
    page = shows(visitor(site(first(), second(*WORDING)), first()))

    assert "<section" not in page


def test_a_new_visitor_is_shown_the_layer_and_no_news(site: Any) -> None:
    page = shows(site(first(), second()).test_client())

    assert "cw-accept-all" in page
    assert "See the changes" not in page


def test_a_changed_meaning_brings_the_layer_with_the_way_to_what_changed(site: Any) -> None:
    page = shows(visitor(site(first(), second(*DATA)), first()))

    assert "cw-asked" in page
    assert "See the changes" in page
    assert "cw-news" not in page


def test_what_changed_is_asked_about_alone_and_everything_else_stays(site: Any) -> None:
    reason = [
        {"version": "1.1.0", "date": "2026-12-01", "change_class": "consent", "summary": both("Now settings, too.")}
    ]
    app = site(first(), second(*DATA, changes=reason))
    known = app.extensions["consent_widget"]

    for answer, then in (("allow", {"functional", "marketing", "analytics"}), ("refuse", {"functional", "marketing"})):
        client = visitor(app, first())
        page = shows(client)
        for words in (
            "A change needs your decision",
            "Visit statistics",
            "Now settings, too.",
            "Your other choices stay",
        ):
            assert words in page
        assert 'value="accept_all"' not in page
        assert press(client, page, action=answer, grant="analytics").location == "/page"
        state = known.token_signer.read(client.get_cookie("cw").value)
        assert {key for key in ("functional", "marketing", "analytics") if granted(app, state, key)} == then
        choice = known.store.history(state.subject)[-1]
        assert (choice.action, choice.surface, choice.purposes["analytics"]) == (answer, "again", answer == "allow")
        assert set(choice.purposes) == {"analytics"}
        assert "<section" not in shows(client)  # nothing is left to ask, and nothing to tell


def test_whoever_skipped_versions_is_asked_about_all_that_changed_in_them(site: Any) -> None:
    marketing = ("purposes.marketing.revision", 2)
    third = second(*DATA, marketing, version="1.2.0")
    page = shows(visitor(site(first(), second(*DATA), third), first()))
    later = shows(visitor(site(first(), second(*DATA), third), second(*DATA)))

    assert re.findall('name="grant" value="([^"]*)"', page) == ["analytics", "marketing"]
    assert re.findall('name="grant" value="([^"]*)"', later) == ["marketing"]


def test_what_the_question_does_not_tell_of_is_told_by_the_bar_afterwards(site: Any) -> None:
    app = site(first(), second(*DATA, *RETENTION))
    client = visitor(app, first())

    press(client, shows(client), action="allow", grant="analytics")
    page = shows(client)
    assert "cw-news" in page
    press(client, page)
    assert "<section" not in shows(client)


def test_a_new_purpose_is_asked_about_as_new(site: Any) -> None:
    points = {"id": "points", "group": "marketing", "label": both("Points"), "description": both("Counts your visits."),
              "if_refused": both("-"), "retention": both("A year."), "data": [], "control": "opt_in",
              "consent": "ordinary"}  # fmt: skip
    page = shows(visitor(site(first(), second(("purposes", "+", points))), first()))

    assert "New: Points" in page
    assert "Counts your visits." in page
    assert 'value="accept_all"' not in page


def test_whoever_has_more_to_answer_than_what_changed_gets_the_whole_question(site: Any) -> None:
    app = site(first(), second(*DATA))

    assert 'value="accept_all"' in shows(visitor(app, first(), "allow", "event"))
    assert 'value="accept_all"' in shows(app.test_client())


def test_the_opt_out_signal_keeps_off_what_changed_and_asks_nothing(site: Any) -> None:
    shared = ("purposes.marketing.gpc_opt_out", True)
    client = visitor(site(first(), second(shared, ("purposes.marketing.revision", 2))), first())
    page = client.get("/page", headers={"Sec-GPC": "1"}).text

    assert "cw-news" in page
    assert "cw-asked" not in page
    assert "cw-asked" in shows(client)
    changes = client.get("/consent/changes?lang=en", headers={"Sec-GPC": "1"}).text
    assert 'value="acknowledge"' in changes
    assert 'value="allow"' not in changes


def test_a_named_recipient_that_changed_is_asked_about_by_name_and_alone(site: Any) -> None:
    app = site(first(), second(*DATA, ("recipients.acme.country", "SG")))
    client, known = visitor(app, first(), "save", "analytics", "sharing:acme"), app.extensions["consent_widget"]

    page = client.get("/consent/changes?lang=en&next=/page").text
    together, alone = page.split('<form class="cw-asked')[1:]
    assert re.findall('name="grant" value="([^"]*)"', together) == ["analytics"]
    assert re.findall('name="grant" value="([^"]*)"', alone) == ["sharing:acme"]
    assert "Sharing · Acme" in alone
    assert "Singapore" in alone
    assert 'value="acknowledge"' not in page  # what is asked is answered, not seen
    press(client, together, action="refuse", grant="analytics")
    assert "cw-news" in shows(client)  # the other question is still to be told of
    rest = client.get("/consent/changes?lang=en&next=/page").text
    assert 'value="acknowledge"' in rest
    press(client, rest.split('<form class="cw-asked')[1], action="allow", grant="sharing:acme")
    press(client, client.get("/consent/changes?lang=en").text)
    assert "<section" not in shows(client)
    state = known.token_signer.read(client.get_cookie("cw").value)
    assert [(each.action, each.purposes) for each in known.store.history(state.subject)[1:]] == [
        ("refuse", {"analytics": False}), ("allow", {"sharing:acme": True}), ("acknowledge", {}),
    ]  # fmt: skip


def test_where_nobody_can_tell_whether_a_person_agreed_the_same_question_is_asked_once_more(site: Any) -> None:
    app = site(first(), second(*DATA))
    client, plain = visitor(app, first()), {"Origin": "http://localhost"}
    once = press(client, shows(client), action="allow", grant="analytics", headers=plain)
    asked = once.text.split('<form class="cw-asked')[1]
    again = press(client, asked, action="allow", grant="analytics", headers=plain)

    assert "press once more to confirm" in html.unescape(once.text)
    assert re.findall('name="grant" value="([^"]*)"', asked) == ["analytics"]
    assert (again.status_code, again.location) == (303, "/page")
    assert "<section" not in shows(client)


def granted(app: Flask, state: Any, key: str) -> bool:
    option = app.extensions["consent_widget"].notice.options[key]
    return option.fingerprint in state.decisions and state.decisions[option.fingerprint].granted


def test_an_acknowledgement_is_an_event_of_its_own_and_changes_no_decision(site: Any) -> None:
    app = site(first(), second())
    client = visitor(app, first(), "save", "analytics")
    before = app.extensions["consent_widget"].token_signer.read(client.get_cookie("cw").value)
    response = press(client, shows(client))
    after = app.extensions["consent_widget"].token_signer.read(client.get_cookie("cw").value)

    assert (response.status_code, response.location) == (303, "/page")
    assert after.decisions == before.decisions
    assert (before.notice, after.notice) == (first().digest[:8], second().digest[:8])
    (choice,) = acknowledged(app)
    assert (choice.action, choice.surface, choice.purposes) == ("acknowledge", "bar", {})
    assert (choice.notice, choice.subject, choice.seq) == (second().digest, before.subject, 2)
    assert "<section" not in shows(client)


def test_the_script_acknowledges_by_json_and_the_receipt_names_the_version(site: Any) -> None:
    app = site(first(), second())
    seen = choice_body(second(), "acknowledge", surface="bar")
    response = visitor(app, first()).post("/consent/records", json=seen, headers=HERE)

    assert response.status_code == 201
    assert response.json["receipt"]["notice"] == {"id": "minimal", "version": "1.1.0", "digest": second().digest}
    assert response.json["receipt"]["purposes"] == {}


@pytest.mark.parametrize(
    "more", [{"purposes": {"analytics": True}}, {"purposes": {"analytics": False}}, {"notice": "00" * 32}]
)
def test_an_acknowledgement_decides_nothing(site: Any, more: dict[str, Any]) -> None:
    app = site(first(), second())
    client = visitor(app, first(), "reject_all")
    response = client.post(
        "/consent/records", json=choice_body(second(), "acknowledge", surface="bar") | more, headers=HERE
    )

    assert response.status_code in (409, 422)
    assert acknowledged(app) == []


def test_a_visitor_who_has_not_chosen_cannot_acknowledge(site: Any) -> None:
    app = site(first(), second())
    seen = choice_body(second(), "acknowledge", surface="bar")

    assert app.test_client().post("/consent/records", json=seen, headers=HERE).status_code == 422
    assert acknowledged(app) == []


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["From version 1.0.0 to version 1.1.0", "<del>Thirteen months at most.</del><ins>Two years.</ins>"]),
        ("zh-CN", ["从版本 1.0.0 到版本 1.1.0", "<del>最长十三个月。</del><ins>Two years.</ins>"]),
    ],
)
def test_the_page_shows_what_was_removed_and_added_and_takes_the_acknowledgement(
    site: Any, lang: str, words: list[str]
) -> None:
    app = site(first(), second())
    client = visitor(app, first())
    page = html.unescape(client.get(f"/consent/changes?lang={lang}&next=/page").text)

    places = [page.index(word) for word in words]
    assert places == sorted(places)
    assert press(client, page).location == "/page"
    assert [(each.action, each.surface, each.locale) for each in acknowledged(app)] == [("acknowledge", "page", lang)]
    after = html.unescape(client.get(f"/consent/changes?lang={lang}").text)
    assert {"en": "Nothing has changed since", "zh-CN": "没有变更"}[lang] in after


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Acme · Country [United States] {Singapore}", "{Tally · Tally B.V. · Netherlands}",
                "GDPR Art. [6(1)(a)] {6(1)(f)}",
                "Also for minors [With a parent’s or guardian’s consent] {No}", "(GPC) [No] {Yes}"]),
        ("zh-CN", ["Acme · 国家或地区 [美国] {新加坡}", "{Tally · Tally B.V. · 荷兰}",
                   "是否适用于未成年人 [须经父母或其他监护人同意] {否}"]),
    ],
)  # fmt: skip
def test_codes_are_shown_in_words(site: Any, lang: str, words: list[str]) -> None:
    tally = {"id": "tally", "name": "Tally", "company": "Tally B.V.", "country": "NL", "purposes": ["analytics"]}
    edits = [
        ("recipients.acme.country", "SG"), ("services", "+", tally), ("purposes.analytics.minors", "off"),
        ("purposes.analytics.legal_basis", {"gdpr": "6(1)(f)", "pipl": "13(1)(1)"}),
        ("purposes.analytics.gpc_opt_out", True),
    ]  # fmt: skip
    page = visitor(site(first(), second(*edits)), first()).get(f"/consent/changes?lang={lang}").text
    signs = {"<del>": " [", "</del>": "] ", "<ins>": " {", "</ins>": "} "}
    marked = re.sub("</?(?:ins|del)>", lambda tag: signs[tag[0]], html.unescape(page))
    told = " ".join(re.sub("<[^>]+>", " ", marked).split())

    for each in words:
        assert each in told


def test_an_act_links_the_published_text_that_it_answered(site: Any) -> None:
    app = site(first(), second())
    client, known = visitor(app, first()), app.extensions["consent_widget"]
    done = act(known.store, first(), known.token_signer.read(client.get_cookie("cw").value).subject, "accept_all")

    for path in ("choices", f"records/{done.id}"):
        assert 'href="/consent/notice/1.0.0.en"' in client.get(f"/consent/{path}?lang=en").text


def test_the_page_leads_nowhere_else(site: Any) -> None:
    client = visitor(site(first(), second()), first())
    page = client.get("/consent/changes?next=https://evil.example/").text

    assert "evil" not in page
    assert press(client, page).location == "/consent/changes?lang=en"


def test_the_page_of_changes_is_not_shared_between_visitors(site: Any) -> None:
    response = visitor(site(first(), second()), first()).get("/consent/changes")

    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in response.vary


def test_the_script_gets_which_bar_is_whose_and_the_texts_when_asked_for(site: Any) -> None:
    app = site(first(), second(), second(*RETENTION, *WORDING, version="1.2.0"))
    client = app.test_client()
    told = client.get("/consent/i18n/en.json").json["news"]

    assert told["seen"] == {first().digest[:8]: 0}
    assert len(told["bars"]) == 1
    assert "Two years." not in json.dumps(told)
    assert "Two years." in client.get(f"/consent/i18n/changes.{first().digest[:8]}.en.json").text
    assert client.get("/consent/i18n/changes.00000000.en.json").status_code == 404


# Announced, and handed over


def test_an_announced_notice_is_shown_and_not_yet_in_effect(site: Any) -> None:
    app = site(first(), second(*DATA, starts=7))
    client = visitor(app, first())
    page = shows(client)

    assert "Our privacy notice is going to change" in page
    assert f"Version 1.1.0 takes effect on {written_date(day(7), 'en')}. Until then everything stays as it is." in page
    assert 'value="accept_all"' not in page
    assert "Settings" in client.get("/consent/changes?lang=en").text
    assert press(client, page).status_code == 303
    (choice,) = acknowledged(app)
    assert (choice.action, choice.notice) == ("acknowledge", second(*DATA, starts=7).digest)
    assert "<section" not in shows(client)


def test_visitors_who_were_told_in_advance_are_only_asked_on_the_day(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site(first(), second(*DATA, starts=7))
    client = visitor(app, first())
    press(client, shows(client))
    monkeypatch.setattr("consent_widget.site.site.today", lambda: today() + 7)

    assert "cw-asked" in shows(client)
    changes = client.get("/consent/changes?lang=en").text
    assert "From version 1.0.0 to version 1.1.0" in changes
    assert 'value="allow"' in changes


def test_visitors_who_were_told_in_advance_are_not_told_again_on_the_day(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visitor(site(first(), second(starts=7)), first())
    press(client, shows(client))
    monkeypatch.setattr("consent_widget.site.site.today", lambda: today() + 7)

    assert "<section" not in shows(client)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Another change follows: version 1.2.0 takes effect on"),
        ("zh-CN", "另有更新：版本 1.2.0 将于"),
    ],
)
def test_who_has_not_read_of_one_change_still_learns_that_another_is_announced(
    site: Any, lang: str, words: str
) -> None:
    client = visitor(site(first(), second(), second(*RETENTION, *DATA, version="1.2.0", starts=7)), first())
    page = shows(client, lang)

    assert words in page
    changes = client.get(f"/consent/changes?lang={lang}").text
    assert words in changes
    assert f"/consent/notice/1.2.0.{lang}" in changes
    press(client, page)
    assert "1.2.0" in shows(client, lang)
    assert "1.1.0" not in shows(client, lang)


def test_a_change_of_wording_keeps_no_announcement_from_those_who_saw_the_text_before_it(site: Any) -> None:
    page = shows(visitor(site(first(), second(*WORDING), second(*WORDING, *DATA, version="1.2.0", starts=7)), first()))

    assert "Our privacy notice is going to change" in page
    assert "Version 1.2.0 takes effect" in page
    assert "1.1.0" not in page


def test_an_announced_change_is_not_announced_to_new_visitors(site: Any) -> None:
    assert "going to change" not in shows(site(first(), second(starts=7)).test_client())


@pytest.mark.parametrize(("lang", "name"), [("en", "Shop B"), ("zh-CN", "乙商店")])
def test_a_transfer_names_the_successor_in_the_bar_on_the_page_and_in_the_list_of_changes(
    site: Any, lang: str, name: str
) -> None:
    sections = [
        {"id": "log", "title": both("Log"), "paragraphs": [{"id": "l", "text": both("Log"), "list": "changes"}]}
    ]
    app = site(first(sections=sections), second(*[], sections=sections, changes=[TRANSFER]))
    client = visitor(app, first(sections=sections))

    for page in (
        shows(client, lang),
        client.get(f"/consent/changes?lang={lang}").text,
        client.get(f"/consent/notice?lang={lang}").text,
    ):
        assert name in page
        assert "privacy@b.example" in page
    assert {"en": "This site is changing hands", "zh-CN": "本网站经营者变更"}[lang] in shows(client, lang)
    assert "/consent/preferences" in shows(client, lang)


def test_after_a_transfer_what_means_something_else_is_off_until_asked(site: Any) -> None:
    app = site(first(), second(*DATA, changes=[TRANSFER]))
    client = visitor(app, first())

    assert "cw-asked" in shows(client)
    token = client.get_cookie("cw").value
    verified = client.post("/consent/verify", json={"token": token}, headers=HERE).json
    assert verified["granted"] == ["functional", "marketing"]


# The command line


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(notice: Notice) -> str:
        path = tmp_path / f"{notice.digest[:8]}.json"
        path.write_text(notice.text, "utf-8")
        return str(path)

    return write


def run(app: Flask, *command: str) -> tuple[int, str]:
    runner: FlaskCliRunner = app.test_cli_runner()
    result = runner.invoke(args=["consent", *command])
    return result.exit_code, result.output


def test_diff_shows_each_change_its_class_and_what_is_asked_again(site: Any, write: Any) -> None:
    code, told = run(site(first()), "diff", write(second(*DATA, *RETENTION, starts=9)))

    assert code == 0
    assert "minimal 1.0.0 → 1.1.0" in told
    assert "consent   purposes.analytics.data  asks again: analytics" in told
    assert "notice    purposes.analytics.retention" in told
    assert "+ [en] Two years." in told
    assert "Asked again: analytics.\nVisitors read no reason. Say in changes what is new in 1.1.0" in told


BACKDATED = re.compile(r"^Note: effective: (\S+) lies (\d+) days back, and (.*?)\. Visitors would read", re.MULTILINE)


def test_a_first_version_whose_day_lies_back_is_remarked_on_unless_somebody_had_answered_it(
    site: Any, write: Any
) -> None:
    published = site(first())
    assert not BACKDATED.search(run(published, "diff")[1])
    assert not BACKDATED.search(run(published, "check")[1])
    assert BACKDATED.search(run(published, "check", write(second(starts=-2)))[1])
    app = site(second(version="2", starts=-5), CONSENT_DATABASE="sqlite://")
    client, notice = app.test_client(), app.extensions["consent_widget"].notice
    assert BACKDATED.findall(run(app, "diff")[1]) == [(day(-5), "5", "no choice is under it")]

    client.post("/consent/records", json=choice_body(notice), headers=HERE)
    code, printed = run(app, "publish")
    assert code == 0
    assert BACKDATED.findall(printed) == [(day(-5), "5", f"the first choice under it is of {day(0)}")]


@pytest.mark.parametrize("starts", [0, -5])
def test_a_version_that_was_answered_on_its_day_is_published_without_a_remark(site: Any, starts: int) -> None:
    app = site(second(version="2", starts=starts), CONSENT_DATABASE="sqlite://")
    widget = app.extensions["consent_widget"]
    made = datetime.now(UTC) + timedelta(days=starts)
    widget.store.add(make_choice(site="", notice=widget.notice.digest, time=int(made.timestamp() * 1000)))

    code, printed = run(app, "publish")
    assert (code, BACKDATED.search(printed)) == (0, None)


def test_diff_is_content_where_the_list_of_changes_says_why_something_is_asked_again(site: Any, write: Any) -> None:
    reason = {"version": "1.1.0", "date": "2026-12-01", "change_class": "consent", "summary": both("Settings, too.")}

    assert "no reason" not in run(site(first()), "diff", write(second(*DATA, starts=9, changes=[reason])))[1]


def test_publish_shows_the_difference_and_publishes(site: Any, write: Any) -> None:
    app = site(first())
    code, told = run(app, "publish", write(second(starts=9)))

    assert code == 0
    assert "purposes.analytics.retention" in told
    assert f"Published minimal 1.1.0, digest {second(starts=9).digest}" in told
    assert len(app.extensions["consent_widget"].store.versions("minimal")) == 2


def test_publish_without_a_file_publishes_the_draft_of_the_app(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE=first())
    code, told = run(app, "publish")

    assert code == 0
    assert "would be the first" in told
    assert run(app, "publish")[0] == 0
    assert len(app.extensions["consent_widget"].store.versions("minimal")) == 1


@pytest.mark.parametrize("command", ["diff", "publish"])
def test_a_file_of_another_id_ends_with_an_error(site: Any, write: Any, command: str) -> None:
    app = site(first())
    code, told = run(app, command, write(second(id="renamed")))

    assert (code, "Keep that id" in told) == (1, True)
    assert app.extensions["consent_widget"].store.versions("renamed") == ()


def test_a_file_is_published_in_the_languages_that_the_site_offers(
    make_app: MakeApp, write: Any, tmp_path: Path
) -> None:
    config = {
        "CONSENT_NOTICE": write(first()), "CONSENT_LOCALES": ["en"], "CONSENT_DATABASE": f"sqlite:///{tmp_path / 'one'}",
    }  # fmt: skip
    code, told = run(make_app(**config), "publish", write(first()))
    restarted = make_app(**config).extensions["consent_widget"]

    assert code == 0, told
    assert restarted.versions[0].notice.locales == ("en",)
    assert restarted.notice == restarted.versions[0].notice


def test_a_file_without_an_offered_language_ends_with_an_error(make_app: MakeApp, write: Any) -> None:
    app = make_app(CONSENT_NOTICE=first(), CONSENT_LOCALES=["zh-CN"])
    code, told = run(app, "publish", write(first().offered_in(("en",))))

    assert (code, told[:22]) == (1, "Error: CONSENT_LOCALES")


@pytest.mark.parametrize("command", ["diff", "publish"])
def test_the_first_notice_to_publish_is_the_one_that_visitors_answered(
    make_app: MakeApp, write: Any, tmp_path: Path, command: str
) -> None:
    url = f"sqlite:///{tmp_path / 'seen'}"
    seen = make_app(CONSENT_NOTICE=first(), CONSENT_DATABASE=url)
    assert (
        seen.test_client().post("/consent/records", json=choice_body(first(), "accept_all"), headers=HERE).status_code
        == 201
    )
    app = make_app(CONSENT_NOTICE=second(), CONSENT_DATABASE=url)
    store = app.extensions["consent_widget"].store
    code, told = run(app, command)

    assert (code, store.versions("minimal")) == (1, ())
    assert first().digest in told
    (tmp_path / "kept.json").write_text(store.notice(first().digest), "utf-8")
    assert run(app, "publish", str(tmp_path / "kept.json"))[0] == 0
    assert run(app, "publish", "--unannounced")[0] == 0
    assert [each.notice for each in store.versions("minimal")] == [first(), second()]


@pytest.mark.parametrize("starts", [-1, 0])
@pytest.mark.parametrize(("edits", "found"), [(RETENTION, "notice"), (DATA, "consent")])
def test_a_change_that_visitors_are_told_of_is_announced_before_it_takes_effect(
    site: Any, write: Any, edits: Any, found: str, starts: int
) -> None:
    app, file = site(first()), write(second(*edits, starts=starts))
    store = app.extensions["consent_widget"].store

    for command in ("diff", "publish"):
        code, told = run(app, command, file)
        assert (code, f"of the class {found}" in told, "--unannounced" in told) == (1, True, True), told
        assert f"Set effective to a later day, such as {day(14)}" in told
    assert len(store.versions("minimal")) == 1
    assert run(app, "publish", "--unannounced", file)[0] == 0
    assert len(store.versions("minimal")) == 2


def test_wording_takes_effect_at_once_and_so_does_a_change_from_tomorrow_on(site: Any, write: Any) -> None:
    assert run(site(first()), "publish", write(second(*WORDING, starts=0)))[0] == 0
    assert run(site(first(id="other")), "publish", write(second(*DATA, starts=1, id="other")))[0] == 0


def test_publish_says_when_it_is_only_announced(site: Any, write: Any) -> None:
    assert f"announced until {day(9)}" in run(site(first()), "publish", write(second(starts=9)))[1]


@pytest.mark.parametrize("command", ["diff", "publish"])
def test_what_would_alter_a_published_version_ends_with_an_error(site: Any, write: Any, command: str) -> None:
    app = site(first())
    code, told = run(app, command, write(second(version="1.0.0", starts=-30)))

    assert code == 1
    assert "a published version never changes" in told
    assert "purposes.analytics.retention" in told
    assert len(app.extensions["consent_widget"].store.versions("minimal")) == 1


@pytest.mark.parametrize("command", ["diff", "publish"])
def test_a_file_with_a_fault_ends_with_an_error_that_names_it(site: Any, tmp_path: Path, command: str) -> None:
    (tmp_path / "mine.toml").write_text('id = "mine"\n')

    assert run(site(first()), command, str(tmp_path / "mine.toml")) == (
        1, "Error: mine.toml: version: is missing. Every notice needs it.\n",
    )  # fmt: skip


def test_versions_lists_them_and_says_which_is_in_effect(site: Any) -> None:
    code, told = run(site(first(), second(), second(starts=4, version="1.2.0")), "versions")

    assert code == 0
    assert [line.split()[0] for line in told.splitlines()] == ["1.0.0", "1.1.0", "1.2.0"]
    assert ["in effect" in line for line in told.splitlines()] == [False, True, False]


def test_a_store_that_cannot_publish_says_so(make_app: MakeApp) -> None:
    class Plain:
        def add(self, choice: Choice) -> Choice:
            return choice

    for command in ("diff", "publish", "versions"):
        code, told = run(make_app(CONSENT_STORE=Plain()), command)
        assert (code, "This store cannot publish" in told) == (1, True)
