"""The demo as it is started, and its two other sites as their visitors use them."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from consent_widget.service.command import main
from examples.demo.addresses import Addresses

from .conftest import MakeVisitor
from .test_accessible import sound
from .visitor import Visitor

both = pytest.mark.parametrize("locale", ["zh-CN", "en"])
REFUSE = {"zh-CN": "全部拒绝", "en": "Reject all"}
BREW = {"zh-CN": "水开了，泡哪一种？", "en": "The kettle has boiled. Which tea?"}
PICK = {"zh-CN": "试试熟普洱", "en": "After this one: Ripe pu’er."}
NO = {"zh-CN": "不允许", "en": "No"}
YES = {"zh-CN": "允许", "en": "Yes"}
FILM = {"zh-CN": "热茶注入碗中", "en": "Tea is poured into a bowl"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Addresses]:
    port, process = start()
    yield Addresses.at(port)
    with process:
        process.terminate()


def start() -> tuple[int, subprocess.Popen[str]]:
    """`python -m examples.demo` on four ports in a row that nobody uses."""
    for _ in range(9):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "examples.demo", "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout
        said = [line for _, line in zip(range(6), process.stdout, strict=False)]
        if said:
            urls = [url for line in said for url in re.findall(r"http://\S+", line)]
            at = Addresses.at(port)
            assert urls == [at.shop, at.vendors, at.journal, at.brew, at.fair, at.office]
            return port, process
        with process:
            pass
    raise AssertionError("no four free ports in a row")


def requests_of(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def plays(visitor: Visitor, locale: str) -> None:
    frame = visitor.page.frame_locator(".film")
    expect(frame.locator("svg")).to_have_attribute("aria-label", FILM[locale])


def front(at: Addresses, locale: str) -> str:
    return at.journal + ("/" if locale == "zh-CN" else "/en.html")


@both
def test_a_static_site_asks_obeys_remembers_and_lets_go(demo: Addresses, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(None, locale)
    page = visitor.page
    asked = requests_of(page)
    page.goto(front(demo, locale))
    expect(visitor.layer).to_contain_text(REFUSE[locale])
    expect(visitor.placeholder).to_be_visible()
    assert [url for url in asked if url.startswith(demo.vendors)] == []

    visitor.accept()
    visitor.wait_until("localStorage.tally")
    plays(visitor, locale)

    asked.clear()
    page.reload()
    plays(visitor, locale)
    assert visitor.layer.count() == 0
    assert [url for url in asked if url.startswith(demo.shop) and not re.search("/(widget|embeds)[.]", url)] == []

    page.locator("footer [data-consent-open]").click()
    with page.expect_event("load"):
        visitor.press_in_centre("reject_all").expect_status("reloads", locale)
    expect(visitor.placeholder).to_be_visible()
    visitor.wait_until("!localStorage.tally && !/tally/.test(document.cookie)")
    assert visitor.layer.count() == 0


def test_neither_site_knows_what_was_chosen_on_the_other(demo: Addresses, visit: MakeVisitor) -> None:
    visitor = visit(None)
    for site in (demo.shop, demo.journal + "/en.html", demo.brew):
        visitor.page.goto(site)
        expect(visitor.layer).to_be_visible()
        visitor.accept()


@both
def test_the_application_opens_what_its_views_put_in(demo: Addresses, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(None, locale)
    page = visitor.page
    asked = requests_of(page)
    page.goto(demo.brew)
    expect(page.locator("h1")).to_have_text(BREW[locale])
    expect(visitor.layer).to_contain_text(REFUSE[locale])
    expect(page.locator("[data-pick-text]")).not_to_contain_text(PICK[locale])

    visitor.accept()
    expect(page.locator("[data-pick-text]")).to_contain_text(PICK[locale])

    page.evaluate("window.same = true")
    page.locator("nav [data-view=film]").click()
    page.wait_for_url("**/?view=film*")
    expect(page.locator("h1")).to_be_focused()
    plays(visitor, locale)
    page.go_back()
    expect(page.locator("h1")).to_have_text(BREW[locale])
    assert page.evaluate("window.same")
    visitor.wait_until("JSON.parse(localStorage.tally).pages >= 3")  # every view counts itself

    asked.clear()
    page.goto(demo.brew + "/?view=film")
    plays(visitor, locale)
    assert [url for url in asked if url.startswith(demo.shop) and not re.search("/(widget|embeds)[.]", url)] == []


@both
def test_the_application_tells_what_is_allowed_as_it_changes(demo: Addresses, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(None, locale)
    page = visitor.page
    page.goto(demo.brew + "/?view=choices")
    answers = page.locator(".answers b")
    expect(answers).to_have_text([NO[locale]] * 5)
    visitor.accept()
    expect(answers).to_have_text([YES[locale]] * 5)
    first = json.loads(page.locator(".log code").inner_text())
    assert first == {"by": "visitor", "action": "accept_all", "surface": "layer"}

    page.locator("main [data-open]").click()
    expect(visitor.centre).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_event("load"):  # what runs can only be ended so
        page.locator("[data-withdraw]").click()
        expect(answers).to_have_text([NO[locale]] * 5)
        last = json.loads(page.locator(".log code").first.inner_text())
        assert last == {"by": "script", "action": "withdraw_all", "surface": "api"}
    expect(page.locator("h1")).to_be_visible()
    page.locator("nav [data-view=film]").click()
    expect(visitor.placeholder).to_be_visible()


def test_application_and_widget_speak_one_language(demo: Addresses, visit: MakeVisitor) -> None:
    visitor = visit(None, "en")
    page = visitor.page
    page.goto(demo.brew)
    expect(visitor.layer).to_contain_text(REFUSE["en"])
    page.locator("[data-language=zh-CN]").click()
    expect(page.locator("h1")).to_have_text(BREW["zh-CN"])
    expect(visitor.layer).to_contain_text(REFUSE["zh-CN"])

    visitor.layer.locator("[data-lang=en]").click()
    expect(page.locator("h1")).to_have_text(BREW["en"])
    page.reload()
    expect(visitor.layer).to_contain_text(REFUSE["en"])


def test_the_application_says_everything_in_both_languages(demo: Addresses, visit: MakeVisitor) -> None:
    visitor = visit(None)
    visitor.page.goto(demo.brew)
    words = visitor.page.evaluate("import('/words.js').then(({ words }) => words)")

    def keys(told: Any) -> Any:
        return {key: keys(each) for key, each in told.items()} if isinstance(told, dict) else len(told) > 0

    assert keys(words["zh-CN"]) == keys(words["en"])


def test_without_its_service_the_application_works_and_everything_stays_off(
    demo: Addresses, visit: MakeVisitor
) -> None:
    visitor = visit(None, faults=True)
    page = visitor.page
    page.route("**/consent/**", lambda route: route.abort())
    page.goto(demo.brew + "/?view=choices")
    expect(page.locator("[data-missing]")).to_be_visible()
    expect(page.locator(".answers b")).to_have_text([NO["en"]] * 5)
    page.locator("nav [data-view=brew]").click()
    page.locator("[data-start]").click()
    expect(page.locator("[data-start]")).to_have_text("Stop")


def test_without_script_both_sites_say_what_is_missing(demo: Addresses, visit: MakeVisitor) -> None:
    visitor = visit(None, java_script_enabled=False)  # where this browser still hides <noscript>, but reads it
    page = visitor.page
    page.goto(front(demo, "en"))
    expect(page.locator("main noscript p")).to_contain_text("JavaScript must be on")
    expect(page.locator("footer noscript a")).to_have_attribute("href", f"{demo.shop}/consent/preferences?lang=en")
    expect(page.locator(".film")).to_be_hidden()
    page.goto(demo.brew)
    expect(page.locator("noscript [lang=en]")).to_contain_text("needs JavaScript")
    expect(page.locator("noscript [lang=zh-CN]")).to_contain_text("需要启用 JavaScript")


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "dark"), ("en", "light")])
def test_axe_finds_nothing_on_either(demo: Addresses, visit: MakeVisitor, locale: str, scheme: str) -> None:
    visitor = visit(None, locale, color_scheme=scheme, reduced_motion="reduce")
    kiln = "/kiln.html" if locale == "zh-CN" else "/kiln.en.html"
    brew = [f"{demo.brew}/?view={view}" for view in ("brew", "film", "choices")]
    for url in (front(demo, locale), demo.journal + kiln, *brew):
        visitor.page.goto(url)
        visitor.wait_until("document.querySelector('consent-widget')")
        sound(visitor, scheme)


def test_nothing_leaks(demo: Addresses, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("report.html", "report.json")}
    options = ["--pages", "3", "--json", files["report.json"], "--html", files["report.html"]]
    result = CliRunner().invoke(main, ["scan", demo.shop, *map(str, options)])

    assert result.exit_code == 0, result.output
    assert "Nothing found" in result.stdout
    assert "after withdrawing" in result.stderr, "progress"
    told = json.loads(files["report.json"].read_text("utf-8"))
    assert told["visitors"] == ["new", "refused", "accepted", "withdrawn"]
    assert {each["phase"] for each in told["requests"] if demo.vendors in each["url"]} == {"accepted"}
    page = files["report.html"].read_text("utf-8")
    assert page.count("data:image/jpeg") == 4
    assert "没有发现问题" in page
