"""Writes static/src/core/actions.js and refusals.js from the table of actions. Run by hand when that has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from consent_widget.choice.actions import ACTIONS, ActionRule

CORE = Path(__file__).parent / "src/core"
HEAD = "/** {} Written by static/actions.py from consent_widget/choice/actions.py. */\n"
Test = Callable[[ActionRule], bool]
#: Each module: what it says, and its functions by what an action must be for them. The first part of the script has the
#: refusals alone.
MODULES: Mapping[str, tuple[str, Mapping[str, Test]]] = {
    "actions": ("What an action answers for and what it may grant.", {
        "grants": lambda rule: rule.may_grant != "nothing",
        "answersPicked": lambda rule: rule.answers_for == "picked",
        "answersNothing": lambda rule: rule.answers_for == "nothing",
    }),
    "refusals": ("Which actions refuse, and which also end every grant.", {
        "refuses": lambda rule: rule.answers_for != "nothing" and rule.may_grant == "nothing",
        "withdraws": lambda rule: rule.withdraws,
    }),
}  # fmt: skip


def pattern(names: list[str]) -> str:
    """The shortest regular expression that, of all actions, matches these: by the letters that they begin with."""
    others = [name for name in ACTIONS if name not in names]
    starts = []
    for name in names:
        lengths = range(1, len(name) + 1)
        start = next(name[:end] for end in lengths if not any(other.startswith(name[:end]) for other in others))
        starts += [start] if start not in starts else []
    return f"[{''.join(starts)}]" if max(map(len, starts)) == 1 else f"({'|'.join(starts)})"


def module(about: str, functions: Mapping[str, Test]) -> str:
    """One module, as its file holds it."""
    text = HEAD.format(about)
    for function, test in functions.items():
        names: list[str] = [name for name, rule in ACTIONS.items() if test(rule)]
        text += f"\n/** @param {{string}} action {', '.join(names)} */\n"
        text += f"export const {function} = (action) => /^{pattern(names)}/.test(action);\n"
    return text


def modules() -> dict[Path, str]:
    """What each file must hold."""
    return {CORE / f"{name}.js": module(*parts) for name, parts in MODULES.items()}


if __name__ == "__main__":
    for path, text in modules().items():
        path.write_text(text, "utf-8")
