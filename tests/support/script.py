"""What the script knows before the server has answered, and Deno, which runs its modules without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from consent_widget.choice.act import Choice
from consent_widget.choice.actions import ACTIONS, Action
from consent_widget.choice.state import State
from consent_widget.days import DAY
from consent_widget.notice.model import Notice

ROOT = Path(__file__).parent.parent.parent


def refusing_part(action: Action, purposes: Mapping[str, bool], today: int, lasts: int = 180) -> Choice:
    """Only the refusals of a choice: what takes effect before the server has stored it."""
    return Choice(
        subject="s",
        seq=1,
        time=today * DAY * 1000,
        notice="",
        locale="en",
        action=action,
        surface="centre",
        purposes={key: granted for key, granted in purposes.items() if not granted},
        valid_until=today + lasts,
        age_band="under_14" if ACTIONS[action].age == "child" else None,
    )


def refused(state: State, action: Action, purposes: Mapping[str, bool], notice: Notice, today: int) -> State:
    """The state that the page shows before the server has stored a choice. A service that the choice grants alone keeps
    what was decided about it until then, though its purpose may be refused at once.
    """
    after = state.after(refusing_part(action, purposes, today), notice)
    alone = {notice.options[key].fingerprint for key, granted in purposes.items() if granted and "@" in key}
    kept = {name: each for name, each in state.decisions.items() if name in alone and each.until >= today}
    return after._replace(decisions={**after.decisions, **kept})


def deno(*arguments: str, stdin: str = "") -> str:
    """What Deno prints. Nothing is type-checked (`make test` does that once) and nothing is fetched."""
    program = shutil.which("deno", path=sysconfig.get_path("scripts")) or shutil.which("deno")
    assert program, "Deno is missing: install the project's `test` extra."
    command, *more = arguments
    done = subprocess.run(
        [program, command, "--quiet", "--no-check", "--no-remote", "--config", "static/deno.json", *more],
        cwd=ROOT, input=stdin, capture_output=True, encoding="utf-8", env={"NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def replay_in_script(sequences: list[dict[str, Any]], *, gpc: bool = False) -> list[Any]:
    """What the script's modules make of sequences of acts and tokens: see tests/js/replay.js."""
    made: list[Any] = json.loads(
        deno("run", "tests/js/replay.js", *(["gpc"] if gpc else []), stdin=json.dumps(sequences))
    )
    return made
