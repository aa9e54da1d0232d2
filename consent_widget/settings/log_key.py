"""CONSENT_LOG_KEY, CONSENT_LOG_POLICY and CONSENT_WITNESS: who signs the log's checkpoints, who cosigns them, and whose
are cosigned here. Each is a text, or the path of a file that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import ConfigurationError, ProofError
from ..proof.key import PRIVATE
from ..proof.log_keys import LogKeys
from ..proof.policy import Policy
from ..proof.witness import WitnessKeys
from ..text_file import read_text_file

MAKE = "Make one with: flask consent log-key shop.example/consent/log"


def is_path(value: str | Path) -> bool:
    """Is this the path of a file, and not the text itself?"""
    return isinstance(value, Path) or not any(word in value for word in (PRIVATE, "quorum"))


def read_log_keys(value: str | Path, folders: Iterable[Path]) -> LogKeys:
    """The keys that sign. An error repeats nothing of them."""
    text = _in_file("LOG_KEY", Path(value), folders, MAKE) if is_path(value) else str(value)
    try:
        return LogKeys.parse(text)
    except ProofError as error:
        raise ConfigurationError(f"CONSENT_LOG_KEY: {error} {MAKE}") from None
    except ConfigurationError as error:  # what signs is not installed
        raise ConfigurationError(f"CONSENT_LOG_KEY: {error}") from None


def read_log_policy(value: str | Path, folders: Iterable[Path]) -> Policy:
    """The witnesses of the log, and how many of them it takes."""
    text = _in_file("LOG_POLICY", Path(value), folders, "See docs/log.md.") if is_path(value) else str(value)
    try:
        policy = Policy.parse(text)
    except ProofError as error:
        raise ConfigurationError(f"CONSENT_LOG_POLICY: {error} See docs/log.md.") from None
    if policy.logs:
        raise ConfigurationError("CONSENT_LOG_POLICY: leave out the log: the line of your own is added by itself.")
    for witness in policy.witnesses:
        if witness.url and not witness.url.startswith(("https://", "http://")):
            raise ConfigurationError(
                f"CONSENT_LOG_POLICY: the address of the witness {witness.name} must begin with https://."
            )
    return policy


def read_witness_keys(value: str | Path, folders: Iterable[Path]) -> WitnessKeys:
    """The key that cosigns, and those of the logs. An error repeats nothing of them."""
    text = _in_file("WITNESS", Path(value), folders, "See docs/log.md.") if is_path(value) else str(value)
    try:
        return WitnessKeys.parse(text)
    except (ProofError, ConfigurationError) as error:
        raise ConfigurationError(f"CONSENT_WITNESS: {error} See docs/log.md.") from None


def public_keys(keys: LogKeys) -> object:
    """What others may read of CONSENT_LOG_KEY."""
    return [str(key) for key in keys.public]


def _in_file(setting: str, path: Path, folders: Iterable[Path], remedy: str) -> str:
    """The text of a file: in the first of the `folders` that has it. No error repeats what was set."""
    places = [folder / path for folder in folders] or [path]
    try:
        return read_text_file(next((place for place in places if place.exists()), places[0]))
    except OSError as error:
        raise ConfigurationError(
            f"CONSENT_{setting}: is no file that can be read ({error.strerror}), and not the text itself. {remedy}"
        ) from None
    except ValueError as error:
        raise ConfigurationError(f"CONSENT_{setting}: the file cannot be read: it {error}") from None
