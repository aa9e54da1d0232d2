"""The built script with one locale's words: made and compressed once, at start-up."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

from ..choice.policy import lifetime
from ..errors import ConfigurationError
from ..notice.publishing import News
from ..resources import STATIC
from ..settings.model import Settings
from ..ui.age import for_script
from ..ui.centre import centre
from ..ui.layer import layer
from ..ui.leaving import leaving
from ..ui.news import bars
from ..ui.view import View
from .style import Style

MESSAGES = (
    "preferences", "saved", "unsaved", "unkept", "unreachable", "framed", "reloading", "blocked", "load_once",
    "load_always",
)  # fmt: skip

#: Chromium compiles all of a file that begins with this while it comes in, beside the page's own work, and not each
#: function when it is first called (WICG, Explicit JavaScript Compile Hints). To others it is a comment.
EAGER = "//# allFunctionsCalledOnLoad\n"

#: What a file knows as it begins: its own tag, and with it where it and everything else of ours comes from.
KNOWN = "{__proto__:null,tag:document.currentScript}"

#: A page that has the tag twice has the widget once. No markup makes a property of this name.
ONCE = 'globalThis[Symbol.for("cw")]??='


@dataclass(frozen=True)
class Body:
    """A response body that never changes: its bytes, and the same compressed."""

    content: bytes
    mimetype: str

    @cached_property
    def hash(self) -> str:
        """Names the content in its URL and its ETag."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """What a page that pins the content says of it (Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.content).digest()).decode()

    @cached_property
    def encodings(self) -> dict[str, bytes]:
        """The content by content coding, best first."""
        made = {"gzip": gzip.compress(self.content, 9, mtime=0), "identity": self.content}
        try:
            import brotli
        except ImportError:  # no wheel for this interpreter: gzip serves
            return made
        return {"br": brotli.compress(self.content, quality=11), **made}


def built(debug: bool = False) -> Mapping[str, str]:
    """The built script and style sheets by file name; in debug, straight from the sources."""
    if debug and (STATIC / "src").is_dir():
        from .build import join

        return join(STATIC)
    try:
        return {path.name: path.read_text("utf-8") for path in sorted((STATIC / "dist").iterdir())}
    except FileNotFoundError:
        raise ConfigurationError(
            "The script is not built. In a checkout run: python static/build.py (pip install does it by itself)."
        ) from None


def payload(view: View, settings: Settings, news: Mapping[str, News] = MappingProxyType({})) -> dict[str, object]:
    """What the script needs of the notice in one locale: terms, words, and the two first surfaces; and of what
    changed, which bar is whose.
    """
    notice = view.notice
    data: dict[str, object] = {
        "locale": view.locale,
        "notice": notice.digest[:16],
        "options": [
            {"key": option.key, "tag": option.fingerprint}
            | ({"bulk": 1} if option.in_bulk else {})
            | ({"all": 1} if option.in_accept_all else {})
            | ({"gpc": 1} if option.purpose.gpc_opt_out else {})
            | ({"adult": 1} if view.age and option.for_adults else {})
            for option in notice.options.values()
        ],
        "always": [purpose.id for purpose in notice.purposes if purpose.control == "always_on"],
        "words": {name: view.messages[name] for name in MESSAGES},
        "layer": layer(view),
        "centre": centre(view),
    }
    return (
        data
        | (_services(view) if notice.services else {})
        | ({"scripted": 1} if settings.scripted_grants else {})
        | (
            {"origins": list(settings.origins), "days": lifetime(notice, settings.region, False)}
            if settings.origins
            else {}
        )
        | ({"site": settings.site} if settings.site else {})
        | ({"domain": settings.cookie_domain} if settings.cookie_domain else {})
        | ({"news": bars(view, news)} if news else {})
        | ({"age": _age(view)} if view.age else {})
        | ({"modal": 1} if settings.layout == "modal" else {})
        | ({"leave": _leaving(view, settings.leave)} if settings.leave is not None else {})
    )


def _services(view: View) -> dict[str, object]:
    """What the linked `service.js` needs."""
    return {
        "separate": [purpose.id for purpose in view.notice.purposes if purpose.consent == "separate"],
        "services": [
            {
                "id": service.id,
                "name": service.name[view.locale],
                "purposes": list(service.purposes),
                "cookies": [cookie.name for cookie in service.cookies],
                "storage": list(service.storage),
            }
            | ({"recipient": service.recipient} if service.recipient else {})
            for service in view.notice.services
        ],
    }


