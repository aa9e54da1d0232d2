"""`/metrics`: what Prometheus reads, summed over all processes, and nothing about anybody."""

from __future__ import annotations

import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import pytest
from click.testing import CliRunner

from consent_widget.service.app import create_service
from consent_widget.service.command import main
from consent_widget.service.metrics import Counts, exposition, key

from ..support.choice_body import choice_body
from ..support.services import SHOP, SITES, TOP, running, written

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="[^"\\\n]*",?)+)\})? (\S+)')


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def get(url: str) -> str:
    with urllib.request.urlopen(url) as response:
        return str(response.read().decode())


def send(url: str, path: str, body: object, origin: str = SHOP) -> int:
    headers = {"Origin": origin, "Content-Type": "application/json", "X-Forwarded-For": "198.51.100.7"}
    request = urllib.request.Request(f"{url}/consent/shop/{path}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with closing(error):
            return error.code


def read(text: str) -> dict[str, float]:
    """The numbers on the page by name and labels; every line has to be one of the format's."""
    found = {}
    for line in text.splitlines():
        if not line.startswith(("# HELP consent_widget_", "# TYPE consent_widget_")):
            parts = LINE.fullmatch(line)
            assert parts, line
            found[f"{parts[1]}{{{parts[2] or ''}}}".replace("consent_widget_", "").replace("{}", "")] = float(parts[3])
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    path = written(tmp_path_factory.mktemp("service"), SITES, TOP.replace("rate_limit = 0", "rate_limit = 3"))
    page = f"127.0.0.1:{free_port()}"
    with running(path, "--workers", "2", "--metrics", page) as (url, _):
        yield url, f"http://{page}", path


def test_choices_refusals_and_times_are_counted_over_all_processes(service: tuple[str, str, Path]) -> None:
    url, page, path = service
    with closing(create_service(path)) as made:
        notice = made.sites["shop"].extensions["consent_widget"].notice
    body = choice_body(notice)
    before = read(get(f"{page}/metrics"))
    statuses = [
        send(url, "records", body),
        send(url, "records", body),
        send(url, "records", body, "https://evil.example"),
    ]
    for _ in range(4):
        get(f"{url}/consent/shop/widget.js")
    get(f"{url}/consent/shop/notice")
    after = read(get(f"{page}/metrics"))

    def grown(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert statuses == [201, 200, 403]
    assert after["processes"] == 2
    assert grown(f'choices_total{{site="shop",action="{body["action"]}"}}') == 1
    assert grown('retries_total{site="shop"}') == 1
    assert grown('refused_total{site="shop",status="403"}') == 1
    assert [grown(f'requests_total{{kind="{kind}"}}') for kind in ("choice", "script", "page")] == [3, 4, 1]
    assert (
        grown('request_seconds_count{kind="choice"}') == grown('request_seconds_bucket{kind="choice",le="+Inf"}') == 3
    )
    assert grown('request_seconds_sum{kind="script"}') > 0


def test_floods_are_counted_and_nobody_is_named(service: tuple[str, str, Path]) -> None:
    url, page, path = service
    with closing(create_service(path)) as made:
        notice = made.sites["shop"].extensions["consent_widget"].notice
    statuses = [send(url, "records", choice_body(notice)) for _ in range(12)]
    until_counted, flooded = monotonic() + 20, 'refused_total{site="shop",status="429"}'
    while read(text := get(f"{page}/metrics")).get(flooded) != statuses.count(429) and monotonic() < until_counted:
        sleep(0.02)  # an answer is counted once it is sent

    assert read(text)[flooded] == statuses.count(429) > 0
    assert not re.search(r"198\.51|127\.0|shop\.example|/consent", text)


def test_only_metrics_is_there_and_not_at_the_services_own_address(service: tuple[str, str, Path]) -> None:
    url, page, _ = service
    for address in (f"{page}/", f"{page}/consent/shop/widget.js", f"{url}/metrics"):
        with pytest.raises(urllib.error.HTTPError, match="404") as error:
            get(address)
        error.value.close()


def test_the_classes_of_times_add_up() -> None:
    one, other = Counts(), Counts()
    for counts, seconds in ((one, 0.004), (one, 0.2), (other, 0.2), (other, 99)):
        counts.answered("shop", "GET", "notice", 200, seconds)
    found = read(exposition([one.numbers(), other.numbers()]))
    classes = [
        found[f'request_seconds_bucket{{kind="page",le="{end}"}}'] for end in ("0.005", "0.1", "0.25", "5.0", "+Inf")
    ]

    assert classes == [1, 1, 3, 3, 4]
    assert found['request_seconds_sum{kind="page"}'] == pytest.approx(99.404)


def test_large_numbers_are_exact() -> None:
    page = exposition([{key("requests_total", kind="page"): 12_345_678}])

    assert 'consent_widget_requests_total{kind="page"} 12345678' in page


def test_a_failing_store_is_counted_by_site() -> None:
    counts = Counts()
    counts.answered("shop", "POST", "records", 503, 0.1)
    counts.answered("", "GET", "", 503, 0.1)

    assert counts.numbers()[key("store_errors_total", site="shop")] == 1


@pytest.mark.parametrize("address", ["9100", "127.0.0.1:", "nowhere.invalid:9100", "127.0.0.1:99999", "192.0.2.1:9100"])
def test_an_address_that_cannot_be_used_is_named(tmp_path: Path, address: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--config", str(written(tmp_path)), "--metrics", address])

    assert result.exit_code == 1
    assert f"--metrics: {address} cannot be listened at" in result.output
