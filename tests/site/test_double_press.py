"""Without script, two presses on one button before the first answer came are one act, whose token is told once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from consent_widget.notice.model import Notice
from consent_widget.site import double_press as module
from consent_widget.site.double_press import DoublePresses

from ..web.test_pages import URL, kept
from ..web.test_press import PRESSED, layer, ours

AGENT = "Mozilla/5.0 (a browser)"
BROWSER = PRESSED | {"User-Agent": AGENT, "Accept-Language": "en"}


@pytest.mark.parametrize("action", ["accept_all", "reject_all", "close"])
def test_two_presses_at_once_make_one_record_of_one_visitor(app: Flask, shop: Notice, action: str) -> None:
    def press(_: int) -> bool:
        client = app.test_client()  # no cookie yet: the first answer is still on its way
        answer = client.post(URL, data=ours(app, shop, AGENT) | {"action": action}, headers=BROWSER)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/shop")
        return "Set-Cookie" in answer.headers

    with ThreadPoolExecutor(8) as presses:
        cookies = list(presses.map(press, range(8)))
    assert [choice.action for choice in kept(app)] == [action]
    assert cookies.count(True) == 1


@pytest.mark.parametrize(
    ("path", "answer"), [(URL, "accept_all"), (URL, "reject_all"), ("/consent/do-not-share", "opt_out")]
)
def test_of_two_people_who_look_the_same_neither_reads_or_erases_what_is_the_others(
    app: Flask, shop: Notice, path: str, answer: str
) -> None:
    first, second = app.test_client(), app.test_client()
    filled = ours(app, shop, AGENT) | {"action": answer}
    told = [each.post(path, data=filled, headers=BROWSER) for each in (first, second)]

    assert told[0].status_code == told[1].status_code
    assert first.get_cookie("cw")
    assert second.get_cookie("cw") is None
    assert len(first.get("/consent/choices?format=json").json["choices"]) == 1  # type: ignore[index]
    assert second.get("/consent/choices?format=json").json["choices"] == []  # type: ignore[index]
    second.post("/consent/choices/erase", headers=BROWSER)
    assert [choice.action for choice in kept(app)] == [answer]


def test_the_second_visitor_cannot_refuse_what_the_first_granted(app: Flask, shop: Notice) -> None:
    first, second = app.test_client(), app.test_client()
    refusing = ours(app, shop, AGENT) | {"action": "reject_all"}
    first.post(URL, data=refusing, headers=BROWSER)
    first.post(URL, data=refusing | {"action": "accept_all"}, headers=BROWSER)
    assert "Set-Cookie" not in second.post(URL, data=refusing, headers=BROWSER).headers

    assert [choice.action for choice in kept(app)] == ["reject_all", "accept_all"]


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
def test_a_form_that_differs_in_anything_is_from_another_visitor(
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


def test_presses_are_forgotten_after_two_seconds_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    twice = DoublePresses()
    first = twice.key("form", "browser")
    now[0] += module.SECONDS - 0.1
    assert twice.key("form", "browser") == first
    now[0] += 0.2
    assert twice.key("form", "browser") != first
    for each in range(module.MAX_PRESSES + 10):
        twice.key(str(each))
    assert len(twice._seen) == module.MAX_PRESSES
    assert b"browser" not in repr(twice._seen).encode()
    assert DoublePresses().key("form") != DoublePresses().key("form")
