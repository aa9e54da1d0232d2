"""The script knows the actions from the same table as the server."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from consent_widget.choice.actions import ACTIONS

STATIC = Path(__file__).parent.parent.parent / "static"
GENERATOR = runpy.run_path(str(STATIC / "actions.py"))


def test_the_modules_of_the_actions_are_those_that_the_table_makes() -> None:
    stale = [path.name for path, text in GENERATOR["modules"]().items() if path.read_text("utf-8") != text]

    assert stale == [], "The table of actions has changed. Run: python static/actions.py"


def test_each_pattern_matches_its_actions_and_no_other() -> None:
    for _about, functions in GENERATOR["MODULES"].values():
        for function, test in functions.items():
            names = [name for name, rule in ACTIONS.items() if test(rule)]
            pattern = re.compile(GENERATOR["pattern"](names))

            assert [name for name in (*ACTIONS, "", "undefined", "null") if pattern.match(name)] == names, function


def test_the_actions_that_the_script_names_are_the_only_ones_of_their_kind() -> None:
    """static/src/core/submission.js and answers.js name `accept_all` and `close`, state.js names `age_child`."""
    assert [name for name, rule in ACTIONS.items() if rule.answers_for == "offered_except_recipients"] == ["accept_all"]
    assert [name for name, rule in ACTIONS.items() if rule.may_grant == "accept_all"] == ["accept_all"]
    assert [name for name, rule in ACTIONS.items() if rule.answers_for == "undecided"] == ["close"]
    assert [name for name, rule in ACTIONS.items() if rule.age == "child"] == ["age_child"]
