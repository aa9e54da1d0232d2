"""The shop's texts in the visitor's language: the page's `?lang=`, else the browser's, else English."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from flask import request

LOCALES = ("zh-CN", "en")


def locale() -> str:
    """The language of this request."""
    if request.args.get("lang") in LOCALES:
        return request.args["lang"]
    languages = [tag.lower().split("-")[0] for tag in request.accept_languages.values()]
    supported = (language for language in languages if language in ("zh", "en"))
    return "zh-CN" if next(supported, "en") == "zh" else "en"


@cache
def words(locale: str, child: bool = False) -> dict[str, Any]:
    """All texts in words.toml, in one language. In Chinese a `child` is 你, as in the widget, and an adult 您."""
    text = Path(__file__).with_name("words.toml").read_text("utf-8")
    text = text.replace("您", "你") if child else text
    return {name: in_locale(value, locale) for name, value in tomllib.loads(text).items()}


def in_locale(value: Any, locale: str) -> Any:
    """`value` with each `{zh-CN = …, en = …}` in it replaced by its text in `locale`."""
    if isinstance(value, dict):
        return value[locale] if locale in value else {name: in_locale(item, locale) for name, item in value.items()}
    return [in_locale(item, locale) for item in value] if isinstance(value, list) else value
