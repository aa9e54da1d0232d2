"""The configuration of a service: whatever is wrong is told with its site and its key."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from consent_widget import ConfigurationError
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.service.app import create_service
from consent_widget.service.logs import Form, log_config
from consent_widget.service.sites import read_sites
from consent_widget.settings.config import read_settings
from consent_widget.site.draft import read_site_notice

from ..conftest import KEY
from ..support.log import PRIVATE
from ..support.notices import notice_table
from ..support.services import CONTROLLER, SHOP, SITES, TOP, written

SITE = f'[sites.shop]\norigins = ["{SHOP}"]\n{CONTROLLER.replace(chr(10), "")}\n'


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ('url = "https://consent.example"', "keys: must be a list of keys, oldest first"),
        ('url = "https://consent.example"\nkeys = []', "keys: there is none"),
        ('url = "https://consent.example"\nkeys = "abc"', "keys: must be a list"),
        ('url = "https://consent.example"\nkeys = ["short"]', "keys: every key needs 16 characters"),
        ('url = "https://consent.example"\nkeys_file = "no.txt"', "keys_file: cannot be read"),
        ('url = "https://consent.example"\nkeys_file = 7', "keys_file: must be the path"),
        (f'{TOP}keys_file = "keys.txt"', "keys, keys_file: only one"),
        (f'keys = ["{KEY}"]', "url: must say where browsers find this service"),
        (TOP.replace("https://consent.example", "consent.example/path"), "url: must say"),
        (f"{TOP}proxies = -1", "proxies: must be how many"),
        (f"{TOP}proxies = true", "proxies: must be how many"),
        (f"{TOP}databse = 1", "databse: no such key. There are: url, keys"),
        (f"{TOP}database = 1", "database: must be an SQLAlchemy URL"),
        (f'{TOP}database = "nonsense"', "database: not a usable SQLAlchemy URL"),
        (f'{TOP}database = "mysql://shop"', "database: its driver is not installed"),
        (TOP.replace("rate_limit = 0", "rate_limit = -1"), "rate_limit: must be a whole number"),
        (f'{TOP}log_key = "missing.key"', "log_key: is no file that can be read"),
        (f"{TOP}log_key = 7", "log_key: must be a text or a path"),
        (f'{TOP}log_policy = "quorum all"', "log_policy: Line 1 of the policy"),
        (f"{TOP}log_minutes = -1", "log_minutes: must be a whole number"),
        ("this is not toml", "is not well-formed TOML"),
    ],
)
def test_an_error_at_the_top_names_the_key(
    tmp_path: Path, top: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONSENT_KEYS", raising=False)
    with pytest.raises(ConfigurationError) as error:
        create_service(written(tmp_path, SITE, f"{top}\n"))

    assert message in str(error.value)
    assert "CONSENT_" not in str(error.value)


def inlined(value: object) -> str:
    """A value as TOML writes it within a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {inlined(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(inlined, value))}]"
    return json.dumps(value, ensure_ascii=False)


def test_a_notice_can_stand_in_the_file_and_use_the_catalogue(tmp_path: Path) -> None:
    table = notice_table("minimal") | {"services": [{"use": "ga4", "id": "G-ABC123DEF4"}], "country": "US"}
    config = read_sites(written(tmp_path, f"{SITE}notice = {inlined(table)}\n"))

    notice = read_site_notice(read_settings(config.sites["shop"]))
    assert [service.company for service in notice.services] == ["Google LLC"]


