"""One test of all members of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def for_each(members: Iterable[T]) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Runs a test with every member, and names all with which it fails. For checks that take less than a millisecond: as
    a test by itself each would take ten, of each process of the suite.
    """
    given = tuple(members)

    def of_all(test: Callable[[T], None]) -> Callable[[], None]:
        def run() -> None:
            failed = []
            for member in given:
                try:
                    test(member)
                except Exception as error:
                    error.add_note(f"with {member}")
                    failed.append(error)
            if failed:
                raise ExceptionGroup(test.__name__, failed)

        run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
        assert given, "nothing is tested"
        return run

    return of_all
