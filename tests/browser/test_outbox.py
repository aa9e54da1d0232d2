"""No choice is lost: each stays in the outbox until the server has acknowledged it, and becomes exactly one record."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, Route, expect

from consent_widget.choice.act import new_key, record_id
from consent_widget.choice.submission import answers_from_form
from consent_widget.resources import STATIC

from .conftest import MakeSite, MakeVisitor
from .servers import Site, live
from .visitor import Visitor

PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>A static page</title>
<script async src="{source}"></script>
<body><h1>A static page</h1><script type="text/plain" data-consent="data_analytics">window.ran = true</script>"""
#: Seconds.
RETRY_AFTER = 2
BOX = "Object.keys(localStorage).filter((key) => key.startsWith('cw-outbox'))"


class FlakyServer:
    """The widget's server, which can be away, fail or be overloaded: each request gets the next of `answers`."""

    def __init__(self) -> None:
        self.answers: list[int | str] = []
        self.asked: list[str] = []
        self.times: list[float] = []

    def recover(self) -> None:
        self.answers.clear()
        self.asked.clear()

    def __call__(self, route: Route) -> None:
        submission = json.loads(route.request.post_data or "{}")
        self.asked.append(submission["key"])
        self.times.append(monotonic())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0] if self.answers else "ok"
        if answer == "away":
            route.abort("connectionrefused")
        elif answer == "unheard":  # taken by the server, but the answer is lost on the way
            route.fetch()
            route.abort("connectionreset")
        elif isinstance(answer, int):
            headers = {
                "Retry-After": str(RETRY_AFTER),
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "*",
            }
            route.fulfill(status=answer, body="{}", headers=headers, content_type="application/problem+json")
        else:
            route.continue_()


@pytest.fixture(scope="module")
def static() -> Iterator[dict[str, str]]:
    app, addresses = Flask("host"), {"url": "", "source": ""}
    app.add_url_rule("/", "page", lambda: PAGE.format(source=addresses["source"]))
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    with live(app, "localhost") as addresses["url"]:
        yield addresses


@pytest.fixture
def site(make_site: MakeSite, static: dict[str, str]) -> Site:
    made = make_site(CONSENT_ORIGINS=[static["url"]])
    static["source"] = f"{made.url}/consent/widget.js"
    return made


@pytest.fixture
def flaky() -> FlakyServer:
    return FlakyServer()


@pytest.fixture(params=["embedded", "elsewhere"])
def visitor(
    request: pytest.FixtureRequest, site: Site, visit: MakeVisitor, static: dict[str, str], flaky: FlakyServer
) -> Visitor:
    """A visitor of a page of the site itself, or of a static page on another origin, whose server is `flaky`."""
    visitor = visit(site, faults=True)
    visitor.context.route("**/consent/records", flaky)
    visitor.home = site.url if request.param == "embedded" else static["url"]  # type: ignore[attr-defined]
    if request.param == "embedded":
        site.body = '<script type="text/plain" data-consent="data_analytics">window.ran = true</script>'
    visitor.page.goto(visitor.home + "/")  # type: ignore[attr-defined]
    return visitor


def press(visitor: Visitor, what: str) -> None:
    visitor.page.locator(f".cw-layer #cw-{what}-all").click()


def again(visitor: Visitor) -> Page:
    page: Page = visitor.context.new_page()
    page.goto(visitor.home + "/")  # type: ignore[attr-defined]
    return page


def ran(page: Page) -> bool:
    return bool(page.evaluate("!!window.ran"))


def test_a_grant_made_while_the_server_is_away_is_one_record_when_it_is_back(
    site: Site, visitor: Visitor, flaky: FlakyServer
) -> None:
    flaky.answers = ["away"]
    press(visitor, "accept")
    visitor.expect_status("unsaved")
    assert not ran(visitor.page)
    assert "cw" not in visitor.cookies()
    flaky.recover()
    visitor.expect_saved()
    visitor.wait_until("window.ran")

    assert visitor.record().action == "accept_all"
    assert visitor.page.evaluate(BOX) == []


def test_with_the_tab_closed_in_between_the_next_page_sends_it(
    site: Site, visitor: Visitor, flaky: FlakyServer
) -> None:
    flaky.answers = ["away"]
    press(visitor, "accept")
    visitor.expect_status("unsaved")
    visitor.page.close()
    flaky.recover()
    page = again(visitor)
    page.wait_for_function("window.ran")

    assert visitor.record().action == "accept_all"
    assert page.evaluate(BOX) == []


def test_a_choice_whose_answer_was_lost_stays_one_record(site: Site, visitor: Visitor, flaky: FlakyServer) -> None:
    flaky.answers = ["unheard", "unheard", "ok"]
    press(visitor, "reject")
    visitor.expect_saved()

    assert visitor.record().action == "reject_all"
    assert len(set(flaky.asked)) == 1
    assert len(flaky.asked) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_server_is_asked_again_after_the_time_it_set(
    site: Site, visitor: Visitor, flaky: FlakyServer, status: int
) -> None:
    flaky.answers = [status, "ok"]
    press(visitor, "reject")
    visitor.expect_status("unsaved")
    visitor.expect_saved()
    first, second = flaky.times
    assert second - first >= RETRY_AFTER

    assert visitor.record().action == "reject_all"


