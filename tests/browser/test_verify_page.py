"""The page that checks receipts, opened as a file: it says, word for word, what the program says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from consent_widget.proof import verify_receipt
from consent_widget.proof.verify_page import SCRIPT, verify_page

from ..proof.receipts import LOG, NOTICE, WITNESSED, cases

#: What the page shows, as the program says it.
SHOWN = """() => ({
  code: Number(document.querySelector(".verdict").dataset.code),
  verdict: document.querySelector(".verdict").textContent,
  record: [...document.querySelectorAll("#result dl div")].map((each) => [...each.children].map((cell) => cell.textContent)),
  checks: [...document.querySelectorAll("#result li[class]")].map((each) => [each.className, each.lastChild.textContent]),
  rest: [...document.querySelectorAll("#result li:not([class])")].map((each) => each.textContent),
})"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page, saved as a file. Nothing may go wrong in it, and nothing may be asked for."""
    (tmp_path / "verify.html").write_bytes(verify_page())
    page = browser.new_page(locale="en")
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if not request.url.startswith("file:") else None)
    page.goto((tmp_path / "verify.html").as_uri())
    yield page
    page.close()
    assert faults == []


def give(page: Page, **files: bytes | None) -> Any:
    """Choose these files."""
    given: list[Any] = [
        {"name": name, "mimeType": "", "buffer": data} for name, data in files.items() if data is not None
    ]
    page.locator("#choose").set_input_files(given)
    expect(page.locator(".verdict")).to_be_visible()


def as_shown(report: verify_receipt.Report) -> dict[str, Any]:
    pairs = {"record": report.record, "checks": report.checks}
    return {
        "code": report.code, "verdict": report.verdict, "rest": [*report.proved, *report.not_proved],
        **{name: [list(pair) for pair in each] for name, each in pairs.items()},
    }  # fmt: skip


@pytest.mark.parametrize(("lang", "step"), [("zh", 1), ("en", 7)])
def test_it_says_what_the_program_says_of_every_receipt(page: Page, lang: str, step: int) -> None:
    page.locator(f"[data-lang={lang}]").click()
    for case in list(cases())[::step]:
        page.evaluate(
            "async ([receipt, policy, notice]) => { delete files.notice;"
            "if (notice) files.notice = { name: '', data: Uint8Array.from(notice) };"
            "document.getElementById('key').value = policy; await take([new File([Uint8Array.from(receipt)], 'receipt')]); }",
            [list(case.receipt), (case.policy or b"").decode(errors="replace"), list(case.notice or b"") or None],
        )
        said = verify_receipt.check(case.receipt, case.policy, case.notice, lang)

        assert page.evaluate(SHOWN) == as_shown(said), case.name


def test_all_files_may_be_given_at_once_and_in_any_order(page: Page) -> None:
    true = next(cases())
    give(page, c=NOTICE.encode(), a=LOG.vkey.encode(), b=true.receipt)

    assert page.evaluate(SHOWN) == as_shown(
        verify_receipt.check(true.receipt, LOG.vkey.encode(), NOTICE.encode(), "en")
    )
    expect(page.locator("#files li")).to_have_text(["Notice: c", "Receipt: b"])
    page.locator("#key").fill(WITNESSED)
    expect(page.locator(".verdict")).to_contain_text(verify_receipt.WORDS["en"]["r_quorum"])


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({"policy": WITNESSED.encode()}, "e_none"),
        ({"noise": bytes(range(256))}, "e_kind"),
        ({"one": next(cases()).receipt, "two": next(cases()).receipt}, "e_two"),
        ({"huge": next(cases()).receipt + b"\n" * 300_000}, "e_large"),
    ],
)  # fmt: skip
def test_other_files_are_named_in_one_sentence(page: Page, files: dict[str, bytes], key: str) -> None:
    give(page, **files)

    assert verify_receipt.WORDS["en"][key].split("{name}")[-1] in page.locator(".verdict").inner_text()


def test_files_can_be_dropped(page: Page) -> None:
    page.evaluate(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'r.tlog-proof'));"
        "dispatchEvent(new DragEvent('drop', { dataTransfer: data })); }",
        next(cases()).receipt.decode(),
    )
    expect(page.locator(".verdict")).to_have_text(verify_receipt.WORDS["en"]["unchecked"])


def test_a_browser_without_ed25519_says_what_it_cannot_check(page: Page) -> None:
    page.evaluate(
        """() => { SubtleCrypto.prototype.importKey = async () => { throw new DOMException("", "NotSupportedError"); } }"""
    )
    give(page, a=LOG.vkey.encode(), b=next(cases()).receipt)

    words = verify_receipt.WORDS["en"]
    expect(page.locator(".verdict")).to_have_text(words["unchecked"])
    expect(page.locator("#result")).to_contain_text(words["e_browser"])
    expect(page.locator("#result")).to_contain_text(words["n_unsigned"])
    expect(page.locator("#result")).not_to_contain_text("signed a log")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_320_pixels(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    give(page, a=LOG.vkey.encode(), b=next(cases()).receipt)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#choose")).to_be_focused()


def test_it_speaks_the_language_of_the_link_that_leads_to_it(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "en"  # of the browser
    page.goto(f"{page.url}?lang=zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-CN"


def test_without_its_script_it_offers_the_program_and_nothing_that_does_nothing(browser: Browser, page: Page) -> None:
    still = browser.new_page(java_script_enabled=False)
    still.goto(page.url)

    expect(still.get_by_role("link")).to_have_text(SCRIPT.name)
    for role in ("button", "textbox"):
        expect(still.get_by_role(role)).to_have_count(0)  # type: ignore[arg-type]
    expect(page.locator("#without")).to_have_count(0)
    still.close()
