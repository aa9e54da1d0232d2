"""Counts for the officer's figures always agree with the records, whatever was added, erased and purged meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from consent_widget import Choice, SQLStore
from consent_widget.choice.act import new_subject
from consent_widget.choice.tally import Contexts, Tally
from consent_widget.days import DAY, day_of
from consent_widget.store import log, tallies

LEAST, END = 20_000, 20_030


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (log, tallies):
        monkeypatch.setattr(module, "CHUNK", 4)


def choose(store: SQLStore, chance: random.Random, subjects: list[str], **more: str) -> None:
    """One of the subjects chooses, or a new one."""
    if chance.random() < 0.3:
        subjects.append(new_subject())
    subject = chance.choice(subjects)
    latest = store.history(subject)[-1:]
    keys = chance.sample(["ads", "stats", "mail"], chance.randint(0, 3))
    values = {"locale": chance.choice(["en", "zh-CN"]), "region": chance.choice(["CN", ""]), "layout": "box"}
    choice = Choice(
        subject=subject, seq=latest[0].seq + 1 if latest else 1, time=chance.randrange(LEAST, END) * DAY * 1000 + 5, notice="ab" * 32,
        action="reject_all", surface="layer", purposes={key: chance.random() < 0.5 for key in keys},
        valid_until=21_000, **values | more,  # type: ignore[arg-type]
    )  # fmt: skip
    store.add(choice)


def counted(found: tuple[Contexts, list[Tally]]) -> Counter[object]:
    contexts, numbers = found
    total = Counter[object]()
    for day, id, answers, number in numbers:
        context = contexts[id]
        bits = int.from_bytes(answers, "little")
        granted = frozenset(key for at, key in enumerate(context.keys) if bits >> at & 1)
        total[day, context.locale, context.region, context.action, frozenset(context.keys), granted] += number
    return total


def expected(choices: Iterator[Choice], first: int = LEAST, end: int = END, step: int = 1) -> Counter[object]:
    total = Counter[object]()
    for each in choices:
        day = day_of(each.time)
        if first <= day < end:
            begin = day if step == 1 else (day + 3) // 7 * 7 - 3
            granted = frozenset(key for key, yes in each.purposes.items() if yes)
            total[begin, each.locale, each.region, each.action, frozenset(each.purposes), granted] += 1
    return total


def test_counts_agree_with_the_records_after_every_change(store: SQLStore) -> None:
    chance, subjects = random.Random(17), [new_subject()]
    for round in range(8):
        for _ in range(5):
            choose(store, chance, subjects)
        choose(store, chance, [new_subject()], site="other")
        if round % 2:
            store.erase(subjects.pop(chance.randrange(len(subjects) - 1)))
            purged = [each for each in store.export("") if chance.random() < 0.1]
            store.purge([purged])
        if round % 3:
            assert store.count_up(10) == 1
        assert counted(store.tallies(LEAST, END)) == expected(store.export(""))
    assert counted(store.tallies(LEAST, END, "other")) == expected(store.export("other"))
    assert counted(store.tallies(LEAST + 5, END - 9)) == expected(store.export(""), LEAST + 5, END - 9)
    assert counted(store.tallies(LEAST, END, step=7)) == expected(store.export(""), step=7)
    assert store.first_day("") == min(day_of(each.time) for each in store.export(""))
    assert store.first_day("nobody's") is None


def test_counting_ahead_stops_when_its_time_is_over_and_goes_on_later(store: SQLStore) -> None:
    chance, subjects = random.Random(1), [new_subject()]
    for _ in range(17):
        choose(store, chance, subjects)

    assert store.count_up(-1) == 0
    assert counted(store.tallies(LEAST, END)) == expected(store.export())
    assert store.count_up(60) == 1
    assert store.count_up(-1) == 1


def test_an_empty_store_has_counted_everything(store: SQLStore) -> None:
    assert store.count_up(0) == 1
    assert store.tallies(LEAST, END) == ({}, [])
