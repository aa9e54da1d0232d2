"""`flask consent deliver` and `consent-widget deliver`: everything from the setting to the receiver."""

from __future__ import annotations

import logging
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, SQLStore, consent_ended, processing
from consent_widget.choice.act import new_subject
from consent_widget.choice.replay import Grant
from consent_widget.delivery import delivering as delivering_module
from consent_widget.delivery.delivering import Delivering
from consent_widget.delivery.status import receivers
from consent_widget.notice.model import Notice
from consent_widget.service.command import main
from consent_widget.store.deliveries import Deliveries
from consent_widget.store.tables import DELIVERIES
from consent_widget.subject.endings import announce_ended
from examples.jsonlines_store import JSONLinesStore

from ..conftest import CONTROLLER, HERE, KEY, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body
from ..support.receiving import SECRET, Answer, Receiving, Taken, receiving


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore, crm: Receiving) -> Flask:
    return make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store, CONSENT_WEBHOOKS=crm.config())


def deliver(app: Flask, *args: str, fails: bool = False) -> str:
    result = app.test_cli_runner().invoke(args=["consent", "deliver", *args])
    assert result.exit_code == int(fails), result.output
    return str(result.output)


def choose(app: Flask, client: FlaskClient, *granted: str) -> None:
    body = choice_body(app.extensions["consent_widget"].notice, "save", *granted)
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201


def test_a_choice_is_delivered_with_its_record(app: Flask, store: SQLStore, crm: Receiving) -> None:
    choose(app, app.test_client(), "data_analytics")

    assert deliver(app) == "crm: 1 sent, 0 waiting.\n"
    assert deliver(app) == "crm: 0 sent, 0 waiting.\n"
    (message,), (choice,) = crm.taken, store.export()
    assert message.content["data"] == choice.plain() | {"purposes": dict(choice.purposes)}


def test_a_withdrawal_is_told_as_an_end_after_its_record(app: Flask, crm: Receiving) -> None:
    client = app.test_client()
    choose(app, client, "data_analytics", "service_research")
    choose(app, client, "data_analytics")

    assert deliver(app) == "crm: 3 sent, 0 waiting.\n"
    assert [message.type for message in crm.taken] == ["choice.recorded", "choice.recorded", "consent.ended"]
    ended = crm.taken[-1].content
    assert ended["data"] == {
        "subject": crm.taken[0].subject,
        "purposes": ["service_research"],
        "reason": "withdrawn",
        "receipts": [crm.taken[0].content["data"]["id"]],
    }
    assert ended["timestamp"] == crm.taken[1].content["timestamp"]


def test_what_has_run_out_is_told_once_by_the_daily_job(
    app: Flask, store: SQLStore, shop: Notice, crm: Receiving
) -> None:
    subject = new_subject()
    act(store, shop, subject, "save", "data_analytics", ago=shop.lifetime_days + 1)
    for _ in range(2):
        result = app.test_cli_runner().invoke(args=["consent", "expire"])
        assert result.exit_code == 0, result.output
    deliver(app)

    assert [message.type for message in crm.taken] == ["choice.recorded", "consent.ended"]
    assert crm.taken[-1].content["data"]["reason"] == "expired"


def test_an_end_is_claimed_only_together_with_its_message(
    app: Flask, store: SQLStore, shop: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = new_subject()
    granted = act(store, shop, subject, "save", "data_analytics", ago=shop.lifetime_days + 1)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context, app.app_context():
        context.setattr(Deliveries, "_queue", killed)
        with pytest.raises(KeyboardInterrupt):
            announce_ended(app.extensions["consent_widget"], subject)

    assert store.claimed([Grant(granted.id, "data_analytics")]) == []


def test_receivers_are_told_of_an_end_once_however_often_code_of_the_app_fails(
    app: Flask, make_app: MakeApp, store: SQLStore, shop: Notice, crm: Receiving
) -> None:
    purposes = tuple(replace(each, revision=2) if each.id == "data_analytics" else each for each in shop.purposes)
    notice = replace(shop, version="2.0.0", purposes=purposes)
    later = make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store, CONSENT_WEBHOOKS=crm.config())
    act(store, shop, new_subject(), "save", "data_analytics")
    told: list[str] = []

    def fails(_: Flask, **ended: object) -> None:
        raise OSError("the mailing tool is away")

    def works(_: Flask, **ended: object) -> None:
        told.append(str(ended["reason"]))

    for listener in (fails, fails, works, works):
        with consent_ended.connected_to(listener):
            later.test_cli_runner().invoke(args=["consent", "expire"])
        deliver(later)

    assert [message.type for message in crm.taken] == ["choice.recorded", "consent.ended"]
    assert told == ["changed"]


def test_a_choice_writes_nothing_for_receivers_while_the_visitor_waits(app: Flask, store: SQLStore) -> None:
    client = app.test_client()
    choose(app, client, "data_analytics")
    choose(app, client)

    with store._reading() as connection:
        assert connection.execute(sa.select(DELIVERIES)).all() == []


