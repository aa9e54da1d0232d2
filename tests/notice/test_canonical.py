from __future__ import annotations

import pytest
import rfc8785

from consent_widget.errors import ConsentError
from consent_widget.notice.canonical import canonical, digest
from consent_widget.notice.model import Notice
from consent_widget.notice.plain import plain


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": [True, None, "é“”\n\u2028\\"], "": {}},
        {"\U0001f600": 1, "\ufb33": 2, "€": 3, "ö": 4, "1": 5},
        "\x00\x1f\x7f",
        -(2**53) + 1,
        [],
    ],
)
def test_canonical_json_is_that_of_an_independent_implementation(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_a_whole_notice_is_canonical_too(shop: Notice) -> None:
    assert shop.text.encode() == rfc8785.dumps(plain(shop))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.5, 2**53, object(), {"a": {1, 2}}])
def test_values_without_one_canonical_text_are_refused(value: object) -> None:
    with pytest.raises(ConsentError):
        canonical(value)


def test_the_order_of_names_does_not_change_a_digest() -> None:
    assert digest(canonical({"a": 1, "b": 2}).decode()) == digest(canonical({"b": 2, "a": 1}).decode())
