"""The shop's notice: the one that ships with the package, and the vendors and partners of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from consent_widget import Cookie, Recipient, Service, read_notice
from consent_widget.notice.model import Notice
from consent_widget.text import Text

CONTROLLER: Mapping[str, object] = {
    "name": {"zh-CN": "溪午茶舍有限公司（虚构）", "en": "Noonbrook Tea & Ceramics Ltd (fictional)"},
    "address": {"zh-CN": "示例市溪午路 12 号", "en": "12 Noonbrook Road, Example City"},
    "email": "privacy@noonbrook.example",
    "phone": "+86 000 0000 0000",
    "officer": {"zh-CN": "林溪", "en": "Lin Xi"},
    "storage_location": {"zh-CN": "运行此演示的这台电脑", "en": "a temporary file on the computer that runs this demo"},
}

RECIPIENTS = (
    Recipient(
        id="proofmark",
        name=Text({"zh-CN": "证真核验", "en": "Proofmark"}),
        recipient_class="service_providers",
        company="Proofmark Identity Co., Ltd",
        contact="privacy@proofmark.example",
        country="CN",
        means=Text(
            {
                "zh-CN": "通过加密连接传送一次，核对完毕即删除，不留副本。",
                "en": "Sent once over an encrypted connection, compared, then deleted; no copy is kept.",
            }
        ),
        data=("identity_documents",),
        purposes=("identity_verification",),
    ),
    Recipient(
        id="teahouse_club",
        name=Text({"zh-CN": "茶馆会", "en": "Teahouse Club"}),
        recipient_class="partners",
        company="Teahouse Club Co., Ltd",
        contact="privacy@teahouse-club.example",
        country="CN",
        means=Text(
            {
                "zh-CN": "您登录时，双方通过加密连接交换用户名和登录凭证；密码不会传给我们。",
                "en": "A username and a sign-in token are exchanged over an encrypted connection when you sign in; "
                "your password never reaches us.",
            }
        ),
        data=("registration_info",),
        purposes=("federated_login",),
    ),
    Recipient(
        id="brandhaus",
        name=Text({"zh-CN": "布兰德陶艺", "en": "Brandhaus Ceramics"}),
        recipient_class="partners",
        company="Brandhaus Keramik GmbH",
        contact="datenschutz@brandhaus.example",
        country="DE",
        means=Text(
            {
                "zh-CN": "您购买其作品后，我们每月以加密文件传送一次；对方用来给您寄展览请柬。",
                "en": "One encrypted file a month, after you buy a piece of theirs; they use it to invite you to "
                "their exhibitions.",
            }
        ),
        data=("contact_info", "order_info"),
        purposes=("partner_sharing",),
        transfer="standard_contract",
        rights=Text(
            {
                "zh-CN": "您可以用中文或英文写信到上述邮箱，要求查阅、更正或删除；也可以交给我们转达。",
                "en": "Write to the address above, in Chinese or English, to see, correct or delete it; or ask us to "
                "pass your request on.",
            }
        ),
    ),
)


def shop_notice(vendor_url: str) -> Notice:
    """The notice of the shop, with its vendors at `vendor_url`."""
    return replace(
        read_notice("shop", CONTROLLER),
        effective=f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}",  # so that it is in force, and can be changed
        services=_services(urlsplit(vendor_url).netloc),
        recipients=RECIPIENTS,
    )


def _services(host: str) -> tuple[Service, ...]:
    return (
        Service(
            id="tally",
            name=Text({"zh-CN": "Tally 访问统计", "en": "Tally Analytics"}),
            company="Tally Analytics Co., Ltd",
            country="CN",
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
            company="Beacon Ads Co., Ltd",
            country="CN",
            purposes=("targeted_advertising", "marketing_measurement"),
            hosts=(host,),
            cookies=(Cookie(name="beacon_uid", duration=Text({"zh-CN": "180 天", "en": "180 days"})),),
            storage=("beacon",),
        ),
        # This player notes for the adverts which films are watched. Without that, a film would not be advertising.
        Service(
            id="reel",
            name=Text({"zh-CN": "Reel 视频", "en": "Reel Video"}),
            company="Reel Video Co., Ltd",
            country="CN",
            purposes=("targeted_advertising",),
            hosts=(host,),
        ),
    )
