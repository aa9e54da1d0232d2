"""How long a cookie stays, as the catalogue has it (`2 years`, `session`, `unlimited`), in words for visitors."""

from __future__ import annotations

import re

from ..text import Text

LIFETIME = re.compile(r"(\d+) (minute|hour|day|week|month|year)s?")
UNITS = {"minute": "分钟", "hour": "小时", "day": "天", "week": "周", "month": "个月", "year": "年"}
WORDS = {
    "session": Text({"zh-CN": "关闭浏览器后失效", "en": "until the browser closes"}),
    "unlimited": Text({"zh-CN": "不会自动失效", "en": "no expiry"}),
    "unknown": Text({"zh-CN": "期限不详", "en": "lifetime unknown"}),
}


def lifetime_text(lifetime: str) -> Text:
    """The words for a lifetime. ValueError where it is not one."""
    if lifetime in WORDS:
        return WORDS[lifetime]
    found = LIFETIME.fullmatch(lifetime)
    if found is None:
        raise ValueError(lifetime)
    number, unit = found.groups()
    return Text({"zh-CN": f"{number} {UNITS[unit]}", "en": f"{number} {unit}{'' if number == '1' else 's'}"})
