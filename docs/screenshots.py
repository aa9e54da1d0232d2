"""Makes the pictures in the readme and on the page for officers from the demo, in a browser: `make screenshots`."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

TARGET = Path(__file__).parent / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
FRAME = """<!doctype html><style>
body{margin:0;padding:40px;background:#e9e4da;display:flex;gap:40px;align-items:center;width:max-content}
img{display:block;border-radius:14px;box-shadow:0 10px 40px #0003}
</style>"""


def main() -> None:
    """Start the demo, take screenshots as a visitor and an officer would see it, and put them side by side."""
    port = free_port()
    demo = subprocess.Popen([sys.executable, "-m", "examples.demo", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        with sync_playwright() as playwright:
            chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            shots = [
                shot(browser, port, "zh-CN", 1120, 720, "light"),
                shot(browser, port, "en", 390, 720, "dark", opened=True),
            ]
            images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">' for png in shots)
            page = browser.new_page(viewport={"width": 1700, "height": 800})
            page.set_content(FRAME + images)
            TARGET.mkdir(exist_ok=True)
            page.locator("body").screenshot(path=TARGET / "overview.png")
            shots = [
                office_shot(browser, port, "en", 1120, 900, "light"),
                office_shot(browser, port, "zh-CN", 390, 900, "dark"),
            ]
            images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">' for png in shots)
            page = browser.new_page(viewport={"width": 1700, "height": 1000})
            page.set_content(FRAME + images)
            page.locator("body").screenshot(path=TARGET / "officer.png")
            browser.close()
    finally:
        demo.terminate()
        demo.wait()


def shot(browser: Browser, port: int, locale: str, width: int, height: int, scheme: str, opened: bool = False) -> bytes:
    """What a visitor of the demo sees: the first layer, or the preference centre."""
    context = browser.new_context(
        locale=locale,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    if opened:
        page.get_by_role("button", name="Choose").click()
        page.locator("dialog .cw-card > details > summary").nth(1).click()
        page.mouse.move(0, 0)
    png = page.screenshot()
    context.close()
    return png


def office_shot(browser: Browser, port: int, locale: str, width: int, height: int, scheme: str) -> bytes:
    """What an officer sees: the figures of a year."""
    context = browser.new_context(
        locale=locale,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"http://office.localhost:{port}/consent/officer?days=365")
    page.locator(".cw-live canvas").wait_for()
    png = page.screenshot()
    context.close()
    return png


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until the demo answers, for half a minute at most."""
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("The demo did not start.")


if __name__ == "__main__":
    main()
