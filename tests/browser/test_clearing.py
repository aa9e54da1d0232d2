"""What a service has left goes when it may no longer run; what could not be deleted is told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from playwright.sync_api import Route, expect

from consent_widget import Cookie, Service
from consent_widget.notice.model import Notice
from consent_widget.text import Text

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site, shop
from .visitor import Visitor

ITEM = "/deep/shop/item"
#: Cookies as vendors set them, by what follows their name. The page is on www.shop.localhost.
SET = {
    "plain": ";path=/",
    "default": "",
    "exact": f";path={ITEM}",
    "above": ";path=/deep",
    "slash": ";path=/deep/",
    "secure": ";path=/;secure",
    "__Secure-v": ";path=/deep/shop;secure",
    "__Host-v": ";path=/;secure",
    "host": ";path=/;domain=www.shop.localhost",
    "parent": ";path=/;domain=shop.localhost",
    "parted": ";path=/;secure;samesite=none;partitioned",
    "parted_deep": ";path=/deep;secure;samesite=none;partitioned;domain=shop.localhost",
    "lasting": ";path=/;max-age=99999999;samesite=strict",
    "odd[1]?$%20": ";path=/",
    "with space": ";path=/",
    "名字": ";path=/",
    "begins.x": ";path=/",
}


def service(id: str, purpose: str, cookies: tuple[str, ...], storage: tuple[str, ...] = ()) -> Service:
    return Service(
        id=id,
        name=Text({"zh-CN": id.title(), "en": id.title()}),
        company="V",
        country="CN",
        purposes=(purpose,),
        cookies=tuple(Cookie(name=name) for name in cookies),
        storage=storage,
    )


@cache
def notice() -> Notice:
    names = tuple("begins*" if name == "begins.x" else name for name in SET)
    return replace(
        shop(),
        services=(
            service(
                "tally", "data_analytics", (*names, "many_*", "shared", "stuck", "c*", "_*"), ("t.*", "c*", "/tally*")
            ),
            service("reel", "targeted_advertising", ("shared",), ("t.shared",)),
        ),
    )


def on_shop(visitor: Visitor, path: str = ITEM) -> Visitor:
    visitor.page.goto(visitor.site.url.replace("127.0.0.1", "www.shop.localhost") + path)
    return visitor


def withdraw(visitor: Visitor) -> Visitor:
    visitor.open_centre()
    visitor.centre.locator("[value=withdraw_all], [value=reject_all]").first.click()
    return visitor


def left(visitor: Visitor) -> set[str]:
    return {str(cookie.get("name")) for cookie in visitor.context.cookies()}


def until_left(visitor: Visitor, names: set[str], among: set[str]) -> None:
    visitor.until(lambda: left(visitor) & among == names, f"left are {names}")


def test_cookies_of_a_service_go_wherever_it_has_set_them(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_NOTICE=notice())
    visitor = on_shop(visit(site)).accept()
    for name, attributes in SET.items():
        visitor.page.evaluate("text => document.cookie = text", f"{name}=1{attributes}")
    assert left(visitor) & SET.keys() == SET.keys()
    withdraw(visitor).expect_saved()
    until_left(visitor, set(), set(SET))


def test_twins_of_one_name_all_go(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = on_shop(visit(make_site(CONSENT_NOTICE=notice()))).accept()
    for attributes in SET.values():
        visitor.page.evaluate("text => document.cookie = text", f"plain=1{attributes}")
    assert len([each for each in visitor.context.cookies() if each.get("name") == "plain"]) > 8
    withdraw(visitor).expect_saved()
    until_left(visitor, set(), {"plain"})


def test_cookies_from_before_the_widget_go_however_many_there_are(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = on_shop(visit(make_site(CONSENT_NOTICE=notice())), "/two")
    visitor.page.evaluate("for (let n = 0; n < 120; n++) document.cookie = `many_${n}=1;path=/;domain=shop.localhost`")
    visitor.reject()
    assert not [name for name in left(visitor) if name.startswith("many_")]


def test_what_others_use_stays(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_NOTICE=notice())
    visitor = visit(site).go()
    visitor.open_centre().set_switches("targeted_advertising").press_in_centre("save").expect_saved()
    visitor.page.evaluate(
        """() => { for (const name of ["shared", "plain", "basket"]) document.cookie = name + "=1;path=/";
        for (const key of ["t.shared", "t.own", "basket"]) localStorage[key] = 1 }"""
    )
    visitor.page.reload()
    visitor.wait_until("!/plain/.test(document.cookie)")
    assert left(visitor) == {"cw", "shared", "basket"}  # the patterns `c*` and `_*` do not reach the visitor's choice
    assert {"t.shared", "basket"} == set(visitor.stored_keys()) & {"t.shared", "t.own", "basket"}
    assert visitor.granted_by_server() >= {"targeted_advertising"}


STORE = """async () => { for (const area of [localStorage, sessionStorage]) area["t.key"] = area.other = 1;
for (const name of ["t.base", "other"]) await new Promise((done) => {
  const request = indexedDB.open(name); request.onsuccess = () => done(request.result.close()) });
for (const name of ["t.cache", "other"]) await caches.open(name);
await navigator.serviceWorker.register("/tally-worker.js", { scope: "/tally/" });
await navigator.serviceWorker.register("/own-worker.js", { scope: "/own/" }) }"""
STORED = """async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage),
...(await indexedDB.databases()).map((each) => each.name), ...await caches.keys(),
...(await navigator.serviceWorker.getRegistrations()).map((each) => new URL(each.scope).pathname)].filter((name) => !/^cw/.test(name)).sort()"""


def test_all_that_a_service_has_stored_goes(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_NOTICE=notice())
    visitor = visit(site)
    visitor.context.route("**/*-worker.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    visitor.go().accept().page.evaluate(STORE)
    all_of_it = ["/own/", "/tally/", "other", "other", "other", "other", "t.base", "t.cache", "t.key", "t.key"]
    assert visitor.page.evaluate(STORED) == all_of_it
    withdraw(visitor).expect_saved()
    visitor.until(
        lambda: visitor.page.evaluate(STORED) == ["/own/", "other", "other", "other", "other"], "the rest goes"
    )


def test_what_stayed_is_told_once_to_the_developer_and_to_the_page(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_NOTICE=notice())).go().accept()
    told: list[str] = []
    visitor.page.on("console", lambda message: told.append(message.text) if message.type == "warning" else None)
    visitor.page.evaluate(
        """() => { document.cookie = "stuck;path=/"; // without a name, so no name deletes it
        window.changes = []; ConsentWidget.on("change", (change) => changes.push(change)) }"""
    )
    visitor.open_centre().press_in_centre("reject_all").expect_saved()
    visitor.page.evaluate("dispatchEvent(new Event('online'))")  # it looks again
    visitor.rest()
    assert [change.get("left") for change in visitor.page.evaluate("changes")] == [["stuck"]]
    assert len([text for text in told if "Tally" in text and "stuck" in text]) == 1


def test_a_database_in_use_is_told_and_goes_with_the_page(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_NOTICE=notice())).go().accept()
    told: list[str] = []
    visitor.page.on("console", lambda message: told.append(message.text))
    visitor.page.evaluate(
        "new Promise((done) => indexedDB.open('t.used').onsuccess = ({ target }) => done(void (self.used = target)))"
    )
    visitor.open_centre().press_in_centre("reject_all").expect_saved()
    visitor.until(lambda: any("Tally" in text and "t.used" in text for text in told), "what stayed is told")
    visitor.page.reload()
    visitor.until(lambda: visitor.page.evaluate("indexedDB.databases()") == [], "it goes with the page")


@pytest.mark.parametrize("place", ["tag"], indirect=True)
def test_nothing_goes_while_nobody_knows_what_was_granted(place: Place, visit: MakeVisitor) -> None:
    """The cookie alone does not vouch for itself: the script asks the server first."""
    visitor = visit(place.site)
    address = place.serve("<!doctype html><html lang=en><title>A page</title><body>WIDGET<h1>Hi</h1>")
    visitor.page.goto(address)
    visitor.accept()
    visitor.page.evaluate(
        "document.cookie = 'tally_id=1;path=/'; localStorage.removeItem('cw'); sessionStorage.clear()"
    )
    held: list[Route] = []
    visitor.context.route("**/consent/verify", lambda route: held.append(route))
    visitor.page.reload()
    expect(visitor.layer).to_have_count(0)
    visitor.wait_until("ConsentWidget.granted?.('newsletter') === false")
    assert held
    assert "tally_id" in visitor.cookies()
    for route in held:
        route.continue_()
    visitor.wait_until("ConsentWidget.granted('data_analytics')")
    assert "tally_id" in visitor.cookies()


def test_what_no_script_sees_goes_with_the_pages_that_send_it(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_NOTICE=notice())
    visitor = on_shop(visit(site), "/two").accept()
    names = {"plain": "/", "above": "/deep/", "exact": ITEM}
    for name, path in names.items():
        visitor.context.add_cookies(
            [{"name": name, "value": "1", "domain": ".shop.localhost", "path": path, "httpOnly": True}]
        )
    withdraw(visitor).expect_saved()
    until_left(visitor, {"above", "exact"}, set(names))
    on_shop(visitor)
    until_left(visitor, set(), set(names))


def test_a_site_without_services_carries_none_of_this(site: Site, make_site: MakeSite) -> None:
    without = make_site(CONSENT_NOTICE=replace(shop(), services=()))
    whole, bare = (each.app.extensions["consent_widget"].assets.scripts["en"] for each in (site, without))
    assert b"max-age=0;path=${" in whole.whole.content
    assert b"max-age=0;path=${" not in bare.whole.content + whole.first.content
