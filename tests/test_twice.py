"""Without script, two presses on one button before the first answer came are one act."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from consent_widget import twice as module
from consent_widget.notice import Notice
from consent_widget.twice import Twice

from .test_pages import URL, kept
from .test_pressed import PRESSED, layer, ours

AGENT = "Mozilla/5.0 (a browser)"
BROWSER = PRESSED | {"User-Agent": AGENT, "Accept-Language": "en"}


@pytest.mark.parametrize("action", ["accept_all", "reject_all", "close"])
def test_two_presses_at_once_make_one_record_of_one_visitor(app: Flask, shop: Notice, action: str) -> None:
    def press(_: int) -> str:
        client = app.test_client()  # no cookie yet: the first answer is still on its way
        assert client.post(URL, data=ours(app, shop, AGENT) | {"action": action}, headers=BROWSER).status_code == 303
        return str(client.get_cookie("cw").value).split(".")[1]  # type: ignore[union-attr]

    with ThreadPoolExecutor(8) as presses:
        subjects = set(presses.map(press, range(8)))
    assert [choice.action for choice in kept(app)] == [action]
    assert len(subjects) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"headers": BROWSER | {"User-Agent": "another"}},
        {"headers": BROWSER | {"Accept-Language": "zh-CN"}},
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"data": {"next": "/another"}},
    ],
    ids=["another browser", "another language", "another address", "another page"],
)
def test_what_differs_in_anything_is_another_visitors(
    app: Flask, shop: Notice, other: dict[str, dict[str, str]]
) -> None:
    filled = layer(shop) | {"action": "reject_all"}
    app.test_client().post(URL, data=filled, headers=BROWSER)
    app.test_client().post(
        URL,
        data=filled | other.get("data", {}),
        headers=other.get("headers", BROWSER),
        environ_overrides=other.get("environ_overrides", {}),
    )

    assert len({choice.subject for choice in kept(app)}) == 2


def test_the_other_button_is_another_act(app: Flask, shop: Notice) -> None:
    for action in ("accept_all", "reject_all"):
        app.test_client().post(URL, data=ours(app, shop, AGENT) | {"action": action}, headers=BROWSER)

    assert [choice.action for choice in kept(app)] == ["accept_all", "reject_all"]


def test_who_has_chosen_before_may_choose_the_same_again(app: Flask, shop: Notice) -> None:
    client = app.test_client()
    for _ in range(3):
        client.post(URL, data=layer(shop) | {"action": "reject_all"}, headers=BROWSER)

    assert len(kept(app)) == 3


def test_what_was_pressed_is_forgotten_and_never_much_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    twice = Twice()
    first = twice.key("form", "browser")
    now[0] += module.SECONDS - 0.1
    assert twice.key("form", "browser") == first
    now[0] += 0.2
    assert twice.key("form", "browser") != first
    for each in range(module.MOST + 10):
        twice.key(str(each))
    assert len(twice._seen) == module.MOST
    assert b"browser" not in repr(twice._seen).encode()
    assert Twice().key("form") != Twice().key("form")
