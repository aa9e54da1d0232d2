"""The key of the log is checked at the start, and shown nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consent_widget.errors import ConfigurationError
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.proof.policy import Policy
from consent_widget.settings.config import read_settings
from consent_widget.settings.model import Settings, told

from ..support.log import ORIGIN, PRIVATE

SECRET = PRIVATE.text.split("+", 4)[4]
NEW = PrivateKey(ORIGIN, 1, bytes(range(1, 33)))
WITNESS = PrivateKey(ORIGIN, COSIGNATURE, bytes(32))


def settings(**config: Any) -> Settings:
    return read_settings({"SECRET_KEY": "a-key-of-a-test-0123456789", **config})


def test_a_key_is_a_text_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text(f"# the key of the log\n\n{PRIVATE.text}\r\n", "utf-8-sig")
    config = {"SECRET_KEY": "a-key-of-a-test-0123456789", "CONSENT_LOG_KEY": "log.key"}

    assert settings(CONSENT_LOG_KEY=PRIVATE.text).log_key == LogKeys((PRIVATE,))
    for file in (tmp_path / "log.key", str(tmp_path / "log.key")):
        assert settings(CONSENT_LOG_KEY=file).log_key == LogKeys((PRIVATE,))
    assert read_settings(config, [tmp_path / "elsewhere", tmp_path]).log_key == LogKeys((PRIVATE,))


def test_several_keys_sign_while_one_takes_the_place_of_another() -> None:
    keys = settings(CONSENT_LOG_KEY=f"{PRIVATE.public}\n{NEW.text}\n").log_key

    assert keys == LogKeys((NEW,), (PRIVATE.public,))
    assert [key.id for key in keys.public] == [NEW.public.id, PRIVATE.public.id]


@pytest.mark.parametrize(
    "value",
    [
        "log.key", "", ".", PRIVATE.text[:-3], PRIVATE.text + "=", PRIVATE.text.replace("c", "d"), f"x{PRIVATE.text}",
        str(PRIVATE.public), f"{PRIVATE.text}\n{PrivateKey.make('other.example').text}", WITNESS.text,
        f"{PRIVATE.text}\nsomething", b"bytes", 7, "\0PRIVATE", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_key_stops_the_start_and_is_not_repeated(value: object) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_LOG_KEY: ") as refused:
        settings(CONSENT_LOG_KEY=value)

    assert SECRET[5:] not in str(refused.value)


def test_a_key_is_shown_nowhere() -> None:
    found = settings(CONSENT_LOG_KEY=PRIVATE.text)

    assert told(found)["CONSENT_LOG_KEY"] == [str(PRIVATE.public)]
    assert SECRET not in f"{found!r}{found.log_key!r}{told(found)}"
    assert repr(PRIVATE.seed) not in repr(found)


def test_a_store_of_your_own_has_no_log() -> None:
    class Own:
        def add(self, choice: object) -> object:
            return choice

    with pytest.raises(ConfigurationError, match="CONSENT_LOG_KEY: the log is in CONSENT_DATABASE"):
        settings(CONSENT_LOG_KEY=PRIVATE.text, CONSENT_STORE=Own())


POLICY = f"witness W {WITNESS.public} https://w.example/\nquorum W\n"


def test_witnesses_are_a_policy_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text(POLICY, "utf-8")

    assert settings(CONSENT_LOG_POLICY=POLICY).log_policy == Policy.parse(POLICY)
    assert settings(CONSENT_LOG_POLICY=tmp_path / "policy").log_policy == Policy.parse(POLICY)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("missing", "no file that can be read"),
        ("quorum W", "Line 1 of the policy: no line before"),
        (f"log {PRIVATE.public}\nquorum none", "leave out the log"),
        (POLICY.replace("https://", "file:///"), "address of the witness W must begin with https://"),
        (7, "must be a text or a path"),
    ],
)
def test_a_policy_of_no_use_stops_the_start(value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"CONSENT_LOG_POLICY: .*{message}"):
        settings(CONSENT_LOG_POLICY=value)
