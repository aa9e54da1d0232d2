"""DuckDuckGo's autoconsent, as published on npm, refuses on the demo with the rule that ships, in both languages."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser
from werkzeug.serving import make_server

from bench.browser import chromium
from examples.demo.counts import Counts
from examples.demo.shop import create_app
from examples.demo.vendors import create_vendors

HERE = Path(__file__).parent
CLIENT = HERE / "node_modules/@duckduckgo/autoconsent/dist/autoconsent.playwright.js"
RULE = HERE.parent.parent / "docs" / "autoconsent.json"
SAYS = {"zh-CN": "全部拒绝", "en": "Reject all"}


def main() -> int:
    """Returns the number of languages in which the rule fails."""
    if not CLIENT.exists():
        raise SystemExit("The client is not installed. Run: cd bench/autoconsent && npm install")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    failed = 0
    with chromium() as browser:
        for locale in SAYS:
            wrong = refuse(browser, locale)
            failed += bool(wrong)
            print(f"{locale}: {', '.join(wrong) if wrong else 'found, refused, self-test true'}")
    print(f"{len(SAYS) - failed} passed, {failed} failed")
    return failed


def refuse(browser: Browser, locale: str) -> list[str]:
    """What is wrong on a fresh demo after the client has run. Empty if nothing is."""
    counts, said = Counts(), {}
    vendors = make_server("127.0.0.1", 0, create_vendors(counts), threaded=True)
    app = create_app(f"http://localhost:{vendors.port}", counts)
    shop = make_server("127.0.0.1", 0, app, threaded=True)
    for server in (vendors, shop):
        Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(locale=locale)
    page = context.new_page()

    def hear(source: dict[str, Any], message: dict[str, Any]) -> None:
        said[message["type"]] = message
        if reply := answer(message):
            source["frame"].evaluate("message => { autoconsentReceiveMessage(message) }", reply)

    page.expose_binding("autoconsentSendMessage", hear)
    page.goto(f"http://127.0.0.1:{shop.port}/", wait_until="commit")
    page.evaluate(CLIENT.read_text("utf-8"))
    label = page.locator("consent-widget #cw-reject-all").inner_text()
    for _ in range(150):
        if "selfTestResult" not in said:
            page.wait_for_timeout(100)
    context.close()
    records = list(app.extensions["consent_widget"].store.export())
    for server in (vendors, shop):
        server.shutdown()
    facts = {
        f"the button does not say {SAYS[locale]}": label == SAYS[locale],
        "the layer was not found": said.get("popupFound", {}).get("cmp") == "consent_widget",
        "refusing failed": said.get("optOutResult", {}).get("result") is True,
        "the self-test is not true": said.get("selfTestResult", {}).get("result") is True,
        "not one record, in this language": [record.locale for record in records] == [locale],
        "something was granted": not any(granted for record in records for granted in record.purposes.values()),
        "a vendor received a request": not any(counts.read().values()),
    }
    return [wrong for wrong, right in facts.items() if not right]


def answer(message: dict[str, Any]) -> dict[str, Any] | None:
    """Answers the client as a browser does: first the settings and the rule, at the end the self-test."""
    if message["type"] == "init":
        rules = {"autoconsent": [json.loads(RULE.read_text("utf-8"))]}
        config = {"enabled": True, "autoAction": "optOut", "enablePrehide": True, "enableHeuristicDetection": False}
        return {"type": "initResp", "config": config, "rules": rules}
    return {"type": "selfTest"} if message["type"] == "autoconsentDone" else None


if __name__ == "__main__":
    sys.exit(main())
