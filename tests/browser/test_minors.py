"""A minor in a real browser: asked their age without a nudge, unable to grant anything, except through their guardian."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import MakeSite, MakeVisitor
from .servers import Site, shop
from .visitor import Visitor

HOME = "https://www.shop.example"
SENT: list[tuple[str, str, str]] = []
OPTIONAL = [purpose.id for purpose in shop().purposes if purpose.control != "always_on"]
ANSWERS = {"en": ["Under 14", "14 to 17", "18 or over"], "zh-CN": ["未满 14 岁", "14–17 岁", "满 18 岁"]}
both = pytest.mark.parametrize("locale", ["en", "zh-CN"])
with_and_without = pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])


def send(address: str, link: str, locale: str) -> None:
    SENT.append((address, link, locale))


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    SENT.clear()
    return make_site(CONSENT_AGE={"send": send, "url": HOME})


def says(visitor: Visitor, band: str) -> Visitor:
    visitor.layer.locator(f"[value=age_{band}]").click()
    expect(visitor.layer.locator("[value=age_child]")).to_have_count(0)
    return visitor.wait_until_sent()


@both
@with_and_without
def test_the_layer_asks_first_and_then_goes_on(site: Site, visit: MakeVisitor, locale: str, script: bool) -> None:
    visitor = visit(site, locale, java_script_enabled=script, faults=not script).go("/two?a=1")
    answers = visitor.layer.locator(".cw-age button")

    expect(answers).to_have_text(ANSWERS[locale])
    boxes = [each.bounding_box() for each in answers.all()]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes if box}) == 1
    expect(visitor.layer.locator("[value=accept_all]")).to_have_count(0)
    expect(visitor.layer.locator("[value=reject_all]")).to_be_visible()
    says(visitor, "adult")
    assert visitor.page.url.endswith("/two?a=1")
    visitor.layer.locator("[value=accept_all]").click()
    expect(visitor.layer).to_be_hidden()
    if script:
        visitor.expect_saved()
    assert [(each.action, each.age_band) for each in site.records()] == [
        ("age_adult", "18_or_over"),
        ("accept_all", "18_or_over"),
    ]


@with_and_without
def test_whoever_refuses_is_not_asked_for_their_age_again(site: Site, visit: MakeVisitor, script: bool) -> None:
    visitor = visit(site, java_script_enabled=script, faults=not script).go()
    visitor.layer.locator("[value=reject_all]").click()
    expect(visitor.layer).to_be_hidden()
    if script:
        visitor.expect_saved()
    visitor.go("/two")
    expect(visitor.layer).to_be_hidden()
    assert [each.age_band for each in site.records()] == [None]


@both
@with_and_without
def test_a_child_gets_a_text_for_children_and_can_only_refuse(
    site: Site, visit: MakeVisitor, locale: str, script: bool
) -> None:
    visitor = visit(site, locale, java_script_enabled=script, faults=not script).go()
    says(visitor, "child")

    expect(visitor.layer).to_contain_text({"en": "small files", "zh-CN": "小文件"}[locale])
    expect(visitor.layer.locator("[value=accept_all]")).to_have_count(0)
    visitor.layer.locator("[value=reject_all]").click()
    expect(visitor.layer).to_be_hidden()
    if script:
        visitor.expect_saved()
    visitor.go("/two")
    expect(visitor.layer).to_be_hidden()
    assert [each.age_band for each in site.records()] == ["under_14"] * 2
    assert visitor.granted_by_server() & set(OPTIONAL) == set()


def test_a_child_finds_every_switch_locked_and_one_sentence_why(site: Site, visit: MakeVisitor) -> None:
    visitor = says(visit(site).go(), "child")
    visitor.page.evaluate("ConsentWidget.open()")

    expect(visitor.centre.locator(".cw-locked")).to_have_text(
        "You are under 14, so only a parent or guardian can switch these on. Ask a parent or guardian"
    )
    assert visitor.centre.locator("[name=grant]").count() > 5
    expect(visitor.centre.locator("[name=grant]:not([aria-disabled=true])")).to_have_count(0)
    expect(visitor.centre.locator(".cw-foot button")).to_have_text(["Keep everything off"])
    button, foot = visitor.centre.locator(".cw-foot button").bounding_box(), visitor.centre.bounding_box()
    assert button
    assert foot
    assert button["width"] > 0.9 * foot["width"]
    expect(visitor.centre).not_to_contain_text("Accept all")
    waits = visitor.centre.locator(".cw-row", has_text="Providing the goods").locator("[data-child]")
    visitor.unfold()
    expect(waits).to_have_text("A parent or guardian must agree first.")
    expect(waits).to_be_visible()
    expect(visitor.centre.locator("summary", has_text="Always on")).to_contain_text("some once a parent")
    visitor.centre.locator(".cw-locked a").click()
    expect(visitor.page).to_have_url(f"{site.url}/consent/guardian?lang=en")


@both
@pytest.mark.parametrize(("width", "height"), [(320, 640), (375, 667)])
def test_the_question_and_what_a_child_is_told_take_at_most_half_of_a_phone(
    site: Site, visit: MakeVisitor, locale: str, width: int, height: int
) -> None:
    visitor = visit(site, locale, viewport={"width": width, "height": height}).go()

    def shown_whole() -> None:
        box = visitor.layer.bounding_box()
        assert box
        assert box["height"] <= height / 2
        assert all(
            each["y"] + each["height"] <= height and each["height"] >= 32
            for target in visitor.layer.locator("button, .cw-turn").all()
            if (each := target.bounding_box())
        )

    shown_whole()
    assert (
        len({box["y"] for each in visitor.layer.locator(".cw-age button").all() if (box := each.bounding_box())}) == 1
    )
    says(visitor, "child")
    shown_whole()


def test_the_answers_are_a_group_named_by_the_question_and_then_the_title_has_the_focus(
    site: Site, visit: MakeVisitor
) -> None:
    visitor = visit(site).go()
    question = visitor.layer.get_by_role("group", name="Which age group are you in?")
    question.get_by_role("button", name="18 or over").press("Enter")

    focused = "document.querySelector('consent-widget').shadowRoot.activeElement"
    visitor.wait_until(f"{focused}?.tagName == 'H2'")
    expect(visitor.layer.locator("h2")).to_be_focused()
    expect(visitor.layer.locator("h2")).to_have_text("Your privacy, your choice")


@with_and_without
def test_a_child_is_addressed_as_one_and_a_link_stands_once(site: Site, visit: MakeVisitor, script: bool) -> None:
    visitor = visit(site, "zh-CN", java_script_enabled=script, faults=not script).go()
    says(visitor, "child")

    expect(visitor.layer.locator("h2")).to_have_text("先和家长一起看看")
    links = [each.get_attribute("href") for each in visitor.layer.locator("a:not(.cw-lang)").all()]
    assert len(links) == len(set(links)) == 2
    if script:
        visitor.page.evaluate("ConsentWidget.open()")
        expect(visitor.centre).to_contain_text("你未满 14 岁")
        expect(visitor.centre).not_to_contain_text("您")
    else:
        for path in ("preferences", "choices", "guardian"):
            visitor.go(f"/consent/{path}?lang=zh-CN")
            expect(visitor.page.locator("main")).not_to_contain_text("您")


def test_without_a_guardians_link_a_child_finds_the_notice_linked_once(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = says(visit(make_site(CONSENT_AGE={})).go(), "child")

    expect(visitor.layer.locator("a[data-open=notice]")).to_have_count(1)
    expect(visitor.layer.locator("a[href*=guardian]")).to_have_count(0)
    visitor.page.evaluate("ConsentWidget.open()")
    for page in ("notice", "parents"):
        expect(visitor.centre.locator(f"a[href*={page}]")).to_have_count(1)


def test_a_teen_may_switch_on_what_is_not_for_adults_alone(site: Site, visit: MakeVisitor) -> None:
    visitor = says(visit(site).go(), "teen")
    visitor.accept()

    assert "data_analytics" in visitor.granted_by_script(OPTIONAL) == visitor.granted_by_server() & set(OPTIONAL)
    assert "marketing_messages" not in visitor.granted_by_script(OPTIONAL)
    visitor.open_centre().unfold()
    expect(visitor.switch("marketing_messages")).to_be_disabled()
    rows = {key: visitor.page.locator(".cw-row", has=visitor.page.locator(f"[value={key}]")) for key in OPTIONAL}
    expect(rows["marketing_messages"]).to_contain_text("Off for everybody under 18.")
    expect(rows["data_analytics"]).not_to_contain_text("under 18")
    expect(visitor.switch("data_analytics")).to_be_enabled()
    expect(visitor.centre.locator("[data-child]").first).to_be_hidden()
    unasked = visitor.centre.locator(".cw-row", has_text="Signing in with another account")
    expect(unasked).to_contain_text("Off for everybody under 18.")
    expect(unasked.locator("[data-minor]")).not_to_have_attribute("hidden", "")
    expect(visitor.centre.locator(".cw-locked")).to_be_visible()


def test_a_grant_waits_for_the_age_wherever_it_is_pressed(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    visitor.page.evaluate("ConsentWidget.open()")
    visitor.press_in_centre("accept_all")
    question = visitor.page.locator("dialog .cw-age")

    expect(question.locator("button")).to_have_text(ANSWERS["en"])
    assert site.records() == []
    question.locator("[value=age_adult]").click()
    expect(question).to_be_hidden()
    expect(visitor.centre).to_be_visible()
    visitor.page.wait_for_function("document.cookie.includes('cw=1a')")
    visitor.press_in_centre("accept_all")
    visitor.expect_saved()
    assert [each.action for each in site.records()] == ["age_adult", "accept_all"]


def every_way(site: Site) -> None:
    """Put one of each kind of gated element into the page."""
    vendor = site.vendors.url
    site.body = (
        "<script>window.ran = []</script>"
        f'<script type="text/plain" data-consent="data_analytics" src="{vendor}/tag.js"></script>'
        '<script type="text/plain" data-consent="personalized_recommendations">window.ran.push("inline")</script>'
        f'<template data-consent="service_improvement"><script src="{vendor}/template.js"></script></template>'
        f'<iframe title="A" data-consent="data_analytics" data-src="{vendor}/a.html"></iframe>'
        f'<iframe title="B" data-consent="targeted_advertising" data-consent-service="reel" data-src="{vendor}/b.html">'
        f'</iframe><iframe title="C" data-consent="partner_sharing" data-consent-service="acme_pixel" '
        f'data-src="{vendor}/c.html"></iframe>'
    )


def test_a_child_opens_nothing_by_any_press_and_any_call(site: Site, visit: MakeVisitor) -> None:
    every_way(site)
    visitor = says(visit(site, faults=True).go(), "child")
    page = visitor.page

    for _ in range(2):  # the placeholders of before, and those of a child
        for placeholder in visitor.placeholder.all():
            for button in placeholder.locator("button").all():
                button.click()
                page.keyboard.press("Escape")
        visitor.go()
    keys = list(site.app.extensions["consent_widget"].notice.options)
    asked = """async (keys) => {
      const all = [];
      for (const key of keys) {
        const [purpose, recipient] = key.split(":");
        all.push(await ConsentWidget.ask(purpose, { recipient, again: true }));
      }
      return all;
    }"""
    assert not any(page.evaluate(asked, keys))
    for value in ("save", "accept_all", "allow", "age_adult"):
        page.evaluate("ConsentWidget.open()")
        expect(visitor.centre).to_be_visible()
        page.evaluate(
            """(value) => {
          const centre = document.querySelector("consent-widget").shadowRoot.querySelector("dialog[open] .cw-centre");
          for (const each of centre.querySelectorAll("[name=grant]")) each.disabled = !(each.checked = true);
          const made = document.createElement("button");
          Object.assign(made, { value, name: "action", textContent: value });
          centre.querySelector(".cw-foot").append(made);
        }""",
            value,
        )
        visitor.centre.locator(f".cw-foot [value={value}]").last.click(force=True)
        page.evaluate(
            """() => document.querySelector("consent-widget").shadowRoot.querySelectorAll("dialog")
              .forEach((each) => each.close())"""
        )
    page.evaluate("ConsentWidget.push((widget) => widget.ask('data_analytics', { again: true }))")
    visitor.rest().go()

    assert visitor.granted_by_script(OPTIONAL) == set()
    assert visitor.granted_by_server() & set(OPTIONAL) == set()
    assert visitor.ran() == []
    assert site.vendors.asked == []
    assert not [each for each in site.records() if any(each.purposes.values())]


def test_a_child_who_sends_what_the_widget_never_would_is_refused(site: Site, visit: MakeVisitor) -> None:
    visitor = says(visit(site, faults=True).go(), "child")
    notice = site.app.extensions["consent_widget"].notice
    body = {
        "key": "k" * 22,
        "notice": notice.digest,
        "locale": "en",
        "action": "accept_all",
        "surface": "layer",
        "purposes": {key: option.in_accept_all for key, option in notice.options.items() if option.in_bulk},
    }
    status = visitor.page.evaluate(
        """(body) => fetch("/consent/records", { method: "POST", body,
          headers: { "Content-Type": "application/json" } }).then((answer) => answer.status)""",
        json.dumps(body),
    )

    assert status == 403
    assert [each.action for each in site.records()] == ["age_child"]


@both
@with_and_without
def test_a_guardian_grants_what_they_choose_and_withdraws_it(
    site: Site, visit: MakeVisitor, locale: str, script: bool
) -> None:
    every_way(site)
    child = says(visit(site, locale, java_script_enabled=script, faults=True).go(), "child")
    child.go(f"/consent/guardian?lang={locale}")
    child.page.locator("[name=address]").fill("father@family.example")
    child.page.locator("main button").click()
    expect(child.page.locator("main [role=status]")).to_be_visible()

    ((address, link, spoken),) = SENT
    assert (address, spoken) == ("father@family.example", locale)
    guardian = visit(site, locale, java_script_enabled=script, faults=True)
    link = link.replace(HOME, site.url)
    guardian.page.goto(link)
    expect(guardian.page.locator("[name=grant]:checked")).to_have_count(0)
    guardian.page.locator("[value=data_analytics]").check()
    guardian.page.locator("main [value=save]").click()
    lasting = (guardian.page.locator(".cw-link").get_attribute("href") or "").replace(HOME, site.url)
    guardian.page.goto(link)
    expect(guardian.page.locator("h1")).to_have_text({"en": "This link does not work", "zh-CN": "此链接无效"}[locale])

    child.go()
    assert child.granted_by_server() & set(OPTIONAL) == {"data_analytics"}
    expect(child.layer).to_be_hidden()
    if script:
        assert child.granted_by_script(OPTIONAL) == {"data_analytics"}
        child.wait_until("window.ran.includes('tag')")
        child.open_centre().unfold()
        expect(child.switch("data_analytics")).to_be_checked()
        expect(child.switch("data_analytics")).to_be_disabled()
        assert set(site.vendors.asked) == {"tag", "a"}
    guardian.page.goto(lasting)
    guardian.page.locator("[value=withdraw_all]").click()
    child.go()
    assert child.granted_by_server() & set(OPTIONAL) == set()
    guardian.page.goto(lasting)
    guardian.page.locator("[value=erase]").click()
    assert site.records() == []
    child.go()
    assert child.granted_by_server() & set(OPTIONAL) == set()
    assert child.cookies()["cw"].startswith("1c.")


@with_and_without
def test_the_guardians_lasting_link_is_named_copied_and_selectable(
    site: Site, visit: MakeVisitor, script: bool
) -> None:
    child = says(visit(site, java_script_enabled=script, faults=True).go(), "child")
    child.go("/consent/guardian?lang=en")
    child.page.locator("[name=address]").fill(f"mother@copy{script}.example".lower())
    child.page.locator("main button").click()
    guardian = visit(site, java_script_enabled=script, faults=True)
    guardian.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = guardian.page
    page.goto(SENT[-1][1].replace(HOME, site.url))
    page.get_by_role("switch", name="Providing the goods").check()
    expect(page.locator("main")).to_contain_text("what your child orders")
    page.locator("main [value=save]").click()

    assert page.title().startswith("Your decision is saved")
    link = page.get_by_role("link", name="Link to change this decision", exact=True).get_attribute("href") or ""
    assert link.startswith(f"{HOME}/consent/guardian/k.")
    expect(page.get_by_role("textbox", name="Address of the link")).to_have_value(link)
    copy = page.get_by_role("button", name="Copy link")
    if script:
        copy.click()
        expect(copy.locator("+ [role=status]")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == link
    else:
        expect(copy).to_be_hidden()


@pytest.mark.parametrize(("locale", "width"), [("en", 320), ("zh-CN", 1280)])
def test_what_minors_and_guardians_see_is_accessible_and_fits(
    site: Site, visit: MakeVisitor, locale: str, width: int
) -> None:
    visitor = visit(site, locale, viewport={"width": width, "height": 700}, faults=True).go()
    page = visitor.page

    def fine() -> None:
        visitor.rest(250)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not Axe().run(page).response["violations"]

    fine()
    says(visitor, "child")
    fine()
    page.evaluate("ConsentWidget.open()")
    fine()
    page.goto(f"{site.url}/consent/guardian?lang={locale}")
    fine()
    page.locator("[name=address]").fill(f"father@{locale}.{width}.example")  # one address gets few letters a day
    page.locator("main button").click()
    page.goto(SENT[-1][1].replace(HOME, site.url))
    fine()
    page.locator("[name=grant]").first.check()
    page.locator("main [value=save]").click()
    fine()
    page.goto(f"{site.url}/consent/parents?lang={locale}")
    fine()
