"""SIGHUP: the service takes up what its files say now, or says why not, and nobody who asks it meanwhile notices."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from consent_widget.service.app import create_service

from ..support.choice_body import choice_body
from ..support.services import SHOP, SITES, TOP, running, written

pytestmark = pytest.mark.slow
#: The same again, for those who want to know: CW_RELOADS=50.
ROUNDS = int(os.environ.get("CW_RELOADS", "6"))
WORKERS = 2
BROKEN = (
    ("[sites.shop", "is not well-formed TOML"),
    (TOP + SITES.replace(SHOP, "*"), "sites.shop.origins: each must be a scheme and a host"),
    (TOP + SITES.replace('"shop"', '"own.toml"'), "sites.shop.notice: "),
    (TOP.replace("keys = [", 'keys = ["x", ') + SITES, "keys: every key needs 16 characters"),
)


class Running:
    """A service, what it logs, and what its visitors meet."""

    def __init__(self, path: Path, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.path, self.url, self._process, self._log = path, url, process, log

    def reload(self, text: str, said: str, times: int) -> str:
        """Write the file, send the signal, and wait until the log has said this so many times more."""
        before = self.log().count(said)
        self.path.write_text(text, "utf-8")
        self._process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 60
        while self.log().count(said) < before + times:
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)
        return self.log()

    def log(self) -> str:
        return self._log.read_text("utf-8")

    def script(self) -> str:
        with urllib.request.urlopen(f"{self.url}/consent/shop/widget.js?lang=en") as response:
            return str(response.read().decode())


@contextmanager
def service(folder: Path, *arguments: str) -> Iterator[Running]:
    path, log = written(folder), folder / "log"
    with (
        log.open("w", encoding="utf-8") as out,
        running(path, "--workers", str(WORKERS), *arguments, log=out) as (url, process),
    ):
        yield Running(path, url, process, log)


def visit(url: str, body: Callable[[], Any], keep_open: bool, stop: Event, failed: list[str], done: list[int]) -> None:
    """Ask, choose and read, again and again."""
    headers = {"Origin": SHOP, "Content-Type": "application/json"}
    connection = None
    while not stop.is_set():
        for method, path in (("GET", "widget.js"), ("POST", "records"), ("GET", "notice")):
            connection = connection or http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
            try:
                content = json.dumps(body()) if method == "POST" else None
                connection.request(method, f"/consent/shop/{path}", content, headers)
                response = connection.getresponse()
                response.read()
                done.append(response.status)
                if response.status >= 400:
                    failed.append(f"{method} {path}: {response.status}")
            except (OSError, http.client.HTTPException) as error:
                failed.append(f"{method} {path}: {error!r}")
                connection = None
            if connection and not keep_open:
                connection.close()
                connection = None
    if connection:
        connection.close()


def test_no_request_fails_while_good_and_broken_files_are_read(tmp_path: Path) -> None:
    colours = ("#123456", "#654321")
    good = [TOP + SITES.replace('"shop"\n', f'"shop"\ntheme.accent = "{colour}"\n') for colour in colours]
    made = create_service(written(tmp_path))
    notice = made.sites["shop"].extensions["consent_widget"].notice
    made.close()
    stop, failed, done = Event(), list[str](), list[int]()
    with service(tmp_path) as shop:
        visitors = [
            Thread(target=visit, args=(shop.url, lambda: choice_body(notice), keep_open, stop, failed, done))
            for keep_open in (True, False, True)
        ]
        for visitor in visitors:
            visitor.start()
        for n in range(ROUNDS):
            shop.reload(good[n % 2], "Reloaded: 2 sites", WORKERS)
            assert colours[n % 2] in shop.script()
            text, why = BROKEN[n % len(BROKEN)]
            log = shop.reload(text, "Not reloaded, the service goes on as it was: ", 1)
            assert why in log.rpartition("Not reloaded")[2]
            assert colours[n % 2] in shop.script()
        before = len(done)
        while len(done) < before + 50 and not failed:
            time.sleep(0.02)
        stop.set()
        for visitor in visitors:
            visitor.join()

    assert failed == []


def test_a_new_key_is_taken_up_and_what_the_old_one_signed_still_counts(tmp_path: Path) -> None:
    def post(url: str, path: str, body: object) -> Any:
        request = urllib.request.Request(
            f"{url}/consent/shop/{path}",
            json.dumps(body).encode(),
            {"Origin": SHOP, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    made = create_service(written(tmp_path))
    notice = made.sites["shop"].extensions["consent_widget"].notice
    made.close()
    with service(tmp_path) as shop:
        before = post(shop.url, "records", choice_body(notice))["token"]
        keys = TOP.replace('"]', '", "another-key-0123456789"]')
        shop.reload(keys + SITES, "Reloaded: 2 sites", WORKERS)
        after = post(shop.url, "records", choice_body(notice))["token"]

        assert [post(shop.url, "verify", {"token": token})["genuine"] for token in (before, after)] == [True, True]
        only_new = TOP.replace("keys = [", 'keys = ["another-key-0123456789"]\n#')
        shop.reload(only_new + SITES, "Reloaded: 2 sites", WORKERS)
        assert [post(shop.url, "verify", {"token": token})["genuine"] for token in (before, after)] == [False, True]


def test_the_log_can_be_read_by_programs(tmp_path: Path) -> None:
    with service(tmp_path, "--logs", "json") as shop:
        shop.reload("[sites.shop", "Not reloaded", 1)
    lines = [json.loads(line) for line in shop.log().splitlines()]

    assert {"time", "level", "process", "logger", "message"} <= set(lines[0])
    assert [line["level"] for line in lines if "Not reloaded" in line["message"]] == ["error"]
    assert any(line["logger"] == "granian" for line in lines)
