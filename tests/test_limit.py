from __future__ import annotations

import pytest

from consent_widget import limit
from consent_widget.limit import Limit


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


def test_memory_is_bounded_and_holds_no_address(clock: list[float]) -> None:
    bucket = Limit(1)
    for n in range(limit.MOST + 500):
        bucket.wait(f"10.{n >> 8 & 255}.{n & 255}.1")

    assert len(bucket._buckets) == limit.MOST
    assert b"10.1" not in repr(bucket._buckets).encode()
