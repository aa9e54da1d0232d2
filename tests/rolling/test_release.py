"""While a release with another notice is rolled out, visitors meet both, and lose nothing."""

from __future__ import annotations

import logging
from dataclasses import replace
from random import Random

import pytest
from flask import Flask

from consent_widget import processing
from consent_widget.choice.state import Decision
from consent_widget.notice.model import Notice
from consent_widget.text import Text

from ..support.changing import day
from .conftest import Release
from .visitor import Visitor, site_of


def changed(notice: Notice, *purposes: str, version: str = "1.1.0", effective: str = "") -> Notice:
    """The next version: these purposes mean something else."""
    parts = tuple(replace(each, revision=2) if each.id in purposes else each for each in notice.purposes)
    return replace(notice, version=version, effective=effective or notice.effective, purposes=parts)


def without(notice: Notice, *purposes: str, version: str = "1.2.0", effective: str = "") -> Notice:
    """The next version: it asks about these no more."""
    return replace(
        notice, version=version, effective=effective or notice.effective,
        purposes=tuple(each for each in notice.purposes if each.id not in purposes),
        services=tuple(each for each in notice.services if not set(each.purposes) & set(purposes)),
    )  # fmt: skip


@pytest.mark.parametrize("run", range(4))
def test_behind_a_balancer_nobody_is_asked_twice_and_nothing_is_lost(
    release: Release, minimal: Notice, run: int
) -> None:
    old, new = release(minimal), release(changed(minimal, "analytics"))
    balancer = Random(run)
    for _ in range(8):
        visitor = Visitor((old, new), balancer)
        asked: list[str] = []
        for _ in range(10):
            if visitor.look():
                form = visitor.html.partition("<form")[2]
                asked.append("new" if site_of(new).notice.digest in form else "old")
                visitor.press(balancer.choice(["accept_all", "reject_all", "close"]))

        assert asked in (["old"], ["new"], ["old", "new"])
        assert visitor.seen == {"asked": len(asked), "recorded": len(asked), **visitor.seen}
        assert visitor.seen["lost"] == visitor.seen["cookies deleted"] == visitor.seen["assets missing"] == 0


def test_what_was_asked_under_the_newer_notice_is_not_asked_by_the_older(release: Release, minimal: Notice) -> None:
    for notice in (changed(minimal, "analytics"), without(minimal, "marketing")):
        old, new = release(minimal), release(notice)
        visitor = Visitor((old, new))
        assert visitor.look(new)
        visitor.press("accept_all", new)

        assert not visitor.look(old)
        assert visitor.is_granted("functional", old)
        assert not visitor.is_granted("marketing" if notice.version == "1.2.0" else "analytics", old)
        assert visitor.open("/consent/verify", old, method="POST", json={"token": visitor.token}).json["current"]  # type: ignore[index]


def test_only_what_changed_is_asked_by_the_newer(release: Release, minimal: Notice) -> None:
    old, new = release(minimal), release(changed(minimal, "analytics"))
    visitor = Visitor((old, new))
    visitor.look(old)
    visitor.press("accept_all", old)

    assert visitor.look(new)
    assert [visitor.is_granted(each, new) for each in ("functional", "analytics", "marketing")] == [True, False, True]
    visitor.press("accept_all", new)
    assert not visitor.look(old)
    assert visitor.is_granted("analytics", old)
    assert visitor.is_granted("analytics", new)


