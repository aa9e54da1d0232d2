"""Acts count in the order in which they were pressed, whatever order they arrive in: a refusal always, a grant only on
the state that the visitor saw, and nothing after an erasure. A table of interleavings, and real races, on every database.

`ORDER_RUNS` and `RACE_ROUNDS` in the environment make them longer.
"""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consent_widget import SQLStore, processing
from consent_widget.choice.act import new_subject, record_id
from consent_widget.choice.state import NOTHING, State
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body

RUNS = int(os.environ.get("ORDER_RUNS", "120"))
ROUNDS = int(os.environ.get("RACE_ROUNDS", "25"))
X = "data_analytics"


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    """A site that asks for the age, with each database."""
    return make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store, CONSENT_AGE={})


@pytest.fixture
def plain(make_app: MakeApp, store: SQLStore) -> Flask:
    """A site that does not."""
    return make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store)


def body(notice: Notice, what: str) -> dict[str, Any]:
    """An act by its name in the table."""
    if what == "allow":
        return choice_body(notice, "allow", X, surface="placeholder")
    if what == "refuse":
        return choice_body(notice, "refuse", X, purposes={X: False}, surface="api")
    if what == "save without":
        return choice_body(notice, "save", "service_research", surface="centre")
    if what == "save with":
        return choice_body(notice, "save", X, surface="centre")
    return choice_body(notice, what)


GRANTS = ("accept_all", "allow", "save with")
REFUSALS = ("refuse", "withdraw_all", "save without", "age_child", "erase")
ACTS = GRANTS + REFUSALS


@dataclass
class Browser:
    """One visitor's browser with several tabs: what is pressed in them waits, and is sent with the cookie of then."""

    app: Flask
    notice: Notice
    cookie: str = ""
    clock: int = 0
    erased: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    box: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    #: When the grants that were taken, and the refusals that were sent, had been pressed.
    grants: list[int] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)

    def state(self) -> State | None:
        return self.app.extensions["consent_widget"].token_signer.read(self.cookie)  # type: ignore[no-any-return]

    def press(self, what: str) -> tuple[int, str, dict[str, Any]]:
        self.clock += 1
        state = self.state()
        sent = ({} if what == "erase" else body(self.notice, what)) | {"after": state.id if state else NOTHING}
        self.box.append((self.clock, sent))
        return self.clock, what, sent

    def send(self, act: tuple[int, str, dict[str, Any]], *, heard: bool = True) -> int:
        """Sends an act; unless it is `heard`, the answer is lost on the way."""
        pressed, what, sent = act
        client = self.app.test_client(use_cookies=False)
        headers = HERE | ({"Cookie": f"cw={self.cookie}"} if self.cookie else {})
        state = self.state()
        if what == "erase":
            answer = client.post("/consent/choices/erase", data={"x": "1"}, headers=headers)
            if state:
                self.erased.add(state.subject)
        else:
            answer = client.post("/consent/records", json=sent, headers=headers)
        taken = answer.status_code in (200, 201, 303)
        again = answer.status_code in (
            403,
            409,
            422,
        )  # a child's, on a state that has moved on, or the age is not known
        assert taken or (again and (what in GRANTS or what == "save without")), (what, answer.status_code)
        if what in GRANTS and taken:
            self.grants.append(pressed)
        elif what not in GRANTS and (what != "erase" or state):  # before a first choice there is nothing to erase
            self.refusals.append(pressed)
        if heard:
            before = sent["after"]
            for line in answer.headers.getlist("Set-Cookie"):
                if line.startswith("cw="):
                    self.cookie = line[3:].partition(";")[0]
            now = self.state()
            if taken and now and what != "erase" and now.seq == int(before.split(".")[-1], 36) + 1:
                for since, waiting in self.box:  # as the script's outbox does: see outbox.js, follow
                    if since > pressed and waiting["after"] == before:
                        waiting["after"] = now.id
            self.check(f"the cookie after {what}")
        return answer.status_code

    def check(self, where: str) -> None:
        """Nothing is granted unless a grant was pressed after every refusal; of whoever was erased nothing is left."""
        store = self.app.extensions["consent_widget"].store
        state = self.state()
        if state:
            self.subjects.add(state.subject)
        late = max(self.refusals, default=-1) < max(self.grants, default=-2)
        with self.app.app_context():
            for subject in self.subjects:
                assert late or not processing.granted(subject, X), f"the store grants, {where}"
        with self.app.test_request_context(headers={"Cookie": f"cw={self.cookie}"}):
            from consent_widget import consent

            assert late or not consent.granted(X), f"the cookie grants, {where}"
        for subject in self.erased:
            assert not store.history(subject), f"something of an erased visitor is kept, {where}"


def orders(count: int) -> list[tuple[int, ...]]:
    """Every order of pressing and sending `count` acts, each sent after it was pressed: 0 0 1 1, 0 1 0 1, ….
    The first time that a number stands there it is pressed, the second time it is sent.
    """
    return sorted(set(permutations([act for act in range(count) for _ in range(2)])))


Case = tuple[tuple[str, ...], tuple[int, ...], bool]


