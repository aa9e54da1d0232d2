"""The configuration of a service for many sites: `sites.toml`, read and checked once at start-up."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigurationError
from ..notice.file import SHIPPED
from ..settings.checks import ORIGIN, SITE
from ..settings.config import read_settings
from ..settings.log_key import is_path
from ..text_file import read_text_file
from .officer import officer_of
from .words import PER_SITE, TOP, errors_as_in_file

#: Content blockers block addresses with one of these words (tried with the public filter lists, see docs/service.md).
BLOCKED = re.compile(r"cookie|consent|banner|manage|message|modal|gdpr|(?<![a-z0-9])cmp(?![a-z0-9])")
ESCAPES = "In double quotes \\ begins an escape: write paths with /, or in single quotes."


@dataclass(frozen=True, kw_only=True)
class Sites:
    """The configuration of one service: what its sites share, and the `CONSENT_…` settings of each site by its id."""

    #: The service's address for browsers, as `https://consent.example`.
    url: str
    database: str
    #: How many proxies of your own are in front of the service. What other proxies say about a visitor is ignored.
    proxies: int
    sites: Mapping[str, Mapping[str, object]]


def read_sites(path: str | Path, environ: Mapping[str, str] = os.environ) -> Sites:
    """The service that a file describes, or ConfigurationError naming the site and the key. Paths in it are relative
    to the file's folder. Keys may come from the environment instead (CONSENT_KEYS, separated by commas).
    """
    path = Path(path).absolute()
    raw = _read(path)
    _require_known_keys(raw, TOP, "")
    url, proxies = raw.get("url"), raw.get("proxies", 0)
    if not isinstance(url, str) or not ORIGIN.fullmatch(url):
        raise ConfigurationError(
            "url: must say where browsers find this service, like https://consent.example, and no more."
        )
    if type(proxies) is not int or not 0 <= proxies <= 9:
        raise ConfigurationError("proxies: must be how many proxies of your own stand before the service: 0, 1, ….")
    tables = raw.get("sites")
    if not isinstance(tables, Mapping) or not tables:
        raise ConfigurationError("sites: there is none. Add a table [sites.shop] with its origins.")
    common = {
        "CONSENT_KEYS": _keys(raw, path.parent, environ),
        **_settings(raw, ("rate_limit", "script_days", "log_minutes")),
        **_log(raw, path.parent, environ),
    }
    sites = {id: {**common, **_site(id, table, path.parent)} for id, table in tables.items()}
    owners: dict[str, str] = {}
    for (id, site), table in zip(sites.items(), tables.values(), strict=True):
        with errors_as_in_file(id):
            origins = read_settings(site).origins
        if table.get("region_header") and not proxies:
            raise ConfigurationError(
                f"sites.{id}.region_header: needs a proxy of your own that overwrites this header (proxies = 1). "
                "Without one, visitors would say themselves where they are."
            )
        for origin in origins:
            if owners.setdefault(origin, id) != id:
                raise ConfigurationError(f"sites.{id}.origins: {origin} is one of sites.{owners[origin]} already.")
    return Sites(url=url, database=_database(raw, path.parent), proxies=proxies, sites=sites)


def _read(path: Path) -> dict[str, object]:
    try:
        text = read_text_file(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}). Make one with: consent-widget init"
        ) from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    try:
        return tomllib.loads(text)
    except ValueError as error:
        remedy = f" {ESCAPES}" if "\\" in text else ""
        raise ConfigurationError(f"{path}: is not well-formed TOML: {error}.{remedy}") from None


def _require_known_keys(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise ConfigurationError(f"{where}{key}: no such key. There are: {', '.join(known)}.")


def _site(id: str, table: object, folder: Path) -> dict[str, object]:
    if not SITE.fullmatch(id):
        raise ConfigurationError(f"sites.{id}: an id is lower-case letters, digits and -, at most 32.")
    if blocked := BLOCKED.search(id):
        raise ConfigurationError(
            f"sites.{id}: content blockers hide addresses with {blocked[0]!r} in them. Choose a plainer id, like shop."
        )
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"sites.{id}: must be a table. Write [sites.{id}] and its keys below.")
    _require_known_keys(table, PER_SITE, f"sites.{id}.")
    if not table.get("origins"):
        raise ConfigurationError(f"sites.{id}.origins: list where its pages are, like https://www.shop.example.")
    site = _settings(table, PER_SITE)
    if "officer" in table:
        with errors_as_in_file(id):
            site["CONSENT_OFFICER"] = officer_of(table["officer"])
    notice = table.get("notice")
    if isinstance(notice, str) and notice not in SHIPPED:
        site["CONSENT_NOTICE"] = _path(folder, notice, f"sites.{id}.notice")
    return site | {"CONSENT_SITE": id, "CONSENT_URL_PREFIX": f"/consent/{id}", "CONSENT_RENDER": "script"}


def _settings(table: Mapping[str, object], keys: tuple[str, ...]) -> dict[str, object]:
    return {f"CONSENT_{key.upper()}": table[key] for key in keys if key in table}


def _keys(raw: Mapping[str, object], folder: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    keys, file = raw.get("keys"), raw.get("keys_file")
    if in_environment := environ.get("CONSENT_KEYS"):
        keys = in_environment.split(",")
    elif keys is not None and file is not None:
        raise ConfigurationError("keys, keys_file: only one of them, please.")
    elif isinstance(file, str):
        try:
            keys = read_text_file(_path(folder, file, "keys_file")).splitlines()
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"keys_file: cannot be read ({error}).") from None
    elif file is not None:
        raise ConfigurationError("keys_file: must be the path of a file with a key on each line.")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise ConfigurationError("keys: must be a list of keys, oldest first. Make one with: consent-widget keygen")
    stripped = tuple(key.strip() for key in keys if key.strip())
    if not stripped:
        raise ConfigurationError("keys: there is none. Make one with: consent-widget keygen")
    return stripped


def _log(raw: Mapping[str, object], folder: Path, environ: Mapping[str, str]) -> dict[str, object]:
    """The log, which all sites have in common. Its key may come from the environment."""
    given = {name: raw.get(name) for name in ("log_key", "log_policy", "witness")}
    given["log_key"] = environ.get("CONSENT_LOG_KEY") or given["log_key"]
    return {
        f"CONSENT_{name.upper()}": _path(folder, value, name) if isinstance(value, str) and is_path(value) else value
        for name, value in given.items()
    }


def _database(raw: Mapping[str, object], folder: Path) -> str:
    url = raw.get("database", "sqlite:///consent.sqlite")
    if not isinstance(url, str):
        raise ConfigurationError("database: must be an SQLAlchemy URL, like postgresql+psycopg://user@host/name.")
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite" or not path or path == ":memory:":
        return url
    return f"sqlite:///{_path(folder, path, 'database')}"


def _path(folder: Path, path: str, key: str) -> Path:
    """A path in the file, relative to its folder. It may be written as on Windows."""
    if not path.isprintable():
        raise ConfigurationError(f"{key}: the path has a character that nobody can see. {ESCAPES}")
    return folder / path.replace("\\", "/")
