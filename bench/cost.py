"""CPU of a request, in this process, side by side: four apps take turns, and only ratios count."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import process_time_ns

from flask import Flask, request
from itsdangerous import Signer
from werkzeug.test import EnvironBuilder, run_wsgi_app

from consent_widget import consent
from consent_widget.site.site import current_site

from .row import Row
from .sites import HERE, choice_body, site

ROUNDS, CALLS = 400, 100
KEY = b"a-key-for-the-benchmarks-0123456789"
OTHERS = "; ".join(f"other_{n}=GA1.2.{n}23456789.17{n}2345678" for n in range(10))


def measure() -> Iterator[Row]:
    """A page that never asks, compared with the bare app; a page that asks once, compared with the cheapest check."""
    token = _token(site())
    cookie = f"{OTHERS}; cw={token}"
    payload = token.rpartition(".")[0].encode()
    mac = hmac.digest(KEY, payload, "sha256").hex()
    signed = Signer(KEY, digest_method=hashlib.sha256).sign(payload).decode()
    apps = {
        "bare": (_with(site(widget=False), lambda: None), cookie),
        "never asked": (_with(site(), lambda: None), cookie),
        "granted": (_with(site(), _granted), cookie),
        "floor": (_with(site(), _hmac), f"{OTHERS}; cw={payload.decode()}.{mac}"),
        "itsdangerous": (_with(site(), _signer), f"{OTHERS}; cw={signed}"),
    }
    calls = {name: _call(app, cookie) for name, (app, cookie) in apps.items()}
    cost = in_turns(calls, ROUNDS, CALLS)
    yield Row("CPU a request: widget never asked / bare app", cost["never asked"] / cost["bare"], 1.05)
    yield Row("CPU a request: `granted()` once / bare app", cost["granted"] / cost["bare"])
    granted, floor, signer = (cost[name] - cost["never asked"] for name in ("granted", "floor", "itsdangerous"))
    yield Row("CPU of `granted()` / scanning the header and HMAC-SHA-256", granted / floor, 3.0)
    yield Row("CPU of `granted()` / scanning the header and itsdangerous", granted / signer)


def in_turns(calls: Mapping[str, Callable[[], object]], rounds: int, times: int) -> Mapping[str, float]:
    """The median CPU of each over the rounds. In each round every call is made so many times before the next one's."""
    took: dict[str, list[int]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = process_time_ns()
            for _ in range(times):
                call()
            took[name].append(process_time_ns() - start)
    return {name: median(each) for name, each in took.items()}


def _with(app: Flask, ask: Callable[[], object]) -> Flask:
    @app.get("/")
    def home() -> str:
        ask()
        return "A page."

    return app


def _call(app: Flask, cookie: str) -> Callable[[], object]:
    environ = EnvironBuilder("/", headers={"Cookie": cookie}).get_environ()
    return lambda: run_wsgi_app(app, environ.copy(), buffered=True)


def _token(app: Flask) -> str:
    client = app.test_client()
    client.post("/consent/records", json=choice_body(app), headers=HERE)
    return client.get_cookie("cw").value  # type: ignore[union-attr]


def _find() -> str:
    found = re.search(r"(?:^|; )cw=([^;]*)", request.environ["HTTP_COOKIE"])
    return found[1] if found else ""


def _granted() -> None:
    site = current_site()
    site.token_signer.remembered.cache_clear()  # as for a visitor who comes to this process for the first time
    assert consent.granted("analytics")


def _hmac() -> None:
    payload, _, mac = _find().rpartition(".")
    assert hmac.compare_digest(hmac.new(KEY, payload.encode(), "sha256").hexdigest(), mac)


def _signer() -> None:
    SIGNER.unsign(_find())


SIGNER = Signer(KEY, digest_method=hashlib.sha256)
