"""A bridge to a message broker: NATS with JetStream, which keeps what it has acknowledged on its disk.

    nats-server -js
    WEBHOOK_SECRET=whsec_… flask --app examples.webhooks.to_nats run --port 9000

Every message is published as `consent.choice.recorded` and so on, in the stream CONSENT. The broker drops what it has
had in the last two minutes by the header `Nats-Msg-Id`; consumers drop what comes again later by the same header.
"""

from __future__ import annotations

import asyncio
import os
from threading import Lock, Thread

import nats
from flask import Flask, request
from nats.aio.client import Client
from nats.js.api import StreamConfig

from .verifying import is_genuine

STREAM = StreamConfig(name="CONSENT", subjects=["consent.>"])


class Broker:
    """A connection to NATS, in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url, self._lock = url, Lock()
        self._client: Client | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def publish(self, subject: str, body: bytes, id: str) -> None:
        """Return once the broker has stored the message."""
        with self._lock:
            asyncio.run_coroutine_threadsafe(self._publish(subject, body, id), self._loop).result(10)

    def close(self) -> None:
        """End the connection."""
        if self._client:
            asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _publish(self, subject: str, body: bytes, id: str) -> None:
        if not self._client or not self._client.is_connected:
            self._client = await nats.connect(
                self._url, allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0, connect_timeout=5
            )
            await self._client.jetstream().add_stream(STREAM)
        await self._client.jetstream().publish(subject, body, timeout=5, headers={"Nats-Msg-Id": id})


def create_app(secret: str = "", broker: Broker | None = None) -> Flask:
    """The bridge as a Flask app."""
    app = Flask(__name__)
    secret = secret or os.environ["WEBHOOK_SECRET"]
    stream = broker or Broker(os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))

    @app.post("/consent")
    def consent() -> tuple[str, int]:
        body = request.get_data()
        if not is_genuine(secret, request.headers, body):
            return "", 401
        try:
            stream.publish(f"consent.{request.get_json()['type']}", body, request.headers["webhook-id"])
        except Exception:  # whatever is wrong with the broker: the message comes again
            app.logger.exception("The broker did not take a message.")
            return "", 503
        return "", 204

    return app
