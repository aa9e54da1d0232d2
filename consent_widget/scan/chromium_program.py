"""How Chromium is started: which program, and with which switches."""

from __future__ import annotations

import os
from pathlib import Path

from .browsers import Setting
from .processes import find_program

PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
MISSING = (
    "No Chromium on this machine. Install one (Debian, Ubuntu: `apt-get install chromium`), or say where it is with "
    "--browser."
)
SWITCHES = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-blink-features=AutomationControlled",  # many tags do not load for a browser that says it is driven
    "--disable-site-isolation-trials",  # then a page and all its frames answer in one session
    "--net-log-capture-mode=IncludeSensitive",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
)


def find_chromium(setting: Setting) -> str:
    """The path of the program."""
    named = "" if setting.program == "chromium" else setting.program
    return find_program(named, PROGRAMS, MISSING)


def chromium_switches(setting: Setting, profile: Path, log: Path) -> list[str]:
    """What the program is given. It writes its network's log into the file `log`."""
    rules = ",".join(f"MAP {host} {address}" for host, address in setting.hosts.items())
    return [
        *SWITCHES,
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # root may not make one
        *([f"--host-resolver-rules={rules}"] if rules else []),
        f"--user-data-dir={profile}",
        f"--log-net-log={log}",
        "about:blank",
    ]
