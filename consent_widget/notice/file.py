"""Reads a notice from a TOML or JSON file. It passes the same checks as one that is built in Python."""

from __future__ import annotations

import json
import tomllib
import typing
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import NoticeError
from ..reading import build
from ..text_file import read_text_file
from .canonical import digest as sha256
from .model import Notice

SHIPPED = ("shop", "minimal")


def read_notice(source: str | Path, controller: Mapping[str, object] | None = None) -> Notice:
    """The notice in a file, or a shipped one by name (`"shop"`, `"minimal"`). `controller` says who is responsible
    where the file does not. NoticeError names the file and the place in it.
    """
    shipped = source in SHIPPED
    path = Path(str(files(__package__) / f"{source}.toml")) if shipped else Path(source)
    try:
        text = read_text_file(path)
    except OSError as error:
        raise NoticeError(f"{path}: cannot be read ({error.strerror}). Check CONSENT_NOTICE.") from None
    except ValueError as error:
        raise NoticeError(f"{path}: {error}") from None
    try:
        raw = _parsed(text, path.suffix.lower() == ".json")
    except ValueError as error:
        raise NoticeError(f"{path}: is not well formed: {error}") from None
    try:
        return notice_from(raw, controller)
    except NoticeError as error:
        raise NoticeError(f"{path.name}: {error}") from None


def find_notice(source: str | Path, folders: Iterable[Path]) -> str | Path:
    """Where the file of a notice is: in the first of the `folders` that has it. A shipped notice is its name, and an
    absolute path is itself. NoticeError says where it was looked for.
    """
    places = list(dict.fromkeys(folder / source for folder in folders))
    if source in SHIPPED or not places or Path(source).is_absolute():
        return source
    if found := next((path for path in places if path.exists()), None):
        return found
    raise NoticeError(
        f"{source}: cannot be read: it is not there. Looked for {', '.join(map(str, places))}. Check CONSENT_NOTICE."
    )


def notice_from(raw: Mapping[str, object], controller: Mapping[str, object] | None = None) -> Notice:
    """The notice that plain tables and lists describe, as TOML and JSON give them, or as they are written in Python."""
    if not isinstance(raw, Mapping):
        raise NoticeError("a notice is a table of fields.")
    raw = dict(raw)
    identity = raw.get("controller") or controller
    if not identity:
        raise NoticeError("controller: nobody is named. Set CONSENT_CONTROLLER (name, address, email, phone).")
    raw["controller"] = identity
    declared = raw.get("locales")
    locales = list(declared) if isinstance(declared, (list, tuple)) else []
    services = raw.get("services")
    if isinstance(services, (list, tuple)):
        raw["services"] = [_service(entry, locales, raw) for entry in services]
    return typing.cast(Notice, build(Notice, raw, "", locales))


def _service(entry: object, locales: list[str], raw: Mapping[str, object]) -> object:
    if not isinstance(entry, Mapping) or "use" not in entry:
        return entry
    from .catalogued import catalogued  # nothing of the catalogue is read where no notice uses it

    purposes = raw.get("purposes")
    listed = purposes if isinstance(purposes, (list, tuple)) else ()
    ids = [each.get("id") for each in listed if isinstance(each, Mapping)]
    return catalogued(entry, locales, [id for id in ids if isinstance(id, str)])


@lru_cache(maxsize=2)
def _parsed(text: str, is_json: bool) -> Any:
    """The tables of a file: many sites begin with the same one. Nobody may change them."""
    return json.loads(text) if is_json else tomllib.loads(text)


def stored_notice(text: str | None, digest: str) -> Notice | None:
    """The notice whose `text` a store holds under `digest`. None where the text is lost or does not fit the digest."""
    if text is None or sha256(text) != digest:
        return None
    return notice_from(json.loads(text))
