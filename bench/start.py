"""What the package costs before the first request: CPU and memory of its import, beside that of Flask alone."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

import consent_widget

from .row import Row

RUNS = 15
#: Prints the memory that the process has now, in bytes (Linux).
MEMORY = "; import os; print(int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE'))"


def measure() -> Iterator[Row]:
    """New processes take turns, each with compiled modules, as after an installation."""
    compileall.compile_dir(os.path.dirname(consent_widget.__file__), quiet=1)
    runs: dict[str, list[tuple[float, int]]] = {"flask": [], "consent_widget": []}
    for _ in range(RUNS):
        for name, each in runs.items():
            each.append(_import(name))
    cost = {name: median(cpu for cpu, _ in each) for name, each in runs.items()}
    memory = {name: median(size for _, size in each) for name, each in runs.items()}
    more = (memory["consent_widget"] - memory["flask"]) / 2**20
    yield Row("CPU of `import consent_widget` / of `import flask`", cost["consent_widget"] / cost["flask"], 2.0)
    yield Row("memory of the import above that of `import flask`, MiB", more, 14.0)


def _import(name: str) -> tuple[float, int]:
    before = os.times()
    run = subprocess.run([sys.executable, "-c", f"import {name}{MEMORY}"], check=True, capture_output=True)
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return cpu, int(run.stdout)