def _age(view: View) -> dict[str, object]:
    asks = {"ask": 1} if view.age and view.age.ask else {}
    layers = {"c": layer(view, stage="child")} | ({"": layer(view, stage="age")} if asks else {})
    return asks | for_script(view) | {"layers": layers}


def _leaving(view: View, leave: Mapping[str, Any]) -> dict[str, object]:
    return {
        "affiliates": list(leave.get("affiliates", ())),
        "policies": dict(leave.get("policies", {})),
        "tree": leaving(view),
    }


@dataclass(frozen=True)
class Script:
    """The widget in one locale: as one file, and in two, so that who is on a slow line soon sees the first layer."""

    whole: Body
    #: What a page needs at once; it loads the rest by itself.
    first: Body
    #: The whole as a module, for the first part to call.
    rest: Body


def make_script(
    made: Mapping[str, str], data: Mapping[str, Any], style: Style, linked: Mapping[str, str], drawn: bool = False
) -> Script:
    """The built functions, called with the words of a locale, the style, and what is linked to them. Where the server
    has `drawn` the first layer, the page has its tree already; the preference centre's follows when the page has come.
    """
    trees = ("layer", "centre") if drawn and "age" not in data else ()  # a child's are made anew by the script
    needed = _only(data, *(data.keys() - set(trees)))
    every = partial(_call, made["widget.js"], sheet=style.script[data["locale"]], linked=linked)
    rest = _body(f"{EAGER}export default shared=>{{{_within(made, every(data, shared=('shared',)))}}}")
    address = f"widget.{rest.hash}.mjs?lang={data['locale']}"
    early = {name: each for name, each in linked.items() if name in ("store", "service")}
    first = _call(
        made["first.js"], first_payload(data), style.first[data["locale"]], early, ("shared", compact(address))
    )
    return Script(
        _body(_within(made, every(needed, shared=(KNOWN,)), ONCE)),
        _body(EAGER + _within(made, _begin(first), ONCE)),
        rest,
    )


def first_payload(data: Mapping[str, Any]) -> dict[str, object]:
    """Of the payload of a locale, those that a page needs at once: the terms, and the first layer."""
    first = _only(data, "locale", "notice", "always", "separate", "layer", "origins", "site", "domain")
    first["options"] = [_only(each, "key", "tag", "bulk", "gpc", "adult") for each in data["options"]]
    first["words"] = _only(data["words"], "unreachable", "unsaved")
    services = [_only(each, "id", "purposes", "recipient") for each in data.get("services", ())]
    return (
        first
        | ({"services": services} if services else {})
        | ({"age": _only(data["age"], "ask", "layers")} if "age" in data else {})
    )


def _only(data: Mapping[str, Any], *names: str) -> dict[str, object]:
    return {name: each for name, each in data.items() if name in names}


def _call(source: str, data: object, sheet: str, linked: Mapping[str, str], shared: tuple[str, ...]) -> str:
    more = "".join(f",{name}:{_expression(each)}" for name, each in linked.items())
    given = f"sheet={compact(sheet)},data={compact(data)},more={{__proto__:null{more}}}"
    return f"const {given};({_expression(source)})({','.join(shared)},data,sheet,more)"


def _expression(source: str) -> str:
    return source.strip().rstrip(";")


def _begin(first: str) -> str:
    """Where a script reads the cookies, Chromium notes each function that is under way, and reads the source of each
    once more to do so: a phone's 5 ms. So a function of one line reads them, and nothing else is under way.
    """
    read = "queueMicrotask(()=>{try{shared.cookie=document.cookie}catch{}first()})"
    return f"const shared={KNOWN},first=()=>{{{_told(first)}}};{read}"


def _told(script: str) -> str:
    """What fails is told, and stops nothing of the page."""
    return f"try{{{script}}}catch(e){{console.error(e.message)}}"


def _within(made: Mapping[str, str], script: str, once: str = "") -> str:
    """`script`, where no markup of the page stands before what is the document's."""
    return _told(f"{once}(document=>{{{script};return 1}})({_expression(made['document.js'])})")


def _body(text: str) -> Body:
    return Body(text.encode(), "text/javascript")


def compact(data: object) -> str:
    """`data` as JSON, short, in real characters."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
