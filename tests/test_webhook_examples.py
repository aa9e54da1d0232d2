"""The receivers in `examples/webhooks`, as docs/webhooks.md tells to run them."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from consent_widget import SQLStore, processing
from consent_widget.delivery.message import Message, recorded, told
from consent_widget.delivery.signature import signatures
from consent_widget.testing.stores import make_choice
from examples.webhooks.inbox import Inbox
from examples.webhooks.receiver import create_app

from .conftest import CONTROLLER, HERE, MakeApp
from .support.choice_body import choice_body
from .support.receiving import SECRET

KEY = b"secret for tests only, 32 bytes!"


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The app at an address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/consent"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(client: FlaskClient, message: Message, **changed: str) -> int:
    """Send a message as the package does, or with something changed."""
    now = int(time.time())
    headers = {
        "webhook-id": message.id, "webhook-timestamp": str(now),
        "webhook-signature": signatures([KEY], message.id, now, message.body), "Content-Type": "application/json",
    }  # fmt: skip
    return client.post("/consent", data=message.body, headers=headers | changed).status_code


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "consents.sqlite")


@pytest.fixture
def client(inbox: Inbox) -> FlaskClient:
    return create_app(SECRET, inbox).test_client()


def test_the_receiver_follows_what_a_visitor_chooses(inbox: Inbox, make_app: MakeApp, tmp_path: Path) -> None:
    with serving(create_app(SECRET, inbox)) as url:
        site = make_app(
            CONSENT_DATABASE=f"sqlite:///{tmp_path / 'shop.sqlite'}",
            CONSENT_WEBHOOKS={"crm": {"url": url, "secret": SECRET}},
        )
        store, notice = site.extensions["consent_widget"].store, site.extensions["consent_widget"].notice
        visitor, runner = site.test_client(), site.test_cli_runner()
        visitor.post("/consent/records", json=choice_body(notice, "save", "analytics"), headers=HERE)
        runner.invoke(args=["consent", "deliver"])
        (subject,) = {choice.subject for choice in store.export()}
        assert inbox.consents(subject) == {"analytics": True, "functional": False, "marketing": False}

        visitor.post("/consent/records", json=choice_body(notice, "reject_all"), headers=HERE)
        runner.invoke(args=["consent", "deliver"])
        assert inbox.consents(subject) == dict.fromkeys(("analytics", "functional", "marketing"), False)

        with site.app_context():
            processing.erase(subject)
        assert runner.invoke(args=["consent", "deliver"]).output == "crm: 1 sent, 0 waiting.\n"
        assert inbox.consents(subject) == {}


def test_the_receiver_takes_a_message_once(client: FlaskClient, inbox: Inbox) -> None:
    first = make_choice(purposes={"analytics": True})
    second = make_choice(subject=first.subject, seq=2, purposes={"analytics": False})

    assert [send(client, recorded(each)) for each in (first, second, first)] == [204] * 3
    assert inbox.consents(first.subject) == {"analytics": False}


def test_the_receiver_ends_what_has_ended(client: FlaskClient, inbox: Inbox) -> None:
    choice = make_choice(purposes={"analytics": True, "ads": True})
    send(client, recorded(choice))
    detail = {"purposes": ["analytics"], "reason": "expired", "receipts": [choice.id]}

    assert send(client, told("consent.ended", "", choice.subject, 1, detail)) == 204
    assert inbox.consents(choice.subject) == {"analytics": False, "ads": True}


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1700000000"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": f"v1,{b64encode(bytes(32)).decode()}"},
        {"webhook-signature": f"v1a,{b64encode(bytes(64)).decode()} v2,é"},
    ],
)
def test_the_receiver_takes_nothing_that_was_changed(
    client: FlaskClient, inbox: Inbox, changed: dict[str, str]
) -> None:
    choice = make_choice(purposes={"analytics": True})

    assert send(client, recorded(choice), **changed) == 401
    assert inbox.consents(choice.subject) == {}


@pytest.mark.parametrize("age", [-400, 400])
def test_the_receiver_takes_nothing_of_another_time_another_secret_or_another_body(
    client: FlaskClient, inbox: Inbox, age: int
) -> None:
    choice = make_choice(purposes={"analytics": True})
    message, then, now = recorded(choice), int(time.time()) - age, int(time.time())
    altered = Message(message.id, message.subject, message.body.replace(b"true", b"false"))
    spaced = Message(message.id, message.subject, json.dumps(json.loads(message.body)).encode())
    right = signatures([KEY], message.id, now, message.body)

    old = {"webhook-timestamp": str(then), "webhook-signature": signatures([KEY], message.id, then, message.body)}
    assert send(client, message, **old) == 401
    other = {"webhook-timestamp": str(now), "webhook-signature": signatures([bytes(32)], message.id, now, message.body)}
    assert send(client, message, **other) == 401
    for body in (altered, spaced):
        assert send(client, body, **{"webhook-timestamp": str(now), "webhook-signature": right}) == 401
    assert inbox.consents(choice.subject) == {}


def test_the_receiver_believes_either_of_two_signatures(client: FlaskClient, inbox: Inbox) -> None:
    message, now = recorded(make_choice()), int(time.time())
    both = signatures([bytes(32), KEY], message.id, now, message.body)

    assert send(client, message, **{"webhook-timestamp": str(now), "webhook-signature": both}) == 204


def test_a_format_that_the_receiver_does_not_know_waits_for_one_that_does(client: FlaskClient) -> None:
    message = recorded(make_choice())
    client.application.testing = client.application.config["PROPAGATE_EXCEPTIONS"] = False
    newer = Message(message.id, message.subject, message.body.replace(b'"format":1', b'"format":2'))

    assert send(client, newer) == 500


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    monkeypatch.setenv("JOBS_FOLDER", str(tmp_path))
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("SHOP_APP", "shop")
    from examples.webhooks import jobs

    module = importlib.reload(jobs)
    yield module
    module.huey.storage.close()


def test_with_huey_a_message_is_kept_and_worked_on_later(jobs: ModuleType) -> None:
    client, choice = jobs.create_app().test_client(), make_choice(purposes={"analytics": True})

    assert [send(client, recorded(choice)) for _ in range(2)] == [204, 204]
    assert jobs.inbox.consents(choice.subject) == {}
    assert send(client, recorded(choice), **{"webhook-id": "msg_other"}) == 401
    for _ in range(2):
        jobs.huey.execute(jobs.huey.dequeue())
    assert jobs.inbox.consents(choice.subject) == {"analytics": True}
    assert jobs.huey.dequeue() is None


def test_with_huey_messages_are_sent_each_minute(
    jobs: ModuleType, inbox: Inbox, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(create_app(SECRET, inbox)) as url:
        config = {"CONSENT_DATABASE": f"sqlite:///{tmp_path / 'shop.sqlite'}", "CONSENT_KEYS": [KEY.decode()],
                  "CONSENT_CONTROLLER": CONTROLLER, "CONSENT_WEBHOOKS": {"crm": {"url": url, "secret": SECRET}}}  # fmt: skip
        source = f"from flask import Flask\nfrom consent_widget import ConsentWidget\napp = Flask(__name__)\napp.config.update({config!r})\nConsentWidget(app)\n"
        (tmp_path / "shop.py").write_text(source, "utf-8")
        site = make_app(**config)
        body = choice_body(site.extensions["consent_widget"].notice, "save", "analytics")
        site.test_client().post("/consent/records", json=body, headers=HERE)
        (task,) = jobs.huey.read_periodic(datetime(2026, 11, 29, 12, 1))
        jobs.huey.execute(task)

    (choice,) = site.extensions["consent_widget"].store.export()
    assert inbox.consents(choice.subject)["analytics"] is True


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A NATS server with JetStream."""
    program = shutil.which("nats-server") or str(Path(sys.executable).with_name("nats-server"))
    if not Path(program).exists():
        pytest.skip("There is no nats-server for this machine.")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("nats")
    log = folder / "log"
    command = [program, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder), "-l", str(log)]
    with subprocess.Popen(command) as server:
        while "Server is ready" not in (log.read_text("utf-8") if log.exists() else ""):
            assert server.poll() is None
            time.sleep(0.01)
        yield f"nats://127.0.0.1:{port}"
        server.terminate()


