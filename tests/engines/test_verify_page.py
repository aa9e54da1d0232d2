"""The page that checks receipts, in Firefox and WebKit: their own hashes and signatures come to the same."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from consent_widget.proof import verify_receipt
from consent_widget.proof.verify_page import verify_page

from ..proof.receipts import cases
from .driver import Browser, Setting

#: Drops a receipt and a policy on the page.
DROP = """
const data = new DataTransfer(), [files] = arguments;
for (const [name, text] of files) data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
document.getElementById("choose").files = data.files;
document.getElementById("choose").dispatchEvent(new Event("change"));
"""
SOME = {
    "a true receipt",
    "by two witnesses",
    "another record",
    "a false signature",
    "cut off",
    "a witness’s time moved",
}


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_it_says_what_the_program_says(engine: Browser, tmp_path: Path, locale: str) -> None:
    page = tmp_path / "verify.html"
    page.write_bytes(verify_page())
    engine.set_up(Setting(locale))
    for case in (each for each in cases() if each.name in SOME):
        engine.go(page.as_uri())
        engine.until("document.title")
        files = [
            (name, base64.b64encode(data or b"").decode()) for name, data in (("r", case.receipt), ("p", case.policy))
        ]
        engine.js(DROP, files)
        engine.expect(".verdict")
        said = verify_receipt.check(case.receipt, case.policy, None, locale[:2])
        shown = engine.js(
            "return [...document.querySelectorAll('#result li')].map((each) => each.lastChild.textContent)"
        )

        assert engine.text(".verdict").strip() == said.verdict
        assert shown == [*(text for _, text in said.checks), *said.proved, *said.not_proved]