def test_a_refusal_that_is_not_saved_yet_holds_on_the_next_page(
    site: Site, visitor: Visitor, flaky: FlakyServer
) -> None:
    press(visitor, "accept")
    visitor.expect_saved()
    visitor.wait_until("window.ran")
    flaky.answers = ["away"]
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.page.wait_for_function("!window.ran")  # it reloads, and nothing runs

    page = again(visitor)
    page.wait_for_function("!!globalThis.ConsentWidget?.open")
    assert not page.evaluate("ConsentWidget.granted('data_analytics')")
    assert not ran(page)
    flaky.recover()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".cw-toast")).to_contain_text("are saved")
    granted, withdrawn = site.records()
    assert (withdrawn.action, withdrawn.subject, withdrawn.seq) == ("withdraw_all", granted.subject, 2)


def test_a_refusal_after_a_grant_is_never_overtaken(site: Site, visitor: Visitor, flaky: FlakyServer) -> None:
    flaky.answers = ["away"]
    press(visitor, "accept")
    visitor.expect_status("unsaved")
    visitor.page.evaluate("ConsentWidget.reject()")
    flaky.recover()
    visitor.expect_saved()

    assert [each.action for each in site.records()] == ["accept_all", "reject_all"]
    assert {each.subject for each in site.records()} == {site.records()[0].subject}
    assert not ran(visitor.page)
    assert not ran(again(visitor))


def test_two_tabs_send_each_choice_once_and_in_order(site: Site, visitor: Visitor, flaky: FlakyServer) -> None:
    other = again(visitor)
    flaky.answers = ["away"]
    press(visitor, "accept")
    visitor.expect_status("unsaved")
    other.evaluate("ConsentWidget.reject()")
    expect(other.locator(".cw-toast")).to_contain_text("Not saved yet")
    flaky.recover()
    other.evaluate("dispatchEvent(new Event('online'))")
    expect(other.locator(".cw-toast")).to_contain_text("are saved")
    visitor.expect_saved()

    assert [each.action for each in site.records()] == ["accept_all", "reject_all"]
    for page in (visitor.page, other):
        assert not page.evaluate("ConsentWidget.granted('data_analytics')")
        assert page.evaluate(BOX) == []


def test_a_choice_made_offline_is_sent_when_the_connection_is_back(site: Site, visitor: Visitor) -> None:
    visitor.wait_until("window.ConsentWidget?.open")
    visitor.context.set_offline(True)
    press(visitor, "accept")
    visitor.expect_status("unsaved")
    visitor.context.set_offline(False)
    visitor.expect_saved()

    assert visitor.record().action == "accept_all"


def test_the_visitor_is_told_of_saving_only_once_it_is_done(site: Site, visitor: Visitor) -> None:
    site.store.away = True
    press(visitor, "accept")
    visitor.expect_status("unsaved")
    assert (site.records(), ran(visitor.page)) == ([], False)
    site.store.away = False
    visitor.expect_saved()
    assert visitor.record().action == "accept_all"


def test_with_a_slow_server_the_visitor_reads_not_saved_yet_and_then_saved(site: Site, visitor: Visitor) -> None:
    held: list[Route] = []
    visitor.context.route("**/consent/records", lambda route: held.append(route))
    press(visitor, "reject")
    visitor.expect_status("unsaved")
    held[0].fallback()
    visitor.expect_saved()
    assert visitor.record().action == "reject_all"


def test_corrupt_outbox_entries_stop_nothing(site: Site, visitor: Visitor) -> None:
    visitor.page.evaluate(
        """() => { for (const spoilt of ["", "{", "[]", "null", "7"]) localStorage["cw-outbox." + spoilt] = spoilt }"""
    )
    press(visitor, "reject")
    visitor.expect_saved()
    assert visitor.record().action == "reject_all"


MANY, TABS = int(os.environ.get("OUTBOX_CHOICES", "300")), 4
#: Starts to send all of them; `sent` has the token of each by its key once all are acknowledged.
SEND_ALL = """async ({ base, all }) => {
  Object.assign(globalThis, { CW_SHARED: { home: location.href }, CW_DATA: {}, CW_LINKED: {} });
  const { outbox } = await import("/outbox.js");
  const tokens = {};
  let done;
  globalThis.sent = new Promise((resolve) => done = resolve);
  const hurry = setInterval(() => dispatchEvent(new Event("online")), 100);
  const send = outbox(base + "/consent/records", () => "", (token) => token, async () => null, (said, status, token) => {
    if (!token) return;
    tokens[said.key] = token;
    if (Object.keys(tokens).length < all.length) return;
    clearInterval(hurry);
    done(tokens);
  });
  for (const said of all) send(said);
}"""