def table(acts: tuple[str, ...]) -> Iterator[Case]:
    """Pairs in every order, then as many triples as are asked for; some with the last answer lost, and sent again."""
    pairs = [(both, order, lost) for both in product(acts, acts) for order in orders(2) for lost in (False, True)]
    chance, triples = random.Random(20261128), orders(3)
    chance.shuffle(pairs)
    yield from pairs[: RUNS // 2]
    for _ in range(RUNS - min(RUNS // 2, len(pairs))):
        yield tuple(chance.choice(acts) for _ in range(3)), chance.choice(triples), chance.random() < 0.3


def walk(browser: Browser, case: Case) -> None:
    acts, order, lost = case
    pressed: dict[int, tuple[int, str, dict[str, Any]]] = {}
    for place, which in enumerate(order):
        if which not in pressed:
            pressed[which] = browser.press(acts[which])
            continue
        unheard = lost and place == len(order) - 1
        browser.send(pressed[which], heard=not unheard)
        if unheard:
            browser.send(pressed[which])


@pytest.mark.slow
def test_no_grant_outlives_a_refusal_that_was_pressed_after_it(app: Flask, shop: Notice) -> None:
    for case in table(ACTS):
        browser = Browser(app, shop)
        for what in ("age_adult", "accept_all"):
            assert browser.send(browser.press(what)) == 201
        browser.grants, browser.refusals = [0], []
        try:
            walk(browser, case)
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


@pytest.mark.slow
def test_no_first_grant_outlives_a_refusal_that_was_pressed_after_it(plain: Flask, shop: Notice) -> None:
    """Without `erase`: after an erasure the server cannot tell a first press from a new visitor's. Only the order of
    the outbox can.
    """
    for case in table(tuple(what for what in ACTS if what not in ("age_child", "erase"))):
        try:
            walk(Browser(plain, shop), case)
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


def at_once(*works: Callable[[], object]) -> None:
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def adult(app: Flask, notice: Notice, *more: str) -> str:
    """The cookie of somebody who has said that they are grown up, and done `more`."""
    client = app.test_client()
    for action in ("age_adult", *more):
        assert client.post("/consent/records", json=choice_body(notice, action), headers=HERE).status_code == 201
    cookie = client.get_cookie("cw")
    assert cookie
    return cookie.value


def sending(app: Flask, cookie: str, sent: dict[str, Any], heard: list[int] | None = None) -> Callable[[], object]:
    def work() -> None:
        client = app.test_client(use_cookies=False)
        answer = client.post("/consent/records", json=sent, headers=HERE | {"Cookie": f"cw={cookie}"})
        if heard is not None:
            heard.append(answer.status_code)

    return work


@pytest.mark.slow
def test_no_grant_counts_after_a_visitor_says_they_are_a_child(app: Flask, store: SQLStore, shop: Notice) -> None:
    for _ in range(ROUNDS):
        cookie = adult(app, shop)
        acts = ("age_child", "accept_all", "allow", "age_adult", "accept_all")
        at_once(*(sending(app, cookie, body(shop, what)) for what in acts))

        with app.app_context():
            assert not processing.granted(cookie.split(".")[1], X)


@pytest.mark.slow
def test_erased_at_the_same_moment_nothing_is_left(app: Flask, store: SQLStore, shop: Notice) -> None:
    def erase() -> None:
        client = app.test_client(use_cookies=False)
        client.post("/consent/choices/erase", data={"x": "1"}, headers=HERE | {"Cookie": f"cw={cookie}"})

    for _ in range(ROUNDS):
        cookie = adult(app, shop, "accept_all")
        acts = ("allow", "accept_all", "age_child")
        at_once(erase, *(sending(app, cookie, body(shop, what)) for what in acts))

        assert store.history(cookie.split(".")[1]) == []


@pytest.mark.slow
def test_when_a_grant_and_a_refusal_arrive_together_the_refusal_counts(
    app: Flask, store: SQLStore, shop: Notice
) -> None:
    for _ in range(ROUNDS):
        cookie, refused = adult(app, shop, "accept_all"), list[int]()
        grants = (sending(app, cookie, body(shop, what)) for what in ("accept_all", "allow", "accept_all"))
        at_once(sending(app, cookie, body(shop, "withdraw_all"), refused), *grants)

        assert refused == [201]
        with app.app_context():
            assert not processing.granted(cookie.split(".")[1], X)


def test_each_act_of_a_subject_has_a_number_of_its_own(app: Flask, store: SQLStore, shop: Notice) -> None:
    cookie = adult(app, shop)
    at_once(*(sending(app, cookie, body(shop, what)) for what in ("refuse", "withdraw_all", "accept_all", "refuse")))

    numbers = [choice.seq for choice in store.history(cookie.split(".")[1])]
    assert numbers == [*range(1, len(numbers) + 1)]
    assert len(numbers) in (4, 5)


def test_the_refusals_in_a_save_that_came_too_late_count(plain: Flask, shop: Notice) -> None:
    client = plain.test_client()
    sent = client.post("/consent/records", json=choice_body(shop), headers=HERE).json
    assert sent
    late = choice_body(shop, "save", "service_research", surface="centre") | {"after": NOTHING}
    answers = [client.post("/consent/records", json=late, headers=HERE) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json == answers[1].json
    granted = client.post("/consent/verify", json={"token": answers[0].json["token"]}).json["granted"]  # type: ignore[index]
    assert granted == ["service_research"]
    records = plain.extensions["consent_widget"].store.history(sent["token"].split(".")[1])
    assert [each.action for each in records] == ["accept_all", "refuse"]


def test_a_visitor_who_is_asked_again_gets_their_current_state(plain: Flask, shop: Notice) -> None:
    client, stale = plain.test_client(), plain.test_client()
    first = client.post("/consent/records", json=choice_body(shop), headers=HERE)
    stale.set_cookie("cw", first.json["token"])  # type: ignore[index]
    now = client.post("/consent/records", json=choice_body(shop, "withdraw_all"), headers=HERE).json
    answer = stale.post("/consent/records", json=body(shop, "allow"), headers=HERE)

    assert (answer.status_code, answer.json["type"]) == (409, "urn:consent_widget:state-moved")  # type: ignore[index]
    assert answer.json["token"] == now["token"]  # type: ignore[index]
    cookie = stale.get_cookie("cw")
    assert cookie
    assert cookie.value == now["token"]  # type: ignore[index]
    again = body(shop, "allow") | {"after": ".".join(cookie.value.split(".")[1:3])}
    assert stale.post("/consent/records", json=again, headers=HERE).status_code == 201


def test_a_visitor_whose_records_were_erased_is_asked_again_and_keeps_no_cookie(plain: Flask, shop: Notice) -> None:
    client = plain.test_client()
    token = client.post("/consent/records", json=choice_body(shop), headers=HERE).json["token"]  # type: ignore[index]
    with plain.app_context():
        processing.erase(token.split(".")[1])
    answer = client.post("/consent/records", json=body(shop, "allow") | {"after": token_id(token)}, headers=HERE)

    assert (answer.status_code, answer.json["token"]) == (409, "")  # type: ignore[index]
    assert client.get_cookie("cw") is None
    assert list(plain.extensions["consent_widget"].store.export()) == []


def token_id(token: str) -> str:
    return ".".join(token.split(".")[1:3])


def test_the_preferences_page_says_that_the_choices_have_changed(plain: Flask, shop: Notice) -> None:
    client = plain.test_client()
    client.post("/consent/records", json=choice_body(shop), headers=HERE)
    old = client.get("/consent/preferences?lang=en").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', old))
    client.post("/consent/records", json=choice_body(shop, "withdraw_all"), headers=HERE)
    answer = client.post("/consent/preferences", data=fields | {"action": "save", "grant": [X]}, headers=HERE)

    assert answer.status_code == 409
    assert "The choices have changed meanwhile" in answer.text
    assert not re.search(r"<input[^>]* checked[^>]*>", answer.text)


def test_an_old_retry_is_confirmed_and_opens_nothing(plain: Flask, store: SQLStore, shop: Notice) -> None:
    sent = choice_body(shop)
    first = plain.test_client().post("/consent/records", json=sent, headers=HERE).json
    assert first
    with store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE consent_records SET time = time - 3700000"))
    stranger, own = plain.test_client(), plain.test_client()
    own.set_cookie("cw", first["token"])
    answers = [client.post("/consent/records", json=sent, headers=HERE) for client in (stranger, own)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == {"token": None, "receipt": None}
    assert stranger.get_cookie("cw") is None
    assert answers[1].json["token"].split(".")[1] == first["token"].split(".")[1]  # type: ignore[index]
    assert len(list(store.export())) == 1


def test_a_key_from_the_database_opens_nothing(plain: Flask, store: SQLStore, shop: Notice) -> None:
    sent = choice_body(shop)
    first = plain.test_client().post("/consent/records", json=sent, headers=HERE).json
    (row,) = store.export()
    answer = plain.test_client().post("/consent/records", json=sent | {"key": row.id}, headers=HERE)

    assert row.id == first["receipt"]["id"] == record_id("", sent["key"])  # type: ignore[index]
    assert answer.status_code == 201
    assert answer.json["token"].split(".")[1] != first["token"].split(".")[1]  # type: ignore[index]


def test_a_childs_own_grant_never_counts_whoever_stored_it(app: Flask, store: SQLStore, shop: Notice) -> None:
    subject = new_subject()
    act(store, shop, subject, "age_child", age_band="under_14")
    act(store, shop, subject, "accept_all", age_band="18_or_over")  # by a process that does not heed the age yet

    with app.app_context():
        assert not processing.granted(subject, X)


def test_grants_from_before_lost_records_no_longer_count(plain: Flask, store: SQLStore, shop: Notice) -> None:
    subject = new_subject()
    act(store, shop, subject, "accept_all")
    act(store, shop, subject, "allow", "event_eligibility", seq=3)  # number 2 is not in the backup

    with plain.app_context():
        assert not processing.granted(subject, X)
        assert processing.granted(subject, "event_eligibility")