def test_an_erasure_is_told(app: Flask, store: SQLStore, crm: Receiving) -> None:
    choose(app, app.test_client())
    deliver(app)
    (subject,) = {choice.subject for choice in store.export()}
    with app.app_context():
        processing.erase(subject)
    deliver(app)

    assert [message.type for message in crm.taken] == ["choice.recorded", "subject.erased"]


def test_a_purge_that_leaves_something_of_a_visitor_tells_no_erasure(
    app: Flask, store: SQLStore, shop: Notice, crm: Receiving
) -> None:
    kept, gone = new_subject(), new_subject()
    for subject in (kept, gone):
        act(store, shop, subject, "save", ago=5000)
    act(store, shop, kept, "save")
    app.test_cli_runner().invoke(args=["consent", "purge"])
    deliver(app)

    assert [message.subject for message in crm.taken if message.type == "subject.erased"] == [gone]


def test_a_receiver_that_fails_is_named_with_its_error_and_nothing_of_anybody(
    app: Flask, store: SQLStore, crm: Receiving
) -> None:
    choose(app, app.test_client())
    crm.answer = lambda _: (503, {})
    said = deliver(app, fails=True)
    (subject,) = {choice.subject for choice in store.export()}

    assert "crm: 0 sent, 1 waiting." in said
    assert "last error" in said
    assert ": 503" in said
    assert "Not all was delivered" in said
    assert subject not in said
    assert crm.url not in said


def test_the_status_says_how_far_a_receiver_is(app: Flask, store: SQLStore, crm: Receiving) -> None:
    assert deliver(app, "--status") == "crm: works, 0 waiting\n"
    choose(app, app.test_client())
    assert "crm: works, 1 waiting, the oldest since 20" in deliver(app, "--status")
    crm.answer = lambda _: (422, {})
    deliver(app, fails=True)
    assert "1 of them not taken, of 1 visitor" in deliver(app, "--status")
    with app.app_context():
        (status,) = receivers(app.extensions["consent_widget"])
    assert (status.waiting, status.refused, status.subjects, status.error) == (1, 1, 1, "422")

    crm.answer = lambda _: (204, {})
    assert deliver(app, "--resume", "crm") == "crm: is sent to again.\n"
    assert deliver(app) == "crm: 1 sent, 0 waiting.\n"
    assert deliver(app, "--resume", "crm", "--since", "2026-01-01") == "crm: is sent to again.\n"
    assert deliver(app) == "crm: 1 sent, 0 waiting.\n"


def test_a_receiver_that_is_gone_is_logged_once_with_what_to_do(
    app: Flask, crm: Receiving, caplog: pytest.LogCaptureFixture
) -> None:
    choose(app, app.test_client())
    crm.answer = lambda _: (410, {})
    with caplog.at_level(logging.WARNING), closing(Delivering([app], Event())) as delivering:
        for _ in range(3):
            delivering.once()

    assert [record.message for record in caplog.records] == [
        "Webhook crm answers 410 Gone, and is sent nothing until: flask consent deliver --resume crm"
    ]
    assert "stopped" in deliver(app, fails=True)


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["--since", "2026-01-01"], "say with --resume which receiver"),
        (["--resume", "other"], "There is no receiver other"),
        (["--forget", "crm"], "still named in CONSENT_WEBHOOKS"),
    ],
)
def test_what_cannot_be_done_is_said(app: Flask, args: list[str], error: str) -> None:
    assert error in deliver(app, *args, fails=True)


def test_a_receiver_that_is_named_no_more_is_shown_until_it_is_forgotten(
    app: Flask, make_app: MakeApp, store: SQLStore, crm: Receiving
) -> None:
    without = make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store)

    assert deliver(without, "--status") == "crm: removed, 0 waiting\n"
    assert "There is no receiver. Name one" in deliver(without, fails=True)
    assert deliver(without, "--forget", "crm") == "crm: is forgotten.\n"
    assert deliver(without, "--status").startswith("There is no receiver.")


def test_a_store_of_ones_own_has_no_receivers(make_app: MakeApp, tmp_path: Path, crm: Receiving) -> None:
    with (
        closing(JSONLinesStore(tmp_path / "choices")) as store,
        pytest.raises(ConfigurationError, match="WEBHOOKS: mess"),
    ):
        make_app(CONSENT_STORE=store, CONSENT_WEBHOOKS=crm.config())


@contextmanager
def watching(apps: list[Flask]) -> Iterator[None]:
    stop = Event()
    with closing(Delivering(apps, stop)) as delivering:
        thread = Thread(target=delivering.watch)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def test_a_slow_receiver_keeps_no_other_waiting_and_what_comes_is_sent_soon(
    make_app: MakeApp, store: SQLStore, crm: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering_module, "LOOK", 0.01)
    blocked, told = Event(), Event()
    crm.answer = lambda _: (204, {}) if blocked.wait(10) else (500, {})
    with receiving() as mail:
        mail.answer = lambda _: (told.set(), (204, {}))[1]
        app = make_app(CONSENT_STORE=store, CONSENT_WEBHOOKS={**crm.config(), "mail": mail.config()["crm"]})
        client = app.test_client()
        choose(app, client)
        with watching([app]):
            assert told.wait(10)
            told.clear()
            choose(app, client)  # while the first receiver has not answered
            assert told.wait(10)
            blocked.set()

    assert [message.seq for message in crm.taken][:1] == [1]


