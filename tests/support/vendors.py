"""A notice whose visitors can decide about single services: three of marketing, one of analytics, and one of both."""

from __future__ import annotations

from dataclasses import replace

from consent_widget import Cookie, Service
from consent_widget.notice.model import Notice
from consent_widget.text import Text


def service(id: str, zh: str, en: str, *purposes: str, cookies: tuple[Cookie, ...] = ()) -> Service:
    name = Text({"zh-CN": zh, "en": en})
    return Service(id=id, name=name, company=f"{en} Ltd", country="NL", purposes=purposes, cookies=cookies)


VENDORS = (
    service("film", "影院", "Cinema", "marketing"),
    service("pixel", "像素", "Pixel", "marketing", cookies=(Cookie(name="px_*"),)),
    service("map", "地图", "Map", "marketing"),
    service("tally", "统计", "Tally", "analytics"),
    service("both", "两用", "Both", "analytics", "marketing"),
)
FILM, PIXEL, MAP, TALLY = "marketing@film", "marketing@pixel", "marketing@map", "analytics@tally"
BOTH = ("analytics@both", "marketing@both")


def with_vendors(minimal: Notice) -> Notice:
    return replace(minimal, services=VENDORS)
