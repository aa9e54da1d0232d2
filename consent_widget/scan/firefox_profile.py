"""How Firefox is started: which program, and with which settings."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from .browsers import Setting
from .processes import find_program

PROGRAMS = ("firefox-esr", "firefox")
MISSING = "No Firefox on this machine. Install it (Debian: `apt-get install firefox-esr`), or leave --browser out."
PREFS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.download.start_downloads_in_tmp_dir": True,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_open_during_load": True,
    "dom.ipc.processHangMonitor": False,
    "extensions.systemAddon.update.enabled": False,
    "marionette.port": 0,  # any that is free: Firefox says which in its profile
    "media.autoplay.default": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.http.phishy-userpass-length": 255,  # no question about a password in an address
    "remote.active-protocols": 0,
    "services.settings.server": "data:,#nobody",
    "toolkit.telemetry.enabled": False,
}
CAPABILITIES = {"pageLoadStrategy": "none", "unhandledPromptBehavior": "dismiss", "acceptInsecureCerts": False}


def find_firefox(setting: Setting) -> str:
    """The path of the program."""
    named = "" if setting.program == "firefox" else setting.program
    return find_program(named, PROGRAMS, MISSING)


def firefox_command(setting: Setting, folder: Path) -> list[str]:
    """The program and its arguments. Its settings are written into the `folder`, its profile."""
    program = find_firefox(setting)
    prefs = {**PREFS, **_proxy(setting)}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items()]
    (folder / "user.js").write_text("".join(lines), "utf-8")
    switches = ["--marionette", "--headless", "--no-remote", "--remote-allow-system-access"]
    return [program, *switches, "--profile", str(folder), "about:blank"]


def _proxy(setting: Setting) -> dict[str, object]:
    """Other addresses for hosts, as the script that Firefox asks for a proxy: it maps no name to a port."""
    if not setting.hosts:
        return {"network.proxy.type": 0}
    rules = json.dumps([[host, address] for host, address in setting.hosts.items()])
    script = (
        f"function FindProxyForURL(url, host) {{ for (const [name, address] of {rules})"
        ' if (shExpMatch(host, name)) return "PROXY " + address; return "DIRECT"; }'
    )
    return {"network.proxy.type": 2, "network.proxy.autoconfig_url": f"data:text/javascript,{quote(script)}"}
