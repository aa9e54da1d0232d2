"""The notice, read for ten minutes: sizes, line lengths, headings, contents, folds and paper, measured."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, expect

from .conftest import MakeVisitor
from .servers import Site
from .visitor import Visitor

both = pytest.mark.parametrize("locale", ["en", "zh-CN"])
places = pytest.mark.parametrize("place", ["page", "dialog"])
#: The size of every text in pixels, by the kind of element that it is in.
SIZES = """root => {
  const sizes = {};
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: at, data } = walker.currentNode;
    if (!data.trim() || !at.checkVisibility() || at.className == "cw-unseen") continue;
    const kind = at.closest(".cw-small, .cw-badge, dt, caption, [role=columnheader], summary, h2, h3, h4, h5, h1, nav, dd, li, td, th, p");

    const name = kind?.role || kind?.className || kind?.localName || at.localName;
    (sizes[name] ??= []).push(parseFloat(getComputedStyle(at).fontSize));
  }
  return Object.fromEntries(Object.entries(sizes).map(([name, all]) => [name, Math.min(...all)]));
}"""
#: Letters in a line of each long paragraph.
LETTERS = """all => all.filter((p) => p.textContent.length > 200).map((p) =>
  p.textContent.length / Math.round(p.getBoundingClientRect().height / parseFloat(getComputedStyle(p).lineHeight)))"""
#: Chinese characters in a line: each is as wide as it is high.
CHARACTERS = "all => all.map((p) => p.getBoundingClientRect().width / parseFloat(getComputedStyle(p).fontSize))"


@pytest.fixture
def read(site: Site, visit: MakeVisitor) -> Callable[..., tuple[Visitor, Locator]]:
    """Opens the notice, as a page or in the dialog."""

    def open(place: str, locale: str, width: int = 1280) -> tuple[Visitor, Locator]:
        visitor = visit(site, locale, viewport={"width": width, "height": 800}, reduced_motion="reduce")
        if place == "page":
            visitor.go(f"/consent/notice?lang={locale}")
            return visitor, visitor.page.locator(".cw-statement")
        visitor.go().layer.locator("[data-open=notice]").click()
        expect(visitor.notice).to_be_visible()
        return visitor, visitor.notice

    return open


@both
@places
def test_prose_has_17_pixels_facts_16_labels_14_and_nothing_less(
    read: Callable[..., tuple[Visitor, Locator]], place: str, locale: str
) -> None:
    visitor, notice = read(place, locale, 375)
    visitor.unfold()
    sizes = notice.evaluate(SIZES)

    assert sizes["p"] >= 17
    assert min(sizes[name] for name in ("dd", "cell", "rowheader")) >= 16
    assert min(sizes.values()) >= 14, sizes
    title, section, group, purpose = (
        notice.locator(each).first for each in (".cw-head > *", "section > *", "h4", "h5")
    )
    if place == "page":
        section, group, purpose = (notice.locator(each).first for each in ("section > h2", ".cw-group > h3", "h4"))
    heads = [
        each.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") for each in (title, section, group, purpose)
    ]
    assert all(upper - lower >= 1.5 for upper, lower in pairwise(heads)), heads


@places
def test_the_outline_begins_with_the_title_and_leaves_no_level_out(
    read: Callable[..., tuple[Visitor, Locator]], place: str
) -> None:
    _, notice = read(place, "en")
    levels = [
        int(each[1]) for each in notice.locator("h1, h2, h3, h4, h5").evaluate_all("all => all.map((e) => e.localName)")
    ]
    assert levels[0] == {"page": 1, "dialog": 2}[place]
    assert levels.count(levels[0]) == 1
    assert len(set(levels)) == 4
    assert all(after - before <= 1 for before, after in pairwise(levels))


@places
def test_lines_are_as_long_as_they_read_well(read: Callable[..., tuple[Visitor, Locator]], place: str) -> None:
    for locale, measure, least, most in (("en", LETTERS, 62, 78), ("zh-CN", CHARACTERS, 38, 42)):
        _, notice = read(place, locale)
        lengths = notice.locator(".cw-text > section:not(.cw-short) > p").evaluate_all(measure)
        assert least <= max(lengths) <= most  # a last line that is short makes the others fewer


@both
@places
def test_a_link_in_the_contents_leads_the_focus_to_the_heading(
    read: Callable[..., tuple[Visitor, Locator]], place: str, locale: str
) -> None:
    for width in (1280, 375):
        _, notice = read(place, locale, width)
        links = notice.locator("nav a")
        if width == 375:
            expect(links.last).to_be_hidden()
            notice.locator("nav summary").click()
        last = links.last
        title = last.inner_text()
        last.click()
        heading = notice.get_by_role("heading", name=title, exact=True)
        expect(heading).to_be_in_viewport()
        if place == "dialog":
            expect(heading).to_be_focused()


@both
def test_tables_keep_their_names_and_cells_as_cards_on_a_phone(
    read: Callable[..., tuple[Visitor, Locator]], locale: str
) -> None:
    name = {"en": "Kinds of personal information", "zh-CN": "个人信息的种类"}[locale]
    for width in (1280, 375):
        _, notice = read("dialog", locale, width)
        table = notice.get_by_role("table", name=name)
        expect(table.get_by_role("columnheader")).to_have_count(2)
        first = table.get_by_role("row").nth(1)
        kind, what = (first.get_by_role(role).first.bounding_box() for role in ("rowheader", "cell"))
        assert kind
        assert what
        assert (kind["x"] == what["x"]) is (width == 375)


@both
def test_on_paper_every_fold_is_open_and_no_frame_is_there(
    read: Callable[..., tuple[Visitor, Locator]], locale: str
) -> None:
    visitor, notice = read("page", locale)
    facts = notice.locator(".cw-item details > *:not(summary)")
    shown = "all => all.filter((each) => each.checkVisibility({ contentVisibilityAuto: true })).length"
    assert facts.evaluate_all(shown) == 0
    visitor.page.emulate_media(media="print")
    for fold in facts.all():
        expect(fold).to_be_visible()
    expect(notice.locator("nav")).to_be_hidden()
    expect(visitor.page.locator("body > header")).to_be_hidden()


@both
def test_every_own_page_fits_at_320_pixels_and_with_text_of_twice_the_size(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(site, locale, viewport={"width": 1280, "height": 800}, reduced_motion="reduce").go().accept()
    visitor.go(f"/consent/choices?lang={locale}")
    receipt = visitor.page.locator("main ol a[id]").first.get_attribute("href") or ""
    pages = (
        *(f"/consent/{each}?lang={locale}" for each in ("notice", "choices", "choices/erase", "preferences")),
        receipt,
    )
    sizes = visitor.context.new_cdp_session(visitor.page)
    for path in pages:
        visitor.go(path).unfold()
        for width, size in ((320, 16), (640, 32), (375, 32)):
            visitor.page.set_viewport_size({"width": width, "height": 800})
            sizes.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
            assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)


@both
def test_times_are_those_of_where_the_visitor_is(site: Site, visit: MakeVisitor, locale: str) -> None:
    plain = visit(site, locale, java_script_enabled=False, timezone_id="Asia/Shanghai")
    visitor = visit(site, locale, timezone_id="Asia/Shanghai").go().accept()
    plain.context.add_cookies(visitor.context.cookies())  # type: ignore[arg-type]
    for each in (visitor, plain):
        each.go(f"/consent/choices?lang={locale}")
    there, in_utc = (each.page.locator("main ol time").inner_text() for each in (visitor, plain))
    assert "UTC" in in_utc
    assert "UTC" not in there
    assert there[-5:-3] != in_utc.split(":")[0][-2:]
    receipt = visitor.page.locator("main ol a[id]")
    expect(receipt).to_have_accessible_name(
        f"{receipt.inner_text()} {'Accepted all' if locale == 'en' else '全部接受'} {there}"
    )
