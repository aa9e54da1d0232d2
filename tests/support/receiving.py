"""A receiver of messages, as a site would have one: it verifies what comes with the package of the specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "c2VjcmV0IGZvciB0ZXN0cyBvbmx5LCAzMiBieXRlcyE="


class Taken(NamedTuple):
    """One message."""

    id: str
    content: Mapping[str, Any]

    @property
    def subject(self) -> str:
        return str(self.content["data"]["subject"])

    @property
    def seq(self) -> int:
        return int(self.content["data"].get("seq", 0))

    @property
    def type(self) -> str:
        return str(self.content["type"])


#: Status, and headers.
Answer = tuple[int, dict[str, str]]


class Receiving:
    """`taken` are the messages that were answered with 2xx, in their order; `asked` all that came. `answer` may be set
    to what is to be answered.
    """

    def __init__(self, secret: str = SECRET) -> None:
        self.taken: list[Taken] = []
        self.asked: list[Taken] = []
        self.forged = 0
        self.at_once = self.most_at_once = 0
        self.answer: Callable[[Taken], Answer] = lambda _: (204, {})
        self.url = ""
        self._webhook, self._lock = Webhook(secret), Lock()

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            content = self._webhook.verify(body, dict(headers))
        except (WebhookVerificationError, ValueError):
            self.forged += 1
            return 400, {}
        message = Taken(headers["webhook-id"], content)
        with self._lock:
            self.asked.append(message)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        status, more = self.answer(message)
        with self._lock:
            self.at_once -= 1
            if 200 <= status <= 299:
                self.taken.append(message)
        return status, more

    def config(self, **more: object) -> dict[str, dict[str, object]]:
        """CONSENT_WEBHOOKS."""
        return {"crm": {"url": self.url, "secret": SECRET, **more}}

    def seqs(self, subject: str) -> list[int]:
        """The acts of a subject that were taken."""
        return [each.seq for each in self.taken if each.subject == subject and each.type == "choice.recorded"]


@contextmanager
def receiving(secret: str = SECRET, port: int = 0) -> Iterator[Receiving]:
    """A receiver that runs."""
    receiver = Receiving(secret)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            if len(body := self.rfile.read(length)) < length:
                return  # whoever sent was killed
            status, more = receiver.receive(body, self.headers)  # type: ignore[arg-type]
            self.send_response(status)
            for name, value in {"Content-Length": "0", **more}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever sent was killed."""

    with Server(("127.0.0.1", port), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/consent"
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
