"""Rules of many sites that cost little until somebody uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LateRule(Rule):
    """A rule that is compiled for building addresses when an address is built. For the rules of 50 sites that takes
    longer than anything else at start-up, and a site builds few. (Should werkzeug name this differently one day, it
    compiles them all, as it does by itself.)
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        return BUILDERS[append_unknown]


def _builder(append_unknown: bool) -> Builder:
    name = f"late_builder_{append_unknown}"

    def build(rule: LateRule, *values: Any, **named: Any) -> tuple[str, str]:
        if name not in vars(rule):
            vars(rule)[name] = Rule._compile_builder(rule, append_unknown)
        compiled: Builder = vars(rule)[name]
        return compiled(rule, *values, **named)

    return build


BUILDERS = {append_unknown: _builder(append_unknown) for append_unknown in (True, False)}
