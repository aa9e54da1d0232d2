"""Firefox, as one new visitor. What it sends and stores is seen from within: by the observers of its network."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

from .browsers import PageGoneError, Sent, Setting, Written
from .cookies import cookie_name
from .marionette import Marionette, MarionetteError
from .observed import CannotLookError
from .processes import end_process, find_program, start_on_leash

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
#: Seconds until Firefox has started, a page has answered a question, a frame, and until all that a page loads has come.
START, ANSWER, FRAME, LOADED = 120, 15, 5, 8
#: Is this a cookie? What a `Max-Age=0` deletes, Firefox stores where a millisecond ends meanwhile. It sends that to
#: nobody, and throws it away later. Before Firefox 142 an expiry is in seconds, since then in milliseconds.
LASTS = """const lasts = ({ isSession, expiry }) =>
  isSession || (expiry < 1e11 ? 1000 * expiry : expiry) > Date.now();
"""
#: Writes down each request that a page makes, the names of the cookies that answers set, and each cookie that is
#: stored; and says it all to whoever asks.
OBSERVE = (
    LASTS
    + """const sent = [], written = [], open = new Map();
const by = (principal) => principal?.isContentPrincipal ? principal.spec : "";
const topics = {
  "http-on-modify-request"(channel) {
    const { triggeringPrincipal, loadingPrincipal, externalContentPolicyType } = channel.loadInfo;
    const initiator = by(triggeringPrincipal) || by(loadingPrincipal);
    if (!initiator && externalContentPolicyType != Ci.nsIContentPolicy.TYPE_DOCUMENT) return; // Firefox's own
    const page = channel.referrerInfo?.computedReferrerSpec || by(loadingPrincipal);
    const one = { url: channel.URI.spec, at: Date.now() / 1000, initiator, page, cookies: [] };
    open.set(channel.channelId, one);
    sent.push(one);
  },
  "http-on-examine-response"(channel) {
    const one = open.get(channel.channelId);
    if (one) channel.visitOriginalResponseHeaders({ visitHeader(name, value) {
      if (name.toLowerCase() == "link") {
        for (const [, url] of value.matchAll(/<([^>]*)>(?=[^<]*;\\s*rel=["\\w\\s-]*(?:preconnect|dns-prefetch))/gi)) {
          const { href } = new URL(url, one.url);
          sent.push({ ...one, url: href, initiator: one.url, page: one.url, cookies: [], kind: "preconnect" });
        }
      }
      if (name.toLowerCase() != "set-cookie") return;
      one.cookies.push(...value.split("\\n"));
    } });
  },
};
for (const topic in topics) {
  Services.obs.addObserver((subject) => topics[topic](subject.QueryInterface(Ci.nsIHttpChannel)), topic);
}
Services.obs.addObserver((subject) => {
  const { action, cookie } = subject.QueryInterface(Ci.nsICookieNotification);
  if (!cookie || action == Ci.nsICookieNotification.COOKIE_DELETED || !lasts(cookie)) return;
  written.push({ place: "cookie", name: cookie.name, host: cookie.rawHost, at: Date.now() / 1000 });
}, "cookie-changed");
Services.obs.addObserver((subject) => subject.wrappedJSObject.text = JSON.stringify({ sent, written }), "consent-scan");
"""
)
SEEN = """const bag = {};
Services.obs.notifyObservers({ wrappedJSObject: bag }, "consent-scan");
return bag.text;"""
COOKIES = f"{LASTS}return Services.cookies.cookies.filter(lasts).map(({{ name, rawHost }}) => [name, rawHost]);"
SITE = """const [host] = arguments;
try { return Services.eTLD.getBaseDomainFromHost(host); } catch { return host; }"""
STATE = "[document.readyState, document.documentURI, document.URL]"


def find_firefox(setting: Setting) -> str:
    """The path of the program."""
    named = "" if setting.program == "firefox" else setting.program
    return find_program(named, PROGRAMS, MISSING)


class Firefox:
    """One running browser with an empty profile."""

    def __init__(self, setting: Setting) -> None:
        self.name = "Firefox"
        self._setting = setting
        self._folder = Path(tempfile.mkdtemp(prefix="consent-scan-"))
        self._process = 0
        self._leash: int | None = None
        #: The window that it began with. It stays, as the observers live in it.
        self._first = ""
        self._marionette: Marionette | None = None

    async def start(self) -> Firefox:
        """Starts the browser. CannotLookError where it does not."""
        try:
            program = find_firefox(self._setting)
            prefs = {**PREFS, **_proxy(self._setting)}
            lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items()]
            (self._folder / "user.js").write_text("".join(lines), "utf-8")
            switches = ["--marionette", "--headless", "--no-remote", "--remote-allow-system-access"]
            arguments = [program, *switches, "--profile", str(self._folder), "about:blank"]
            self._process, self._leash = start_on_leash(arguments, self._folder)
            async with asyncio.timeout(START):
                self._marionette = await Marionette.connect(self._folder / "MarionetteActivePort")
                found = await self.ask("WebDriver:NewSession", START, **CAPABILITIES)
            self.name = f"Firefox {found['capabilities']['browserVersion']}"
            self._first = await self.ask("WebDriver:GetWindowHandle")
            await self.inside(OBSERVE)
        except (OSError, MarionetteError, TimeoutError):
            await self.close()
            raise CannotLookError("Firefox does not start. Try it by hand: firefox --headless") from None
        except BaseException:
            await self.close()
            raise
        return self

    async def ask(self, name: str, patience: float = ANSWER, /, **parameters: Any) -> Any:
        """The value of a command."""
        if self._marionette is None:
            raise MarionetteError("Firefox has not been started.")
        return await self._marionette.ask(name, patience, **parameters)

    @property
    def turn(self) -> asyncio.Lock:
        """Held by whoever needs several answers of one window."""
        if self._marionette is None:
            raise PageGoneError("Firefox has not been started.")
        return self._marionette.turn

    async def inside(self, code: str, *arguments: Any) -> Any:
        """What `code` returns, with the rights of the browser itself."""
        async with self.turn:
            await self.ask("WebDriver:SwitchToWindow", handle=self._first, focus=False)
            await self.ask("Marionette:SetContext", value="chrome")
            try:
                return await self.ask("WebDriver:ExecuteScript", script=code, args=list(arguments))
            finally:
                await self.ask("Marionette:SetContext", value="content")

    async def open(self) -> FirefoxTab:
        """A new, empty window: tabs behind others are put to sleep."""
        async with self.turn:
            await self.ask("WebDriver:SwitchToWindow", handle=self._first, focus=False)
            window = (await self.ask("WebDriver:NewWindow", type="window"))["handle"]
        return FirefoxTab(self, window, self._setting)

    async def cookies(self) -> Sequence[tuple[str, str]]:
        """Every cookie: its name and its host."""
        return [(name, host) for name, host in await self.inside(COOKIES)]

    async def site_of(self, host: str) -> str:
        """By the browser's own list of public suffixes."""
        return str(await self.inside(SITE, host))

    async def close(self) -> tuple[list[Sent], list[Written]]:
        """End the browser, and say what it has seen."""
        seen: dict[str, list[Any]] = {"sent": [], "written": []}
        try:
            if self._marionette:
                with suppress(PageGoneError):
                    seen = json.loads(await self.inside(SEEN))
                with suppress(PageGoneError):
                    await self.ask("Marionette:Quit", 5, flags=["eForceQuit"])
                self._marionette.close()
        finally:
            self._marionette = None
            process, self._process = self._process, 0
            await end_process(process, self._folder)
            if self._leash is not None:
                os.close(self._leash)
                self._leash = None
        for each in seen["sent"]:
            each["cookies"] = [name for name in map(cookie_name, each["cookies"]) if name]
        return [Sent(**each) for each in seen["sent"]], [Written(**each) for each in seen["written"]]


class FirefoxTab:
    """A window with one page."""

    def __init__(self, browser: Firefox, window: str, setting: Setting) -> None:
        self._browser, self._window, self._setting = browser, window, setting

    async def go(self, url: str) -> None:
        """Open an address."""
        until = monotonic() + self._setting.deadline
        try:
            await self._do("WebDriver:Navigate", url=url)
        except PageGoneError as error:  # with the address of the page that tells of the error
            raise CannotLookError(_fault(str(error))) from None
        state = shown = ""
        while state not in ("interactive", "complete") or shown in ("", "about:blank"):
            if monotonic() > until:
                raise CannotLookError(f"did not finish within {self._setting.deadline:g} seconds")
            await asyncio.sleep(0.1)
            with suppress(PageGoneError):
                state, there, shown = await self._state()
                if there.startswith(("about:neterror", "about:certerror", "about:httpsonlyerror")):
                    raise CannotLookError(_fault(there))
        until = monotonic() + LOADED
        while state != "complete" and monotonic() < until:
            await asyncio.sleep(0.1)
            with suppress(PageGoneError):
                state, *_ = await self._state()

    async def ask(self, expression: str) -> Any:
        """What a JavaScript expression comes to."""
        async with self._browser.turn:
            await self._switch()
            return await self._evaluate(expression, ANSWER, newSandbox=False, sandbox=None)

    async def _state(self) -> Any:
        async with self._browser.turn:
            await self._switch()
            return await self._evaluate(STATE, ANSWER, sandbox="scan")

    async def _evaluate(self, expression: str, patience: float, /, **world: Any) -> Any:
        """In the frame that is chosen. The value comes in a list, as Firefox says null where a page is being left."""
        script = f"return (async () => [await ({expression})])();"
        match await self._browser.ask("WebDriver:ExecuteScript", patience, script=script, args=[], **world):
            case [value]:
                return value
        raise PageGoneError("The page is being left.")

    async def press(self) -> None:
        """Press Enter."""
        await self._act({"type": "key", "id": "keys", "actions": _typed("\ue007")})

    async def stir(self) -> None:
        """Stir the page, and wait: its clock runs as all clocks do."""
        middle = {"duration": 0, "origin": "viewport", "y": 300}
        moves = [{"type": "pointerMove", "x": x, **middle} for x in (3, 5)]
        wheel = {"type": "scroll", "x": 3, "deltaX": 0, "deltaY": 2000, **middle}
        with suppress(PageGoneError):
            await self._act({"type": "pointer", "id": "mouse", "actions": moves})
            await self._act({"type": "wheel", "id": "wheel", "actions": [wheel]})
            await self._act({"type": "key", "id": "keys", "actions": _typed("\ue008")})
        await asyncio.sleep(self._setting.patience)

    async def in_frames(self, expression: str) -> list[Any]:
        """In each frame, from the top down."""
        found: list[Any] = []
        async with self._browser.turn:
            with suppress(MarionetteError):
                await self._switch()
                await self._look_into(expression, found, 3)
        return found

    async def _look_into(self, expression: str, found: list[Any], depth: int) -> None:
        ask = self._browser.ask
        with suppress(PageGoneError):
            found.append(await self._evaluate(expression, FRAME, sandbox="scan"))
        count = await self._evaluate("window.length", FRAME, sandbox="scan") if depth else 0
        for number in range(min(count, 20)):
            with suppress(PageGoneError):
                await ask("WebDriver:SwitchToFrame", FRAME, id=number)
                await self._look_into(expression, found, depth - 1)
                await ask("WebDriver:SwitchToParentFrame", FRAME)

    async def picture(self) -> bytes:
        """A PNG of the window."""
        with suppress(PageGoneError):
            return base64.b64decode(await self._do("WebDriver:TakeScreenshot", full=False))
        return b""

    async def close(self) -> None:
        """Leave the page."""
        with suppress(PageGoneError):
            await self._do("WebDriver:CloseWindow")

    async def _act(self, source: dict[str, Any]) -> None:
        await self._do("WebDriver:PerformActions", actions=[source])

    async def _do(self, name: str, **parameters: Any) -> Any:
        async with self._browser.turn:
            await self._switch()
            return await self._browser.ask(name, **parameters)

    async def _switch(self) -> None:
        await self._browser.ask("WebDriver:SwitchToWindow", handle=self._window, focus=True)


def _fault(text: str) -> str:
    found = re.search(r"about:\w+error\?(?:.*&)?e=(\w+)", text)
    return f"cannot be opened ({found[1]})" if found else "cannot be opened: Firefox does not say why"


def _typed(key: str) -> list[dict[str, str]]:
    return [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]


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
