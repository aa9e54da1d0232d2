"""The shop's notice: the one that ships with the package, and the three vendors of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from consent_widget import Cookie, Service, read_notice
from consent_widget.notice import Notice
from consent_widget.text import Text

CONTROLLER: Mapping[str, object] = {
    "name": {"zh-CN": "溪午茶舍有限公司（虚构）", "en": "Noonbrook Tea & Ceramics Ltd (fictional)"},
    "address": {"zh-CN": "示例市溪午路 12 号", "en": "12 Noonbrook Road, Example City"},
    "email": "privacy@noonbrook.example",
    "phone": "+86 000 0000 0000",
    "officer": {"zh-CN": "林溪（个人信息保护负责人）", "en": "Lin Xi, personal information protection officer"},
    "storage_location": {"zh-CN": "您运行此演示的这台电脑", "en": "the computer that you run this demo on"},
}


def shop_notice(vendor_url: str) -> Notice:
    """The notice of the shop, its vendors being reached at `vendor_url`."""
    return replace(read_notice("shop", CONTROLLER), services=_services(urlsplit(vendor_url).netloc))


def _services(host: str) -> tuple[Service, ...]:
    return (
        Service(
            id="tally",
            name=Text({"zh-CN": "Tally 访问统计", "en": "Tally Analytics"}),
            company="Tally Analytics B.V.",
            country="NL",
            purposes=("data_analytics",),
            hosts=(host,),
            cookies=(
                Cookie(name="tally_id", duration=Text({"zh-CN": "90 天", "en": "90 days"})),
                Cookie(name="tally_s_*", duration=Text({"zh-CN": "30 分钟", "en": "30 minutes"})),
            ),
            storage=("tally",),
        ),
        Service(
            id="beacon",
            name=Text({"zh-CN": "Beacon 广告", "en": "Beacon Ads"}),
            company="Beacon Ads Inc.",
            country="US",
            purposes=("targeted_advertising", "marketing_measurement"),
            hosts=(host,),
            cookies=(Cookie(name="beacon_uid", duration=Text({"zh-CN": "180 天", "en": "180 days"})),),
            storage=("beacon",),
        ),
        # A film alone would need no profile, but this player keeps one of what its viewers watch.
        Service(
            id="reel",
            name=Text({"zh-CN": "Reel 视频", "en": "Reel Video"}),
            company="Reel Video GmbH",
            country="DE",
            purposes=("targeted_advertising",),
            hosts=(host,),
        ),
    )
