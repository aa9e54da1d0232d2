"""Nothing is lost: each choice is kept until the server has acknowledged it, and is then one record."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, Route, expect

from consent_widget.choice.act import hashed, new_key
from consent_widget.choice.submission import answers_from_form
from consent_widget.resources import STATIC

from .conftest import MakeSite, MakeVisitor
from .servers import Site, live
from .visitor import Visitor

PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>A static page</title>
<script async src="{source}"></script>
<body><h1>A static page</h1><script type="text/plain" data-consent="data_analytics">window.ran = true</script>"""
BOX = "Object.keys(localStorage).filter((key) => key.startsWith('cw-outbox'))"


class Moody:
    """The widget's server, which can be away, slow, failing or overrun; what it answers then is counted."""

    def __init__(self) -> None:
        self.answers: list[int | str] = []
        self.asked: list[str] = []

    def mend(self) -> None:
        self.answers.clear()
        self.asked.clear()

    def __call__(self, route: Route) -> None:
        said = json.loads(route.request.post_data or "{}")
        self.asked.append(said["key"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0] if self.answers else "ok"
        if answer == "away":
            route.abort("connectionrefused")
        elif answer == "unheard":  # taken by the server, but the answer is lost on the way
            route.fetch()
            route.abort("connectionreset")
        elif isinstance(answer, int):
            headers = {"Retry-After": "2", "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
            route.fulfill(status=answer, body="{}", headers=headers, content_type="application/problem+json")
        else:
            route.continue_()


@pytest.fixture(scope="module")
def static() -> Iterator[dict[str, str]]:
    app, told = Flask("host"), {"url": "", "source": ""}
    app.add_url_rule("/", "page", lambda: PAGE.format(source=told["source"]))
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    with live(app, "localhost") as told["url"]:
        yield told


@pytest.fixture
def site(make_site: MakeSite, static: dict[str, str]) -> Site:
    made = make_site(CONSENT_ORIGINS=[static["url"]])
    static["source"] = f"{made.url}/consent/widget.js"
    return made


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture(params=["embedded", "elsewhere"])
def visitor(
    request: pytest.FixtureRequest, site: Site, visit: MakeVisitor, static: dict[str, str], moody: Moody
) -> Visitor:
    """Of a page of the site itself, and of a static page on another origin; the server's moods are in between."""
    visitor = visit(site, faults=True)
    visitor.context.route("**/consent/records", moody)
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
    site: Site, visitor: Visitor, moody: Moody
) -> None:
    moody.answers = ["away"]
    press(visitor, "accept")
    visitor.told("unsaved")
    assert not ran(visitor.page)
    assert "cw" not in visitor.cookies()
    moody.mend()
    visitor.told_saved()
    visitor.waits_for("window.ran")

    assert visitor.record().action == "accept_all"
    assert visitor.page.evaluate(BOX) == []


def test_with_the_tab_closed_in_between_the_next_page_sends_it(site: Site, visitor: Visitor, moody: Moody) -> None:
    moody.answers = ["away"]
    press(visitor, "accept")
    visitor.told("unsaved")
    visitor.page.close()
    moody.mend()
    page = again(visitor)
    page.wait_for_function("window.ran")

    assert visitor.record().action == "accept_all"
    assert page.evaluate(BOX) == []


def test_a_choice_whose_answer_was_lost_stays_one_record(site: Site, visitor: Visitor, moody: Moody) -> None:
    moody.answers = ["unheard", "unheard", "ok"]
    press(visitor, "reject")
    visitor.told_saved()

    assert visitor.record().action == "reject_all"
    assert len(set(moody.asked)) == 1
    assert len(moody.asked) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_overrun_is_asked_again_when_it_said(
    site: Site, visitor: Visitor, moody: Moody, status: int
) -> None:
    moody.answers = [status, "ok"]
    press(visitor, "reject")
    visitor.told("unsaved")
    visitor.page.wait_for_timeout(1000)
    assert len(moody.asked) == 1  # Retry-After: 2
    visitor.told_saved()

    assert visitor.record().action == "reject_all"


def test_a_refusal_that_is_not_saved_yet_holds_on_the_next_page(site: Site, visitor: Visitor, moody: Moody) -> None:
    press(visitor, "accept")
    visitor.told_saved()
    visitor.waits_for("window.ran")
    moody.answers = ["away"]
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.page.wait_for_function("!window.ran")  # it reloads, and nothing runs

    page = again(visitor)
    page.wait_for_function("!!globalThis.ConsentWidget?.open")
    assert not page.evaluate("ConsentWidget.granted('data_analytics')")
    assert not ran(page)
    moody.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".cw-toast")).to_contain_text("are saved")
    granted, withdrawn = site.records()
    assert (withdrawn.action, withdrawn.subject, withdrawn.seq) == ("withdraw_all", granted.subject, 2)


def test_a_refusal_after_a_grant_is_never_overtaken(site: Site, visitor: Visitor, moody: Moody) -> None:
    moody.answers = ["away"]
    press(visitor, "accept")
    visitor.told("unsaved")
    visitor.page.evaluate("ConsentWidget.reject()")
    moody.mend()
    visitor.told_saved()

    assert [each.action for each in site.records()] == ["accept_all", "reject_all"]
    assert {each.subject for each in site.records()} == {site.records()[0].subject}
    assert not ran(visitor.page)
    assert not ran(again(visitor))


