"""The built script, called with the payload of one locale: as one file, and in two parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from ..errors import ConfigurationError
from ..resources import STATIC
from ..settings.model import Settings
from .body import Body, LateBody, compact
from .embeds import Embeds
from .payload import first_payload, only
from .style import Style

#: Chromium compiles a file that begins with this while it loads, beside the page's own work, and not each function
#: when it is first called (WICG, Explicit JavaScript Compile Hints). Elsewhere it is a comment.
EAGER = "//# allFunctionsCalledOnLoad\n"

#: What a script knows when it begins: its own tag, and how its own address ends. From these follows the address of
#: everything else of ours (static/src/core/config.js).
SHARED = "{{__proto__:null,tag:document.currentScript,file:{}}}"

#: A page that has the tag twice has the widget once. No markup makes a property of this name.
ONCE = 'globalThis[Symbol.for("cw")]??='

JAVASCRIPT = "text/javascript"


@dataclass(frozen=True)
class Script:
    """The widget in one locale."""

    #: All of it in one file, for pages of the site itself. Placeholders are loaded where there are any.
    whole: Body
    #: The same with the placeholders in it, for pages that pin it: they run what they have checked, and nothing else.
    pinned: Body
    #: What a page needs at once; it loads `rest` by itself. On a slow line the first layer shows sooner.
    first: Body
    #: All of it again, with the first layer and the preference centre, as a module that `first` calls.
    rest: Body


def built_files(debug: bool = False) -> Mapping[str, str]:
    """The built scripts and style sheets by file name; in debug, straight from the sources."""
    if debug and (STATIC / "src").is_dir():
        from .build import join

        return join(STATIC)
    return read_built()


@cache
def read_built() -> Mapping[str, str]:
    """The same as they are installed, read once for all sites."""
    try:
        return {path.name: path.read_text("utf-8") for path in sorted((STATIC / "dist").iterdir())}
    except FileNotFoundError:
        raise ConfigurationError(
            "The script is not built. In a checkout run: python static/build.py (pip install does it by itself)."
        ) from None


def make_script(
    built: Mapping[str, str], payload: Mapping[str, Any], data: Body, style: Style, linked: Mapping[str, str],
    embeds: Embeds, settings: Settings,
) -> Script:  # fmt: skip
    """`data` is the payload as JSON; `linked` holds the sources of the linked modules by name. Where the server draws
    the first layer, the page has its tree already, and the preference centre's is fetched after the page has loaded.
    """
    locale, shared = payload["locale"], SHARED.format(compact(f"{settings.url_prefix}/widget."))
    drawn_by_server = settings.render != "script" and not settings.origins
    # With CONSENT_AGE the first layer depends on the visitor's age, so the script has to draw it anew.
    left_out = {"layer", "centre", "sheet"} if drawn_by_server and "age" not in payload else set()
    without_trees = _json(only(payload, *(payload.keys() - left_out))) if left_out else data
    needed_first = _json(first_payload(payload))
    call_widget = partial(_call, built["widget.js"], sheet=style.script[locale])
    late = {name: source for name, source in linked.items() if name != "wait"}
    by_address, inside = {**late, "embeds": compact(embeds.address)}, {**late, "embeds": embeds.source}
    early = {name: source for name, source in linked.items() if name in ("store", "service", "wait")}

    def make_rest() -> str:
        everything = call_widget(data, linked=by_address, arguments=("shared",))
        return f"{EAGER}export default shared=>{{{_guarded(built, everything)}}}"

    def make_first() -> str:
        arguments = ("shared", compact(f"widget.{rest.hash}.mjs?lang={locale}"))
        first = _call(built["first.js"], needed_first, style.first[locale], early, arguments)
        return EAGER + _guarded(built, _read_cookies_then(first, shared), ONCE)

    def make_whole(linked: Mapping[str, str]) -> str:
        return _guarded(built, call_widget(without_trees, linked=linked, arguments=(shared,)), ONCE)

    rest = LateBody(make_rest, JAVASCRIPT)
    return Script(
        whole=LateBody(partial(make_whole, by_address), JAVASCRIPT),
        pinned=LateBody(partial(make_whole, inside), JAVASCRIPT),
        first=LateBody(make_first, JAVASCRIPT),
        rest=rest,
    )


def _json(data: object) -> Body:
    return Body(compact(data).encode(), "application/json")


def _call(source: str, payload: Body, sheet: str, linked: Mapping[str, str], arguments: tuple[str, ...]) -> str:
    """A call of the function in `source`: with `arguments`, the payload, the style sheet and the linked modules."""
    modules = "".join(f",{name}:{_expression(module)}" for name, module in linked.items())
    constants = f"sheet={compact(sheet)},data={payload.content.decode()},more={{__proto__:null{modules}}}"
    data = "more.wait(data)" if "wait" in linked else "data"
    return f"const {constants};({_expression(source)})({','.join(arguments)},{data},sheet,more)"


def _expression(source: str) -> str:
    return source.strip().rstrip(";")


def _read_cookies_then(first: str, shared: str) -> str:
    """Reading document.cookie makes Chromium read the source of every function that is on the stack, which takes 5 ms
    on a phone. So a function of one line reads it, in a microtask, where nothing else is on the stack.
    """
    read = "queueMicrotask(()=>{try{shared.cookie=document.cookie}catch{}first()})"
    return f"const shared={shared},first=()=>{{{_logging_errors(first)}}};{read}"


def _logging_errors(script: str) -> str:
    """An error of ours is logged, and stops nothing else on the page."""
    return f"try{{{script}}}catch(e){{console.error(e.message)}}"


def _guarded(built: Mapping[str, str], script: str, once: str = "") -> str:
    """`script` with the document's own properties, which no markup of the page can hide (DOM clobbering)."""
    return _logging_errors(f"{once}(document=>{{{script};return 1}})({_expression(built['document.js'])})")