@pytest.mark.parametrize(
    ("site", "message"),
    [
        ("", "sites: there is none"),
        ("[sites]\nshop = 1", "sites.shop: must be a table"),
        ("[sites.Shop]", "sites.Shop: an id is lower-case"),
        ('[sites."a b"]', "sites.a b: an id is lower-case"),
        ("[sites.shop]", "sites.shop.origins: list where its pages are"),
        (SITE.replace(f'["{SHOP}"]', "[]"), "sites.shop.origins: list where its pages are"),
        (SITE.replace(f'["{SHOP}"]', f'"{SHOP}"'), "sites.shop.origins: must be a list"),
        (SITE.replace(SHOP, SHOP + "/"), "sites.shop.origins: each must be a scheme and a host"),
        (SITE.replace(SHOP, "*"), "sites.shop.origins: each must be"),
        (SITE + "orgins = 1", "sites.shop.orgins: no such key. There are: origins, notice"),
        (SITE + 'keys = ["x"]', "sites.shop.keys: no such key"),
        (SITE + 'layout = "popup"', "sites.shop.layout: must be one of box, bar, modal"),
        (SITE + "layout = []", "sites.shop.layout: must be one of"),
        (SITE + 'notice = "nowhere.toml"', "sites.shop.notice: "),
        (SITE + "notice = 7", "sites.shop.notice: must be a name, a path"),
        (f'[sites.shop]\norigins = ["{SHOP}"]', "sites.shop.notice: minimal.toml: controller: nobody is named"),
        (
            f'[sites.shop]\norigins = ["{SHOP}"]\ncontroller = {{ name = "A" }}',
            "sites.shop.notice: minimal.toml: 3 texts are missing",
        ),
        (SITE + 'locales = ["fr"]', "sites.shop.locales: cannot be offered"),
        (SITE + 'locales = "en"', "sites.shop.locales: must be a list"),
        (SITE + 'region = "California"', "sites.shop.region: must be a code of ISO 3166"),
        (SITE + "region = 1", "sites.shop.region: must be a code of ISO 3166"),
        (SITE + 'region_header = "CF-IPCountry"', "sites.shop.region_header: needs a proxy of your own"),
        (SITE + "region_header = 1", "sites.shop.region_header: must be the name of a header"),
        (SITE + "cookie_domain = 1", "sites.shop.cookie_domain: must be a domain"),
        (SITE + 'theme = "dark"', "sites.shop.theme: must be a table of colours"),
        (SITE + 'theme = { inc = "#000" }', "sites.shop.theme.inc: no such colour"),
        (SITE + 'theme = { ink = "#999" }', "sites.shop.theme: ink on paper is 2.85 to 1"),
        (SITE + SITE.replace("sites.shop", "sites.club"), f"sites.club.origins: {SHOP} is one of sites.shop already"),
    ],
)
def test_an_error_of_a_site_names_its_id_and_key(tmp_path: Path, site: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        create_service(written(tmp_path, site))

    assert str(error.value).startswith(message)
    assert "CONSENT_" not in str(error.value)


@pytest.mark.parametrize(
    "id", ["cookie", "my-consent", "banner2", "manager", "message", "gdpr", "cmp", "a-cmp", "modal", "cookieshop"]
)
def test_an_id_that_content_blockers_would_hide_is_refused_with_the_reason(tmp_path: Path, id: str) -> None:
    with pytest.raises(ConfigurationError, match=f"sites.{id}: content blockers hide addresses with"):
        read_sites(written(tmp_path, SITE.replace("sites.shop", f"sites.{id}")))


@pytest.mark.parametrize("id", ["shop", "7eleven", "a", "acmpany", "tea-house", "a" * 32])
def test_a_plain_id_will_do(tmp_path: Path, id: str) -> None:
    assert set(read_sites(written(tmp_path, SITE.replace("sites.shop", f"sites.{id}"))).sites) == {id}


def test_a_missing_file_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="consent-widget init"):
        read_sites(tmp_path / "sites.toml")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    known = read_sites(written(tmp_path, SITE + 'notice = "own/notice.toml"'))

    assert known.database == f"sqlite:///{tmp_path / 'consent.sqlite'}"
    assert known.sites["shop"]["CONSENT_NOTICE"] == tmp_path / "own/notice.toml"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:////var/x.sqlite", "postgresql+psycopg://h/d"]
)
def test_the_url_of_another_database_is_not_changed(tmp_path: Path, url: str) -> None:
    assert read_sites(written(tmp_path, SITE, f'{TOP}database = "{url}"\n')).database == url