def test_two_tabs_send_each_choice_once_and_in_order(site: Site, visitor: Visitor, moody: Moody) -> None:
    other = again(visitor)
    moody.answers = ["away"]
    press(visitor, "accept")
    visitor.told("unsaved")
    other.evaluate("ConsentWidget.reject()")
    expect(other.locator(".cw-toast")).to_contain_text("Not saved yet")
    moody.mend()
    other.evaluate("dispatchEvent(new Event('online'))")
    expect(other.locator(".cw-toast")).to_contain_text("are saved")
    visitor.told_saved()

    assert [each.action for each in site.records()] == ["accept_all", "reject_all"]
    for page in (visitor.page, other):
        assert not page.evaluate("ConsentWidget.granted('data_analytics')")
        assert page.evaluate(BOX) == []


def test_a_choice_made_offline_is_sent_when_the_line_is_back(site: Site, visitor: Visitor) -> None:
    visitor.waits_for("window.ConsentWidget?.open")
    visitor.context.set_offline(True)
    press(visitor, "accept")
    visitor.told("unsaved")
    visitor.context.set_offline(False)
    visitor.told_saved()

    assert visitor.record().action == "accept_all"


def test_saved_is_said_only_when_it_is(site: Site, visitor: Visitor) -> None:
    site.store.away = True
    press(visitor, "accept")
    visitor.told("unsaved")
    assert (site.records(), ran(visitor.page)) == ([], False)
    site.store.away = False
    visitor.told_saved()
    assert visitor.record().action == "accept_all"


def test_a_slow_server_is_said_to_be_slow_and_then_saved(site: Site, visitor: Visitor) -> None:
    visitor.context.route("**/consent/records", lambda route: (visitor.page.wait_for_timeout(4_000), route.fallback()))
    press(visitor, "reject")
    visitor.told("unsaved")
    visitor.told_saved()
    assert visitor.record().action == "reject_all"


def test_a_spoilt_box_stops_nothing(site: Site, visitor: Visitor) -> None:
    visitor.page.evaluate(
        """() => { for (const spoilt of ["", "{", "[]", "null", "7"]) localStorage["cw-outbox." + spoilt] = spoilt }"""
    )
    press(visitor, "reject")
    visitor.told_saved()
    assert visitor.record().action == "reject_all"


MANY = 1_000
SUBJECTS = """async ({ base, all }) => {
  globalThis.CW_SHARED = {};
  const { outbox } = await import("/outbox.js");
  const results = {};
  let done;
  const finished = new Promise((resolve) => done = resolve);
  const send = outbox(base + "/consent/records", () => "", (token) => token, async () => null, (said, status, token) => {
    if (!token) return;
    results[said.key] = token;
    if (Object.keys(results).length == all.length) done();
  });
  for (const said of all) send(said);
  const hurry = setInterval(() => dispatchEvent(new Event("online")), 20);
  await finished;
  clearInterval(hurry);
  return results;
}"""


def test_a_thousand_choices_through_a_bad_line_are_a_thousand_records(
    browser: Browser, make_site: Callable[..., Site]
) -> None:
    """Distinct subjects, each sent by the shipped outbox through a proxy that drops, delays and doubles requests."""
    chance = random.Random(20261125)
    front = Flask("front")
    with live(front, "localhost") as home:
        site = make_site(CONSENT_ORIGINS=[home])
        served = _bad_line(site, chance)
        front.add_url_rule("/", "page", lambda: "<!doctype html><title>x</title>")
        front.add_url_rule("/<name>.js", "module", lambda name: Response(
            (STATIC / "src/core" / f"{name}.js").read_text("utf-8"), mimetype="text/javascript"
        ))  # fmt: skip
        with live(served, "127.0.0.1") as proxy:
            page = browser.new_page()
            page.goto(home)
            tokens: dict[str, Any] = page.evaluate(SUBJECTS, {"base": proxy, "all": _choices(site, chance)})
            page.close()

    records = site.records()
    assert len(records) == len({each.key for each in records}) == len({each.subject for each in records}) == MANY
    subjects = {hashed(key): token.split(".")[1] for key, token in tokens.items()}
    assert subjects == {each.key: each.subject for each in records}


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
    """A WSGI app between the browser and the site's own."""
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
    visitor.told("unsaved")
    assert not ran(visitor.page)
    assert len(visitor.page.evaluate(BOX)) == 1
    visitor.page.locator(".cw-pill").click()
    visitor.press_in_centre("accept_all")
    visitor.waits_for("window.ran")
    assert [each.action for each in site.records()] == ["accept_all"]

    # what has not been answered since is refused all the same, until the server can read it
    (left,) = visitor.page.evaluate(
        "Object.keys(localStorage).filter((key) => /outbox/.test(key)).map((key) => localStorage[key])"
    )
    assert json.loads(left)["purposes"] == {"partner_sharing:acme": False}
    visitor.context.unroute("**/consent/records")
    visitor.page.evaluate("dispatchEvent(new Event('online'))")
    visitor.told_saved()
    assert [each.action for each in site.records()] == ["accept_all", "refuse"]
    assert visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
    assert visitor.page.evaluate(BOX) == []