def test_every_choice_through_a_bad_line_is_one_record(browser: Browser, make_site: Callable[..., Site]) -> None:
    """Distinct subjects, each sent by the shipped outbox through a proxy that drops, delays and doubles requests.

    In tabs of as many origins: an outbox reads everything that it keeps before each request, and has few in life.
    """
    chance = random.Random(20261125)
    front = Flask("front")
    front.add_url_rule("/", "page", lambda: "<!doctype html><title>x</title>")
    front.add_url_rule("/<name>.js", "module", lambda name: Response(
        (STATIC / "src" / "core" / f"{name}.js").read_text("utf-8"), mimetype="text/javascript"
    ))  # fmt: skip
    with live(front, "localhost") as home:
        homes = [home.replace("localhost", f"tab{number}.localhost") for number in range(TABS)]
        site = make_site(CONSENT_ORIGINS=homes)
        choices = _choices(site, chance)
        tokens: dict[str, str] = {}
        with live(_bad_line(site, chance), "127.0.0.1") as proxy, browser.new_context() as context:
            pages = [context.new_page() for _ in homes]
            for number, page in enumerate(pages):
                page.goto(homes[number])
                page.evaluate(SEND_ALL, {"base": proxy, "all": choices[number::TABS]})
            for page in pages:
                tokens |= page.evaluate("sent")

    records = site.records()
    assert len(records) == len({each.id for each in records}) == len({each.subject for each in records}) == MANY
    subjects = {record_id("", key): token.split(".")[1] for key, token in tokens.items()}
    assert subjects == {each.id: each.subject for each in records}


def _choices(site: Site, chance: random.Random) -> list[dict[str, Any]]:
    notice = site.app.extensions["consent_widget"].notice
    actions = ["accept_all", "reject_all", "save", "withdraw_all"]
    return [
        {
            "key": new_key(),
            "notice": notice.digest,
            "locale": chance.choice(notice.locales),
            "action": action,
            "surface": "layer",
            "purposes": answers_from_form(notice, action, (), ()),
            "gpc": False,
            "scripted": False,
        }
        for action in chance.choices(actions, k=MANY)
    ]


def _bad_line(site: Site, chance: random.Random) -> Callable[..., Any]:
    """A WSGI proxy before the site that drops, delays and repeats requests."""
    from io import BytesIO
    from time import sleep

    def line(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))

        def ask(start: Callable[..., Any]) -> list[bytes]:
            return list(site.app(environ | {"wsgi.input": BytesIO(body)}, start))

        mood = chance.random() if environ["REQUEST_METHOD"] == "POST" else 1
        if mood < 0.15:  # dropped on the way there
            start("502 Bad Gateway", [("Access-Control-Allow-Origin", environ.get("HTTP_ORIGIN", ""))])
            return [b"nothing"]
        if mood < 0.3:  # dropped on the way back
            ask(lambda *_: lambda _: None)
            start("502 Bad Gateway", [("Access-Control-Allow-Origin", environ.get("HTTP_ORIGIN", ""))])
            return [b"nothing"]
        if mood < 0.4:  # doubled
            ask(lambda *_: lambda _: None)
        elif mood < 0.5:
            sleep(chance.random() * 0.02)
        return ask(start)

    return line


def test_a_refusal_that_the_server_cannot_read_holds_up_no_later_choice(site: Site, visitor: Visitor) -> None:
    def unreadable(route: Route) -> None:
        if not re.search(
            'true|"withdraw_all"', json.dumps(json.loads(route.request.post_data or "{}").get("purposes", {}))
        ):
            headers = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(status=422, body="{}", headers=headers, content_type="application/problem+json")
        else:
            route.continue_()

    visitor.context.unroute("**/consent/records")
    visitor.context.route("**/consent/records", unreadable)
    press(visitor, "reject")
    visitor.expect_status("unsaved")
    assert not ran(visitor.page)
    assert len(visitor.page.evaluate(BOX)) == 1
    visitor.page.locator(".cw-pill").click()
    visitor.press_in_centre("accept_all")
    visitor.wait_until("window.ran")
    assert [each.action for each in site.records()] == ["accept_all"]

    # what has not been answered since is refused all the same, until the server can read it
    (left,) = visitor.page.evaluate(
        "Object.keys(localStorage).filter((key) => /outbox/.test(key)).map((key) => localStorage[key])"
    )
    assert json.loads(left)["purposes"] == {"partner_sharing:acme": False}
    visitor.context.unroute("**/consent/records")
    visitor.page.evaluate("dispatchEvent(new Event('online'))")
    visitor.expect_saved()
    assert [each.action for each in site.records()] == ["accept_all", "refuse"]
    assert visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
    assert visitor.page.evaluate(BOX) == []