def test_while_the_database_is_away_it_waits_and_then_goes_on(
    app: Flask, store: SQLStore, crm: Receiving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivering_module, "LOOK", 0.01)
    monkeypatch.setattr(delivering_module, "AWAY", 0.01)
    choose(app, app.test_client())
    tried, told = Event(), Event()
    crm.answer = lambda _: (told.set(), (204, {}))[1]

    def away(*_: object) -> None:
        tried.set()
        raise sa.exc.OperationalError("", {}, Exception("away"))

    sa.event.listen(store._engine, "before_cursor_execute", away)
    with watching([app]):
        assert tried.wait(10)
        sa.event.remove(store._engine, "before_cursor_execute", away)
        assert told.wait(10)

    assert len([record for record in caplog.records if "No messages are sent until it can" in record.message]) == 1


SITES = """
url = "https://consent.example"
keys = ["{key}"]
database = "sqlite:///{folder}/consent.sqlite"
{sites}
"""
SITE = """
[sites.{id}]
origins = ["https://{id}.example"]
[sites.{id}.controller]
name = "Shop"
address = "Road 1"
email = "privacy@shop.example"
phone = "+86 10 0000 0000"
[sites.{id}.webhooks.crm]
url = "{url}"
secret = "{secret}"
"""


def test_each_site_of_a_service_has_receivers_of_its_own(tmp_path: Path, crm: Receiving) -> None:
    from consent_widget.service.app import create_service

    with receiving() as other:
        places = {"shop": crm, "club": other}
        sites = "".join(SITE.format(id=id, url=each.url, secret=SECRET) for id, each in places.items())
        config = tmp_path / "sites.toml"
        config.write_text(SITES.format(key=KEY, folder=tmp_path, sites=sites), "utf-8")
        with closing(create_service(config)) as service:
            for id, app in service.sites.items():
                body = choice_body(app.extensions["consent_widget"].notice)
                headers = {"Origin": f"https://{id}.example"}
                answer = app.test_client().post(f"/consent/{id}/records", json=body, headers=headers)
                assert answer.status_code == 201
        result = CliRunner().invoke(main, ["deliver", "--config", str(config)])
        status = CliRunner().invoke(main, ["deliver", "shop", "--status", "--config", str(config)])

    assert result.output.splitlines() == ["shop: crm: 1 sent, 0 waiting.", "club: crm: 1 sent, 0 waiting."]
    assert status.output.startswith("shop: crm: works, 0 waiting")
    assert [[message.content["site"] for message in each.taken] for each in places.values()] == [["shop"], ["club"]]


APP = """
from flask import Flask
from consent_widget import ConsentWidget
from consent_widget.delivery import batch, sending
from consent_widget.store import receivers
receivers.LEASE = batch.LEASE = sending.LEASE = 1000
sending.LOOK = 0.02
app = Flask(__name__)
app.config.update({config!r})
ConsentWidget(app)
"""


def process(folder: Path, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flask", "--app", str(folder / "shop.py"), "consent", "deliver", *args]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.slow
def test_killed_again_and_again_it_delivers_everything_in_order(url: str, tmp_path: Path, minimal: Notice) -> None:
    subjects, deaths = [new_subject() for _ in range(12)], {15: None, 35: None}  # after so many messages
    with receiving() as crm, closing(SQLStore(url)) as store:
        config = {"CONSENT_KEYS": [KEY], "CONSENT_CONTROLLER": CONTROLLER, "CONSENT_DATABASE": url,
                  "CONSENT_WEBHOOKS": crm.config()}  # fmt: skip
        (tmp_path / "shop.py").write_text(APP.format(config=config), "utf-8")
        store.expect_receivers("", {"crm": ["choice.recorded"]})
        for _ in range(5):
            for subject in subjects:
                act(store, minimal, subject, "reject_all")
        victims: list[subprocess.Popen[str]] = []
        delivered = Event()

        def answer(_: Taken) -> Answer:
            if deaths and len(crm.asked) >= min(deaths):
                del deaths[min(deaths)]
                victims[-1].kill()
            if len({message.id for message in crm.taken}) == 59:
                delivered.set()
            return (503, {}) if len(crm.asked) % 7 == 0 and deaths else (204, {})

        crm.answer = answer
        for status in (-signal.SIGKILL, -signal.SIGKILL, 0):
            with process(tmp_path, "--watch") as victim:
                victims.append(victim)
                if not status:
                    assert delivered.wait(60)
                    victim.terminate()
                said = victim.communicate()[0]
            assert victim.returncode == status, said
        assert re.search(r"crm: [1-9]\d* sent, ", said)
        with process(tmp_path) as rest:
            assert "0 waiting." in rest.communicate()[0]

    assert [list(dict.fromkeys(crm.seqs(subject))) for subject in subjects] == [[1, 2, 3, 4, 5]] * 12
    assert crm.forged == 0
