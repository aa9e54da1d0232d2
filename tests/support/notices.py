"""The notices of this package as tables, for tests that edit them."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _parsed(name: str) -> dict[str, Any]:
    return tomllib.loads((files("consent_widget") / "notice" / f"{name}.toml").read_text("utf-8"))


def notice_table(name: str) -> dict[str, Any]:
    """A copy of `minimal.toml` or `shop.toml`. Each file is parsed once: that takes longer than most tests."""
    return deepcopy(_parsed(name))
