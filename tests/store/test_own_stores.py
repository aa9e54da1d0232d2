"""The checks for a store of one's own: the stores here pass them, and each catches a store that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from consent_widget import Choice, SQLStore, Store
from consent_widget.choice.replay import Grant
from consent_widget.testing import CHECKS, check_store
from examples.jsonlines_store import JSONLinesStore

EACH = [(ability, check) for ability, checks in CHECKS.items() for check in checks]


def named(value: Any) -> str:
    return str(value.__name__)


@pytest.mark.parametrize(("ability", "check"), EACH, ids=named)
def test_the_sql_store_passes(store: SQLStore, ability: type, check: Callable[[Store], None]) -> None:
    assert isinstance(store, ability)
    check(store)


def test_the_example_passes(tmp_path: Path) -> None:
    with closing(JSONLinesStore(tmp_path / "choices.jsonl")) as store:
        assert [ability.__name__ for ability in CHECKS if isinstance(store, ability)] == ["Store"]
        check_store(store)


class Careless(SQLStore):
    """Breaks every rule."""

    def add(self, choice: Choice) -> Choice:
        return choice

    def history(self, subject: str) -> list[Choice]:
        return []

    def use(self, subject: str, grant: Grant) -> bool:
        return True

    def claim_ends(self, grants: Any) -> list[Grant]:
        return list(grants)

    def notice(self, digest: str) -> str:
        return "{}"

    def histories(self, site: str | None = None) -> Iterator[list[Choice]]:
        return iter(())

    def export(self, site: str | None = None) -> Iterator[Choice]:
        return iter(())


@pytest.mark.parametrize("check", [check for _, check in EACH][1:-1], ids=named)
def test_a_check_finds_what_it_is_for(check: Callable[[Store], None]) -> None:
    with closing(Careless("sqlite://")) as store, pytest.raises(AssertionError, match=r"."):
        check(store)
