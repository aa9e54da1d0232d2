"""A site's own colours: each value must be nothing but a colour, and hex colours must have enough contrast."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import ConfigurationError

#: The colours of the built sheet (static/style/layer.css).
LIGHT = {
    "ink": "#15171c", "paper": "#fff", "muted": "#545a66", "accent": "#0b57d0", "on_accent": "#fff",
    "line": "#88888840",
}  # fmt: skip
DARK = {
    "ink": "#f1f2f4", "paper": "#1c1e23", "muted": "#adb3bf", "accent": "#8ab4ff", "on_accent": "#0a1526",
    "line": "#88888840",
}  # fmt: skip
COLOUR = re.compile(
    r"#(?:[0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})|(?:rgba?|hsla?|oklch)\([0-9.,%/ ]{5,60}\)|[a-z]{3,24}",
    re.IGNORECASE,
)
#: Text colours and what they stand on. WCAG 2.2, 1.4.3 asks for a contrast of 4.5 to 1.
TEXT_ON = (("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("on_accent", "accent"))
MIN_CONTRAST = 4.5


def read_theme(theme: object) -> Mapping[str, object]:
    """`CONSENT_THEME`, or ConfigurationError unless it is a table of colours. The contrast is checked for hex colours
    only, not for `navy` or `rgb()`.
    """
    if not isinstance(theme, Mapping) or not isinstance(theme.get("dark", {}), Mapping):
        raise ConfigurationError(f"CONSENT_THEME: must be a table of colours ({', '.join(LIGHT)}), and of dark ones.")
    light = {name: value for name, value in theme.items() if name != "dark"}
    _check("", light, LIGHT)
    _check(".dark", theme.get("dark", {}), DARK)
    return theme


def theme_css(theme: Mapping[str, object]) -> str:
    """The theme as custom properties, to follow the built sheet. Light colours do not apply to the dark scheme."""
    dark = theme.get("dark", {})
    light = {name: value for name, value in theme.items() if name != "dark"}
    return _block("light", light) + _block("dark", dark if isinstance(dark, Mapping) else {})


def _check(where: str, given: Mapping[str, object], own: Mapping[str, str]) -> None:
    for name, value in given.items():
        if name not in own:
            raise ConfigurationError(f"CONSENT_THEME{where}.{name}: no such colour. There are: {', '.join(own)}.")
        if not isinstance(value, str) or not COLOUR.fullmatch(value):
            raise ConfigurationError(
                f"CONSENT_THEME{where}.{name}: not a colour. Write it like #0b57d0, rgb(11 87 208) or navy."
            )
    colours = {**own, **given}
    for front, back in TEXT_ON:
        if front in given or back in given:
            ratio = _contrast(str(colours[front]), str(colours[back]))
            if ratio is not None and ratio < MIN_CONTRAST:
                raise ConfigurationError(
                    f"CONSENT_THEME{where}: {front} on {back} is {ratio:.2f} to 1, too little to be read. "
                    f"Choose colours with {MIN_CONTRAST} to 1 or more."
                )


def _block(scheme: str, colours: Mapping[str, object]) -> str:
    if not colours:
        return ""
    properties = ";".join(f"--cw-{name.replace('_', '-')}:{value}" for name, value in colours.items())
    return f"@media (prefers-color-scheme:{scheme}){{:host,.cw-page{{{properties}}}}}"


def _contrast(one: str, other: str) -> float | None:
    """The contrast ratio of two opaque hex colours (WCAG 2.2); None if one is not an opaque hex colour."""
    luminances = [_luminance(colour) for colour in (one, other)]
    if luminances[0] is None or luminances[1] is None:
        return None
    darker, lighter = sorted((luminances[0], luminances[1]))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float | None:
    digits = colour[1:]
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if not colour.startswith("#") or digits[6:].lower() not in ("", "ff"):
        return None
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
