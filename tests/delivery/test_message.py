from __future__ import annotations

import json
import secrets
import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from consent_widget.delivery.message import recorded, told
from consent_widget.delivery.signature import signatures
from consent_widget.testing.stores import make_choice


def whsec(key: bytes) -> str:
    return f"whsec_{b64encode(key).decode()}"


@given(
    st.binary(min_size=24, max_size=64), st.from_regex("msg_[0-9a-f]{32}", fullmatch=True),
    st.integers(0, 2**33), st.text(),
)  # fmt: skip
def test_it_signs_as_the_package_of_the_specification_does(key: bytes, id: str, timestamp: int, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    theirs = Webhook(whsec(key)).sign(id, datetime.fromtimestamp(timestamp, UTC), body)

    assert signatures([key], id, timestamp, body.encode()) == theirs


def test_whoever_has_either_key_believes_a_message_signed_with_both() -> None:
    old, new, other = (secrets.token_bytes(32) for _ in range(3))
    now, body = int(time.time()), b'{"type":"choice.recorded"}'
    headers = {
        "webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signatures([new, old], "msg_1", now, body),
    }  # fmt: skip

    for key in (old, new):
        assert Webhook(whsec(key)).verify(body, headers) == {"type": "choice.recorded"}
    with pytest.raises(WebhookVerificationError):
        Webhook(whsec(other)).verify(body, headers)


def test_a_message_holds_the_record_as_exports_have_it_with_its_format_and_site() -> None:
    choice = make_choice(site="shop")

    message = recorded(choice)

    content = json.loads(message.body)
    assert content == {
        "type": "choice.recorded", "timestamp": choice.plain()["time"], "format": 1, "site": "shop",
        "data": json.loads(json.dumps(choice.plain())),
    }  # fmt: skip
    assert recorded(choice) == message
    assert message.id == f"msg_{choice.id.replace('-', '')}"
    assert message.body.isascii()


def test_two_events_never_share_an_id() -> None:
    messages = [
        told("consent.ended", "shop", "a", 1, {"purposes": ["analytics"], "reason": "expired", "receipts": ["1"]}),
        told("consent.ended", "shop", "a", 2, {"purposes": ["analytics"], "reason": "expired", "receipts": ["1"]}),
        told("consent.ended", "shop", "b", 1, {"purposes": ["analytics"], "reason": "expired", "receipts": ["1"]}),
        told("subject.erased", "shop", "a", 1, {}),
        told("subject.erased", "club", "a", 1, {}),
        *(recorded(make_choice()) for _ in range(3)),
    ]

    assert len({message.id for message in messages}) == len(messages)
    assert not any("." in message.id for message in messages)  # a dot could move the border to the timestamp
