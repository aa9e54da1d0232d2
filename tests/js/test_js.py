"""The script's modules that need no browser, each by itself: tests/js/*.test.js, run by Deno."""

from __future__ import annotations

from ..support.script import deno


def test_the_modules_do_what_their_own_tests_say() -> None:
    assert " passed " in deno("test", "--allow-read=examples/gtm,static/src", "tests/js")