def test_keys_may_stand_in_a_file_of_their_own_or_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("old-key-0123456789\n\nnew-key-0123456789\n")
    path = written(tmp_path, SITE, 'url = "https://consent.example"\nkeys_file = "keys.txt"\n')

    assert read_sites(path, {}).sites["shop"]["CONSENT_KEYS"] == ("old-key-0123456789", "new-key-0123456789")
    told = {"CONSENT_KEYS": "a-key-of-the-environment, another-one-0123456789"}
    assert read_sites(path, told).sites["shop"]["CONSENT_KEYS"] == (
        "a-key-of-the-environment",
        "another-one-0123456789",
    )


def test_the_configuration_of_the_tests_is_good(tmp_path: Path) -> None:
    assert list(read_sites(written(tmp_path, SITES)).sites) == ["shop", "club"]


WHOLE = f"{TOP}database = 'sqlite:///data\\consent.sqlite'\n{SITE}notice = 'own\\notice.toml'\n"


@pytest.mark.parametrize("encode", [
    lambda text: text.encode(),
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    lambda text: text.replace("\n", "\r").encode(),
])  # fmt: skip
def test_a_file_that_was_written_on_windows_is_read(tmp_path: Path, encode: Callable[[str], bytes]) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(encode(WHOLE))
    known = read_sites(path, {})

    assert known.database == f"sqlite:///{tmp_path}/data/consent.sqlite"
    assert known.sites["shop"]["CONSENT_NOTICE"] == tmp_path / "own/notice.toml"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WHOLE.encode("utf-16"), "sites.toml: is in UTF-16. Save it as UTF-8"),
        (WHOLE.encode("utf-16-le"), "sites.toml: is in UTF-16. Save it as UTF-8"),
        (WHOLE.replace("Shanghai", "上海").encode("gb18030"), "sites.toml: is not in UTF-8 (line "),
        (WHOLE.replace("'", '"').encode(), "In double quotes \\ begins an escape: write paths with /"),
        (
            WHOLE.replace("'own", '"own').replace("toml'", 'toml"').encode(),
            "sites.shop.notice: the path has a character",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as error:
        read_sites(path, {})

    assert message in str(error.value)


def test_a_file_of_keys_may_be_written_on_windows(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_bytes("\ufeffold-key-0123456789\r\nnew-key-0123456789\r\n".encode())
    path = written(tmp_path, SITE, 'url = "https://consent.example"\nkeys_file = "keys.txt"\n')

    assert read_sites(path, {}).sites["shop"]["CONSENT_KEYS"] == ("old-key-0123456789", "new-key-0123456789")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_names_the_keys_as_they_are_in_the_file(form: Form) -> None:
    config = log_config(form)["formatters"]["lines"]
    record = logging.LogRecord(
        "consent_widget", logging.ERROR, "", 0, "Check %s and CONSENT_ORIGINS, or run: flask consent publish",
        ("CONSENT_DATABASE",), None,
    )  # fmt: skip
    line = config["()"](config.get("format")).format(record)

    assert "Check database and sites.….origins" in line
    assert "run: consent-widget publish" in line
    assert "CONSENT_" not in line


def test_the_key_of_the_log_is_a_file_beside_it_or_comes_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text(PRIVATE.text, "utf-8")
    path, other = written(tmp_path, SITE, f'{TOP}log_key = "log.key"\n'), PrivateKey.make("other.example")

    for environ, key in (({}, PRIVATE), ({"CONSENT_LOG_KEY": other.text}, other)):
        config = read_sites(path, environ).sites["shop"]
        assert read_settings(config).log_key == LogKeys((key,))
