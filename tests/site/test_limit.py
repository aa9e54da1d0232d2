from __future__ import annotations

import itertools

import pytest
from flask import render_template_string

from consent_widget.days import DAY
from consent_widget.site import limit
from consent_widget.site.limit import Limit

from ..conftest import HERE, MakeApp
from ..web.test_pages import URL, form, kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(limit.time, "monotonic", lambda: now[0])
    return now


def test_a_minutes_worth_may_come_at_once_and_then_evenly(clock: list[float]) -> None:
    bucket = Limit(6)

    assert [bucket.wait("192.0.2.1") for _ in range(6)] == [0] * 6
    assert bucket.wait("192.0.2.1") == 11
    clock[0] += 10
    assert bucket.wait("192.0.2.1") == 0
    assert bucket.wait("192.0.2.1") > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.200", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        (None, "nonsense", True),
    ],
)
def test_a_network_counts_as_one_place(clock: list[float], one: str | None, other: str, same: bool) -> None:
    bucket = Limit(1)
    bucket.wait(one)

    assert (bucket.wait(other) > 0) is same


def test_no_limit_is_no_limit() -> None:
    assert not any(Limit(0).wait("192.0.2.1") for _ in range(1000))


def test_anything_can_be_counted_with_a_period_of_its_own(clock: list[float]) -> None:
    bucket = Limit(5, DAY, of=str.casefold)

    assert [bucket.wait("Mother@x.example") for _ in range(5)] == [0] * 5
    assert bucket.wait("mother@X.example") == DAY // 5 + 1
    assert bucket.wait("father@x.example") == 0
    clock[0] += DAY // 5
    assert [bucket.wait("mother@x.example") > 0 for _ in range(2)] == [False, True]


@pytest.mark.parametrize("count", [1, 3, 7, 11, 59, 60, 1000])
def test_the_whole_count_may_come_at_once_at_any_time(clock: list[float], count: int) -> None:
    clock[0] = 1_234_567.891

    assert sum(bucket_is_open(Limit(count), count + 5)) == count


def bucket_is_open(bucket: Limit, times: int) -> list[bool]:
    return [bucket.wait("192.0.2.1") == 0 for _ in range(times)]


def test_memory_is_bounded_and_holds_no_address(clock: list[float]) -> None:
    bucket = Limit(1)
    for n in range(limit.MAX_BUCKETS + 500):
        bucket.wait(f"10.{n >> 8 & 255}.{n & 255}.1")

    assert limit.MAX_BUCKETS // 2 < len(bucket._buckets) <= limit.MAX_BUCKETS
    assert b"10.1" not in b"".join(bucket._buckets)


def test_no_number_of_other_networks_brings_an_empty_bucket_back(clock: list[float]) -> None:
    bucket = Limit(60)
    assert sum(bucket_is_open(bucket, 100)) == 60
    for n in range(3 * limit.MAX_BUCKETS):
        bucket.wait(f"2001:db8:{n:x}::1")

    assert bucket.wait("192.0.2.1") > 0
    assert len(bucket._buckets) <= limit.MAX_BUCKETS


def test_of_many_the_emptiest_are_remembered_longest(clock: list[float]) -> None:
    bucket = Limit(3, DAY, of=str)
    for n in range(100):
        while not bucket.wait(f"empty {n}"):
            pass
    for n in range(limit.MAX_BUCKETS):
        for _ in range(2):
            bucket.wait(f"fuller {n}")

    assert all(bucket.wait(f"empty {n}") for n in range(100))


def test_buckets_that_are_full_again_are_forgotten_when_there_are_many(clock: list[float]) -> None:
    bucket = Limit(60)
    for n in range(limit.MAX_BUCKETS):
        bucket.wait(f"2001:db8:{n:x}::1")
    clock[0] += 60
    bucket.wait("192.0.2.1")

    assert len(bucket._buckets) == 1


def test_what_a_page_records_by_itself_counts_like_a_choice(make_app: MakeApp, clock: list[float]) -> None:
    """What the account says of a visitor's age is recorded by GET, with a cookie that somebody may send again and again."""
    bands = itertools.cycle(["teen", "child", "adult"])
    app = make_app(CONSENT_NOTICE="shop", CONSENT_AGE={"account": lambda: next(bands)}, CONSENT_RATE_LIMIT=5)
    app.add_url_rule("/", "home", lambda: render_template_string("<body>{{ consent_widget() }}"))
    client = app.test_client()
    refused = form(client) | {"action": "reject_all"}
    client.post(URL, data=refused, headers=HERE)
    cookie = client.get_cookie("cw")
    assert cookie
    replaying = app.test_client(use_cookies=False)
    for _ in range(60):
        assert replaying.get("/", headers={"Cookie": f"cw={cookie.value}"}).status_code == 200

    assert 2 <= len(kept(app)) <= 5
    assert client.post(URL, data=refused | {"key": ""}, headers=HERE).status_code == 429


def test_how_many_were_refused_is_logged_once_a_minute_without_who(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("consent_widget.site.limit.time.monotonic", lambda: now)
    bucket = Limit(1, name="choices of shop")
    for seconds in (0, 1, 1, 1, 60):
        now += seconds
        bucket.wait("192.0.2.1")

    assert [record.getMessage() for record in caplog.records] == [
        "Too many choices of shop from one place: 1 refused (429).",
        "Too many choices of shop from one place: 2 refused (429).",
    ]
    assert "192.0.2" not in caplog.text