async def stream_of(url: str) -> list[tuple[str, str, str]]:
    """What the stream holds: subject, id, and the subject of the message."""
    import nats

    client = await nats.connect(url)
    stream = client.jetstream()
    state = (await stream.stream_info("CONSENT")).state
    found = []
    for number in range(1, state.messages + 1):
        message = await stream.get_msg("CONSENT", number)
        assert message.data
        assert message.headers
        content = json.loads(message.data)
        found.append((str(message.subject), message.headers["Nats-Msg-Id"], content["data"]["subject"]))
    await client.close()
    return found


def test_the_bridge_publishes_each_message_once_in_the_order_of_its_visitor(
    broker: str, make_app: MakeApp, tmp_path: Path
) -> None:
    from examples.webhooks.to_nats import Broker
    from examples.webhooks.to_nats import create_app as create_bridge

    store, connection = SQLStore(f"sqlite:///{tmp_path / 'shop.sqlite'}"), Broker(broker)
    with serving(create_bridge(SECRET, connection)) as url:
        site = make_app(CONSENT_STORE=store, CONSENT_WEBHOOKS={"nats": {"url": url, "secret": SECRET}})
        notice, visitor = site.extensions["consent_widget"].notice, site.test_client()
        for _ in range(2):
            visitor.post("/consent/records", json=choice_body(notice, "accept_all"), headers=HERE)
            visitor.post("/consent/records", json=choice_body(notice, "reject_all"), headers=HERE)
        for args in (["deliver"], ["deliver", "--resume", "nats", "--since", "2026-01-01"], ["deliver"]):
            result = site.test_cli_runner().invoke(args=["consent", *args])
            assert result.exit_code == 0, result.output
    found = asyncio.run(stream_of(broker))
    connection.close()

    records = [f"msg_{choice.id.replace('-', '')}" for choice in store.export()]
    published = [id for subject, id, _ in found if subject == "consent.choice.recorded"]
    assert published == records
    assert "consent.consent.ended" in {subject for subject, *_ in found}


def test_the_bridge_takes_nothing_while_the_broker_is_away_and_nothing_that_is_forged() -> None:
    from examples.webhooks.to_nats import Broker
    from examples.webhooks.to_nats import create_app as create_bridge

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    connection = Broker(f"nats://127.0.0.1:{port}")
    client = create_bridge(SECRET, connection).test_client()

    assert send(client, recorded(make_choice())) == 503
    assert send(client, recorded(make_choice()), **{"webhook-id": "msg_other"}) == 401
    connection.close()


def test_every_example_and_command_of_the_page_exists() -> None:
    root = Path(__file__).parent.parent
    text = (root / "docs" / "webhooks.md").read_text("utf-8")

    for path in re.findall(r"\(\.\./(examples/[^)]+)\)", text):
        assert (root / path).exists(), path
    for module in re.findall(r"--app (examples\.\S+)", text):
        assert (root / f"{module.replace('.', '/')}.py").exists(), module