@pytest.mark.parametrize("way", ["form", "script"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_page_of_one_release_is_answered_by_the_other(
    release: Release, minimal: Notice, way: str, turned: bool
) -> None:
    processes = release(minimal), release(changed(minimal, "analytics"))
    of, at = reversed(processes) if turned else processes
    visitor = Visitor(processes)
    visitor.look(of)
    if way == "form":
        assert visitor.press("accept_all", at)
    else:
        assert visitor.send(of, "accept_all", at=at).status_code == 201

    assert visitor.is_granted("analytics", of)
    assert not visitor.is_granted("analytics", at)
    (record,) = site_of(at).store.history(visitor.state().subject)  # type: ignore[attr-defined]
    assert record.notice == site_of(of).notice.digest


def test_a_refusal_at_either_release_ends_it_at_both(release: Release, minimal: Notice) -> None:
    old, new = release(minimal), release(changed(minimal, "analytics"))
    for at, other in ((old, new), (new, old)):
        for action, keys in (("refuse", ("analytics",)), ("reject_all", ()), ("save", ("functional", "marketing"))):
            visitor = Visitor((old, new))
            visitor.send(old, "accept_all")
            visitor.send(new, "accept_all")
            assert visitor.is_granted("analytics", other)

            visitor.send(at, action, *keys)
            assert not visitor.is_granted("analytics", other)
            assert not visitor.look(other)
            for each in (old, new):
                with each.app_context():
                    assert not processing.granted(visitor.state().subject, "analytics")


def test_a_refusal_of_one_purpose_leaves_alone_what_only_the_other_release_asks(
    release: Release, minimal: Notice
) -> None:
    old, new = release(minimal), release(without(minimal, "marketing"))
    visitor = Visitor((old, new))
    visitor.send(old, "accept_all")
    visitor.send(new, "refuse", "analytics")
    assert visitor.is_granted("marketing", old)

    visitor.send(new, "withdraw_all")
    assert not visitor.is_granted("marketing", old)
    with old.app_context():
        assert not processing.granted(visitor.state().subject, "marketing")


def test_a_retry_is_answered_by_whichever_process_gets_it(release: Release, minimal: Notice) -> None:
    old = release(minimal)
    visitor = Visitor((old,))
    visitor.send(old, "reject_all")
    jar = dict(visitor.jar)
    assert visitor.send(old, "accept_all", key="k" * 22).status_code == 201

    others = [
        release(changed(minimal, "analytics", effective="2026-11-25")),
        release(without(minimal, "marketing")),
        release(minimal, CONSENT_AGE={"child_below": 14}),
        release(
            replace(
                minimal, controller=replace(minimal.controller, name=Text(dict.fromkeys(minimal.locales, "Other Shop")))
            )
        ),
    ]
    for other in others:
        visitor.jar = dict(jar)
        again = visitor.send(old, "accept_all", key="k" * 22, at=other)
        assert again.status_code == 200
        assert visitor.is_granted("functional", other)
        with other.app_context():
            assert processing.granted(visitor.state().subject, "functional")
    assert visitor.send(old, "reject_all", key="k" * 22, at=others[0]).status_code == 409  # that is another act


def test_a_later_answer_at_the_older_release_does_not_make_the_newer_announce_its_changes_again(
    release: Release, minimal: Notice
) -> None:
    old, new = release(minimal), release(changed(minimal, "analytics", effective="2026-11-25"))
    visitor = Visitor((old, new))
    visitor.send(new, "accept_all")
    visitor.send(old, "save", "functional")

    assert visitor.state().notice == site_of(new).notice.digest[:8]
    assert not visitor.look(new)
    assert visitor.state().decisions[site_of(new).notice.options["analytics"].fingerprint].granted is False


def test_a_release_that_is_taken_back_asks_nobody_again(release: Release, minimal: Notice) -> None:
    old = release(minimal)
    visitor = Visitor((old,))
    visitor.send(old, "save", "functional", "analytics")
    new = release(changed(minimal, "analytics"))
    visitor.look(new)
    visitor.press("accept_all", new)

    back = release(minimal)
    assert not visitor.look(back)
    assert visitor.is_granted("analytics", back)
    third = release(changed(minimal, "marketing", version="1.3.0"))
    assert visitor.look(third)


def test_an_answer_to_the_announced_notice_waits_for_its_day(release: Release, minimal: Notice) -> None:
    later = changed(minimal, "analytics", effective=day(20))
    old = release(minimal)
    store = site_of(old).store
    store.publish(minimal)  # type: ignore[attr-defined]
    store.publish(later)  # type: ignore[attr-defined]
    process, draft = release(minimal), release(later)
    assert site_of(draft).notice == minimal
    assert Visitor((process,)).send(process, "accept_all", notice=later.digest).status_code == 409


def test_unknown_tags_leave_room_for_what_the_notice_itself_asks(release: Release, minimal: Notice) -> None:
    app = release(minimal)
    visitor = Visitor((app,))
    visitor.send(app, "accept_all")
    full = visitor.state()
    last = max(each.until for each in full.decisions.values())
    theirs = {f"{n:03}x": Decision(True, last - n % 100) for n in range(400)}
    (choice,) = site_of(app).store.history(full.subject)  # type: ignore[attr-defined]
    after = full._replace(decisions=full.decisions | theirs).after(replace(choice, seq=2), minimal)

    signer = site_of(app).token_signer
    assert signer.read(signer.write(after)) == after
    assert len(after.decisions) == 200
    assert full.decisions.keys() <= after.decisions.keys()
    left = [each.until for tag, each in theirs.items() if tag not in after.decisions]
    assert max(left) <= min(each.until for tag, each in after.decisions.items() if tag in theirs)


def test_code_that_is_ahead_of_the_notice_gets_no_and_one_line_in_the_log(
    release: Release, minimal: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    app = release(without(minimal, "marketing"))
    visitor = Visitor((app,))
    visitor.send(app, "accept_all")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert not visitor.is_granted("marketing", app)
            with app.app_context():
                assert not processing.granted(visitor.state().subject, "marketing")
                assert not processing.use(visitor.state().subject, "marketing")
                assert not processing.may_share(visitor.state().subject, "acme")
                assert not processing.granted_service(visitor.state().subject, "acme")
    asked = [record.getMessage() for record in caplog.records if "counts as not granted" in record.getMessage()]
    assert len(asked) == len(set(asked)) == 3
    assert "'marketing'" in asked[0]


def test_in_the_sites_own_tests_a_typing_error_is_found_and_a_purpose_of_the_draft_is_not_yet_granted(
    release: Release, minimal: Notice
) -> None:
    in_force = without(minimal, "marketing", version="0.9.0")
    site_of(release(in_force)).store.publish(in_force)  # type: ignore[attr-defined]
    app = release(minimal)
    app.testing = True
    visitor = Visitor((app,))

    assert not visitor.is_granted("marketing", app)
    with pytest.raises(Exception, match="no purpose 'marketign'"):
        visitor.is_granted("marketign", app)


def test_the_log_says_when_a_published_notice_is_newer_than_the_file(
    release: Release, minimal: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    newer = changed(minimal, "analytics", effective="2026-11-25")
    store = site_of(release(minimal)).store
    store.publish(minimal)  # type: ignore[attr-defined]
    store.publish(newer, unannounced=True)  # type: ignore[attr-defined]
    for file in (minimal, replace(minimal, version="1.0.9")):
        caplog.clear()
        app: Flask = release(file)

        assert site_of(app).notice == newer
        (line,) = [record.getMessage() for record in caplog.records if "1.1.0" in record.getMessage()]
        assert "newer than" in line
        assert file.version in line


@pytest.mark.parametrize("turned", [False, True])
def test_the_texts_of_a_page_are_those_of_its_own_notice_from_either_process(
    release: Release, shop: Notice, turned: bool
) -> None:
    processes = release(shop), release(changed(shop, "analytics"))
    of, at = reversed(processes) if turned else processes
    digest = site_of(of).notice.digest[:16]
    visitor = Visitor(processes)
    for path in ("zh-CN", "en", "notice.en", "ask.order_notes.en"):
        own, other = (visitor.open(f"/consent/i18n/{path}.json?{digest}", each) for each in (of, at))
        assert own.status_code == other.status_code
        assert own.json == other.json


def test_no_text_of_another_notice_is_sent_instead_of_one_that_nobody_knows(release: Release, minimal: Notice) -> None:
    app = release(minimal)
    client = app.test_client()
    assert client.get(f"/consent/i18n/en.json?{'0' * 16}").status_code == 404
    for others in ("", "?", "?x=1", "?" + "É" * 16):
        assert client.get(f"/consent/i18n/en.json{others}").json["notice"] == minimal.digest[:16]  # type: ignore[index]
