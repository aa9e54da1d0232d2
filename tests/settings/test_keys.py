"""Which keys sign, and which are refused by the name of the setting that they stand in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from consent_widget.errors import ConfigurationError
from consent_widget.settings.keys import signing_keys

LONG, OTHER = "a-key-of-a-test-0123456789", b"\x00\xff a key of bytes that is no text"


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ({"SECRET_KEY": LONG}, [LONG.encode()]),
        ({"SECRET_KEY": OTHER}, [OTHER]),
        ({"SECRET_KEY": LONG, "SECRET_KEY_FALLBACKS": [OTHER]}, [OTHER, LONG.encode()]),
        ({"SECRET_KEY": LONG, "SECRET_KEY_FALLBACKS": OTHER}, [OTHER, LONG.encode()]),
        ({"CONSENT_KEYS": LONG, "SECRET_KEY": "dev"}, [LONG.encode()]),
        ({"CONSENT_KEYS": OTHER}, [OTHER]),
        ({"CONSENT_KEYS": (LONG, OTHER)}, [LONG.encode(), OTHER]),
        ({"CONSENT_KEYS": [None, "", LONG]}, [LONG.encode()]),
        ({"CONSENT_KEYS": "密钥" * 8}, [("密钥" * 8).encode()]),
    ],
)
def test_keys_are_texts_or_bytes_and_the_last_one_signs(config: dict[str, Any], keys: list[bytes]) -> None:
    assert signing_keys(config) == tuple(keys)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "CONSENT_KEYS: none set, and no SECRET_KEY either. Make one with: flask consent keygen"),
        ({"SECRET_KEY": ""}, "CONSENT_KEYS: none set"),
        ({"CONSENT_KEYS": []}, "CONSENT_KEYS: none set"),
        ({"SECRET_KEY": "dev"}, "SECRET_KEY: every key needs 16 characters or more"),
        ({"SECRET_KEY": "dev"}, 'and set it as CONSENT_KEYS = ["…"] or as SECRET_KEY.'),
        ({"SECRET_KEY": b"dev"}, "SECRET_KEY: every key needs 16 characters or more"),
        ({"SECRET_KEY": "密钥" * 7}, "SECRET_KEY: every key needs 16 characters or more"),
        ({"SECRET_KEY": LONG, "SECRET_KEY_FALLBACKS": ["dev"]}, "SECRET_KEY_FALLBACKS: every key needs 16"),
        ({"CONSENT_KEYS": [LONG, "short"]}, "CONSENT_KEYS: every key needs 16"),
        ({"CONSENT_KEYS": [LONG, 1]}, "CONSENT_KEYS: every key must be a text or bytes"),
        ({"CONSENT_KEYS": {LONG: OTHER}}, "CONSENT_KEYS: must be a list of keys"),
        ({"SECRET_KEY": 7}, "SECRET_KEY: must be a list of keys"),
        ({"CONSENT_KEYS": ["paste what `flask consent keygen` prints"]}, "CONSENT_KEYS: this key stands in the doc"),
        ({"CONSENT_KEYS": ["填入 flask consent keygen 输出的密钥"]}, "CONSENT_KEYS: this key stands in the doc"),
        ({"SECRET_KEY": b'_5#y2L"F4Q8z\n\xec]/'}, "SECRET_KEY: this key stands in the documentation"),
    ],
)
def test_what_protects_nothing_is_refused_by_its_name_with_a_remedy(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)) as raised:
        signing_keys(config)
    assert "flask consent keygen" in str(raised.value)
