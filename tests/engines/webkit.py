"""WebKitGTK on a screen that nobody sees, by its own WebDriver server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .driver import CAPABILITIES, SILENCE, Broken, Browser, Missing, Setting, connected, free_port

PROGRAMS = ("WebKitWebDriver", "Xvfb")
#: How often a browser is started until one answers.
ATTEMPTS = 3
#: Where each command of WebDriver is.
COMMANDS = {
    "Navigate": "POST url", "Back": "POST back", "Forward": "POST forward", "Refresh": "POST refresh",
    "GetWindowHandle": "GET window", "SwitchToWindow": "POST window", "NewWindow": "POST window/new",
    "CloseWindow": "DELETE window", "SetWindowRect": "POST window/rect", "TakeScreenshot": "GET screenshot",
    "ExecuteScript": "POST execute/sync", "PerformActions": "POST actions",
    "GetCookies": "GET cookie", "AddCookie": "POST cookie", "DeleteAllCookies": "DELETE cookie",
}  # fmt: skip
#: It draws without a graphics card, and as root, who may not make the sandbox.
SWITCHES = {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}


class WebKit(Browser):
    """Its settings are those of the desktop, so it starts anew to change them."""

    def __init__(self, folder: Path) -> None:
        if not all(map(shutil.which, PROGRAMS)):
            raise Missing("No WebKit. Install it, for example: sudo apt-get install webkit2gtk-driver xvfb")
        self._folder = folder
        #: A locale called Chinese, on machines that have only C: WebKit takes its name as the visitor's language.
        (folder / "zh_CN.UTF-8").symlink_to("/usr/lib/locale/C.utf8")
        self._screen, self._display = _screen()
        self._setting: Setting | None = None
        self._start(Setting())

    def command(self, name: str, **parameters: Any) -> Any:
        method, path = COMMANDS[name].split()
        return self._ask(method, f"/session/{self._session}/{path}", parameters)

    def set_up(self, setting: Setting) -> None:
        if setting != self._setting:
            self._stop()
            self._start(setting)

    def quit(self) -> None:
        self._stop()
        self._screen.terminate()
        self._screen.wait(20)

    def _start(self, setting: Setting) -> None:
        """Now and then a browser that has just been started never answers. Another one does."""
        for left in reversed(range(ATTEMPTS)):
            self._driver, self._port = self._program(setting)
            switches = ["--automation", f"--enable-javascript={str(setting.script).lower()}"]
            wanted = {**CAPABILITIES, "webkitgtk:browserOptions": {"args": switches}}
            try:
                self._session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
            except Broken:
                self._kill()
                if not left:
                    raise
            else:
                self._setting = setting
                return

    def _program(self, setting: Setting) -> tuple[subprocess.Popen[bytes], int]:
        """The server of WebDriver, which starts the browser, and its port."""
        chinese = {"LC_ALL": "zh_CN.UTF-8", "LOCPATH": str(self._folder)}
        environment = {
            **os.environ, **SWITCHES, "DISPLAY": self._display, "HOME": str(self._folder),
            "GTK_THEME": "Adwaita:dark" if setting.scheme == "dark" else "Adwaita",
            **(chinese if setting.locale.startswith("zh") else {"LC_ALL": "C"}),
        }  # fmt: skip
        port = free_port()
        program = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        connected(port).close()
        return program, port

    def _stop(self) -> None:
        if self._setting:
            with suppress(Broken):  # it is gone already
                self._ask("DELETE", f"/session/{self._session}", {})
        self._kill()

    def _kill(self) -> None:
        """End the server and the browser that it started, which may not answer any more."""
        with suppress(ProcessLookupError):
            os.killpg(self._driver.pid, signal.SIGKILL)
        self._driver.wait(20)

    def _ask(self, method: str, path: str, parameters: dict[str, Any]) -> Any:
        body = json.dumps(parameters).encode() if method == "POST" else None
        request = Request(f"http://127.0.0.1:{self._port}{path}", body, method=method)
        try:
            with urlopen(request, timeout=SILENCE) as answer:
                return json.load(answer)["value"]
        except OSError as error:
            said = error.read().decode() if isinstance(error, HTTPError) else str(error)
            if not isinstance(error, HTTPError) or "invalid session id" in said:
                self._setting = None  # it does not answer, and starts anew for the next visitor
            raise Broken(f"{path}: {said}") from None


def _screen() -> tuple[subprocess.Popen[bytes], str]:
    """An X server that draws into memory, and the name of its display."""
    reads, writes = os.pipe()
    command = ["Xvfb", "-displayfd", str(writes), "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writes], stderr=subprocess.DEVNULL)
    os.close(writes)
    with os.fdopen(reads, encoding="ascii") as number:
        return process, f":{number.readline().strip()}"
