"""Firefox, by the protocol that it speaks itself (Marionette): WebDriver's commands as JSON over a socket."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .driver import CAPABILITIES, Broken, Browser, Missing, Setting, connected, free_port

PREFS = {
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "fission.webContentIsolationStrategy": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 0,
    "services.settings.server": "data:,#nobody",
    "toolkit.telemetry.enabled": False,
}
#: Errors of the page's own scripts, of what it loads, and of its policy; not those of the browser's own code.
FAULTS = """
const found = Services.console.getMessageArray().filter((each) => each instanceof Ci.nsIScriptError
  && !(each.flags & (each.warningFlag | each.infoFlag)) && /^http/.test(each.sourceName) && !/^Cookie .* rejected/.test(each.errorMessage));
Services.console.reset();
return found.map(({ errorMessage, sourceName, lineNumber }) => `${errorMessage} (${sourceName}:${lineNumber})`);"""
SET_UP = """
const [{ locale, scheme, script }] = arguments;
Services.prefs.setStringPref("intl.accept_languages", locale);
Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", scheme == "dark" ? 0 : 1);
Services.prefs.setBoolPref("javascript.enabled", script);"""


class Firefox(Browser):
    def __init__(self, folder: Path) -> None:
        program = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
        if not program:
            raise Missing("No Firefox. Install it, for example: sudo apt-get install firefox-esr")
        port = free_port()
        prefs = {**PREFS, "marionette.port": port}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items()]
        (folder / "user.js").write_text("".join(lines), "utf-8")
        switches = [
            "--marionette",
            "--headless",
            "--no-remote",
            "--remote-allow-system-access",
            "--profile",
            str(folder),
        ]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen([program, *switches, "about:blank"], **quiet)
        self._socket = connected(port)
        self._answers = self._socket.makefile("rb")
        self._answer()  # its greeting
        self._count = 0
        self.command("NewSession", **CAPABILITIES)

    def command(self, name: str, **parameters: Any) -> Any:
        return self._ask(f"WebDriver:{name}", parameters)

    def set_up(self, setting: Setting) -> None:
        self._inside(SET_UP, vars(setting))

    def faults(self) -> list[str]:
        found: list[str] = self._inside(FAULTS)
        return found

    def quit(self) -> None:
        self._ask("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._process.wait(20)
        self._answers.close()
        self._socket.close()

    def _inside(self, code: str, *arguments: Any) -> Any:
        """Runs `code` with the rights of the browser itself."""
        self._ask("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.command("ExecuteScript", script=code, args=list(arguments))
        finally:
            self._ask("Marionette:SetContext", {"value": "content"})

    def _ask(self, name: str, parameters: dict[str, Any]) -> Any:
        self._count += 1
        message = json.dumps([0, self._count, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, value = self._answer()
        if error:
            raise Broken(f"{name}: {error['message']}")
        return value["value"] if isinstance(value, dict) and value.keys() == {"value"} else value

    def _answer(self) -> Any:
        length = b"".join(iter(lambda: self._answers.read(1), b":"))
        return json.loads(self._answers.read(int(length)))
