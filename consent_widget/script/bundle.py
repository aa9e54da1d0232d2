"""The built script, called with the payload of one locale: as one file, and in two parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import ConfigurationError
from ..resources import STATIC
from ..settings.model import Settings
from .body import Body, compact
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
    try:
        return {path.name: path.read_text("utf-8") for path in sorted((STATIC / "dist").iterdir())}
    except FileNotFoundError:
        raise ConfigurationError(
            "The script is not built. In a checkout run: python static/build.py (pip install does it by itself)."
        ) from None


def make_script(
    built: Mapping[str, str], payload: Mapping[str, Any], style: Style, linked: Mapping[str, str],
    embeds: Embeds, settings: Settings,
) -> Script:  # fmt: skip
    """`linked` holds the sources of the linked modules by name. Where the server draws the first layer, the page has
    its tree already, and the preference centre's is fetched after the page has loaded.
    """
    locale, shared = payload["locale"], SHARED.format(compact(f"{settings.url_prefix}/widget."))
    drawn_by_server = settings.render == "server" and not settings.origins
    # With CONSENT_AGE the first layer depends on the visitor's age, so the script has to draw it anew.
    left_out = {"layer", "centre", "sheet"} if drawn_by_server and "age" not in payload else set()
    call_widget = partial(_call, built["widget.js"], sheet=style.script[locale])
    by_address, inside = ({**linked, "embeds": each} for each in (compact(embeds.address), embeds.source))
    everything = call_widget(payload, linked=by_address, arguments=("shared",))
    rest = _script(f"{EAGER}export default shared=>{{{_guarded(built, everything)}}}")
    address = compact(f"widget.{rest.hash}.mjs?lang={locale}")
    early = {name: source for name, source in linked.items() if name in ("store", "service")}
    first = _call(built["first.js"], first_payload(payload), style.first[locale], early, ("shared", address))
    without_trees = only(payload, *(payload.keys() - left_out))
    whole, pinned = (call_widget(without_trees, linked=each, arguments=(shared,)) for each in (by_address, inside))
    return Script(
        whole=_script(_guarded(built, whole, ONCE)),
        pinned=_script(_guarded(built, pinned, ONCE)),
        first=_script(EAGER + _guarded(built, _read_cookies_then(first, shared), ONCE)),
        rest=rest,
    )


def _call(source: str, payload: object, sheet: str, linked: Mapping[str, str], arguments: tuple[str, ...]) -> str:
    """A call of the function in `source`: with `arguments`, the payload, the style sheet and the linked modules."""
    modules = "".join(f",{name}:{_expression(module)}" for name, module in linked.items())
    constants = f"sheet={compact(sheet)},data={compact(payload)},more={{__proto__:null{modules}}}"
    return f"const {constants};({_expression(source)})({','.join(arguments)},data,sheet,more)"


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


def _script(text: str) -> Body:
    return Body(text.encode(), "text/javascript")
