"""Reads the catalogue: one TOML file beside this module for each vendor, read when it is asked for."""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from ..reading import build
from .model import Vendor

FOLDER = Path(__file__).parent
LOCALES = ("zh-CN", "en")


@cache
def vendor_ids() -> tuple[str, ...]:
    """Every vendor's id, in alphabetical order. No file is read."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def read_vendor(id: str) -> Vendor:
    """The vendor with this id, which has to be one of `vendor_ids`."""
    raw = tomllib.loads((FOLDER / f"{id}.toml").read_text("utf-8"))
    return typing.cast(Vendor, build(Vendor, {"id": id, **raw}, id, LOCALES))


def all_vendors() -> Iterator[Vendor]:
    """The whole catalogue."""
    return map(read_vendor, vendor_ids())


def similar_ids(id: str) -> list[str]:
    """The ids that may be meant, best first: by id, or by a name in either language."""
    names = {id: id for id in vendor_ids()}
    for vendor in all_vendors():
        names |= {name.casefold(): vendor.id for name in vendor.name.values()}
    within = [name for name in names if len(id) > 1 and id.casefold() in name]
    near = get_close_matches(id.casefold(), names, 5, 0.6)
    return list(dict.fromkeys(names[name] for name in (*near, *within)))[:3]
