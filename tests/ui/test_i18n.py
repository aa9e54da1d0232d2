from __future__ import annotations

import ast
import re
import runpy
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from consent_widget.choice.act import Action, ServerSurface, Surface
from consent_widget.choice.age import Band
from consent_widget.choice.lists import Stand
from consent_widget.choice.state import CONFIRMS
from consent_widget.choice.tally import BY_SURFACE
from consent_widget.notice import parts
from consent_widget.notice.model import Notice
from consent_widget.regions import REGIONS, Transfer
from consent_widget.resources import PACKAGE, TRANSLATIONS
from consent_widget.settings.model import Layout
from consent_widget.ui import i18n
from consent_widget.ui.counted import Counted
from consent_widget.ui.i18n import (
    MESSAGES,
    catalogue_of,
    catalogues,
    country,
    has_catalogue,
    language_name,
    messages,
    region_name,
)
from consent_widget.ui.lists import COLUMNS, Kind
from consent_widget.ui.officer_asked import BY
from consent_widget.ui.officer_health import SIGNS
from consent_widget.ui.officer_records import WHY

ROOT = Path(__file__).parent.parent.parent
HAN = re.compile(r"[\u4e00-\u9fff]")
WRITE_CATALOGUES = runpy.run_path(str(ROOT / "static/catalogues.py"))["write_catalogues"]


def catalogue(path: str) -> Catalog:
    with (TRANSLATIONS / path).open("rb") as file:
        return read_po(file, abort_invalid=True)


PATHS = ["consent_widget.pot", *(str(path.relative_to(TRANSLATIONS)) for path in TRANSLATIONS.rglob("*.po"))]


@pytest.mark.parametrize("path", PATHS)
def test_the_catalogues_hold_exactly_the_words_that_are_used(path: str) -> None:
    assert {message.id for message in catalogue(path) if message.id} == set(MESSAGES.values())


@pytest.mark.parametrize("path", PATHS)
def test_the_catalogues_are_those_that_the_script_writes(path: str, tmp_path: Path) -> None:
    shutil.copytree(TRANSLATIONS, tmp_path, dirs_exist_ok=True)
    WRITE_CATALOGUES(folder=tmp_path)

    assert (tmp_path / path).read_text("utf-8") == (TRANSLATIONS / path).read_text("utf-8")


def test_a_key_stands_once_in_all_groups() -> None:
    groups = tomllib.loads((TRANSLATIONS / "messages.toml").read_text("utf-8"))

    assert [key for key, count in Counter(key for group in groups.values() for key in group).items() if count > 1] == []


SOURCES = [
    *(PACKAGE / "ui").glob("*.py"),
    *(PACKAGE / "web").glob("*.py"),
    PACKAGE / "script/payload.py",
    PACKAGE / "script/embeds.py",
    PACKAGE / "script/facades.py",
]
TREES = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
#: Keys that are put together at run time, or are names of what the notice holds.
COMPOSED = {
    *(f"did_{action}" for action in get_args(Action)),
    *(f"age_{band}" for band in get_args(Band)),
    *(f"act_{act}" for act in (*get_args(Action), *BY_SURFACE.values())),
    *(f"layout_{layout}" for layout in get_args(Layout)),
    *(f"surface_{surface}" for surface in (*get_args(Surface), *get_args(ServerSurface))),
    *(f"signal_{seen}" for seen in ("gpc", CONFIRMS, "scripted", "account", "shared", "carried", "chosen")),
    "region_us_ca",
    *(f"officer_is_{state}" for state in SIGNS),
    *(f"officer_why_{why}" for why in WHY),
    *(f"officer_{part}" for name in BY for part in (name, f"by_{name}")),
    *get_args(Transfer),
    *(row.rules.authority.name for rows in REGIONS.values() for row in rows if row.rules.authority),
    *(f"{stage}_later" for stage in ("withdrawn", "expired", "used", "changed")),
    *(f"{kind}_{part}" for kind in get_args(Kind) for part in ("caption", "intro")),
    *(f"list_{name}" for names in COLUMNS.values() for name in names),
    *(f"list_{name}" for name in ("as_json", "as_csv", "failed", "cut")),
    *(f"stand_{stand}" for stand in get_args(Stand)),
    *("stand_refused_before", "stand_ended_before"),
    *("news_body", "announced_body", "transfer_body", "gdpr", "pipl", "language_zh", "language_en"),
    *(field.name for kind in (Notice, *vars(parts).values()) if hasattr(kind, "__dataclass_fields__") for field in fields(kind)),
}  # fmt: skip


def constants() -> Iterator[str]:
    for node in (node for tree in TREES for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    for path in PACKAGE.rglob("*.html"):
        yield from re.findall(r"words\.(\w+)", path.read_text("utf-8"))


def looked_up() -> Iterator[str]:
    """Keys that stand in the code in plain sight: `view.messages["save"]`, `words.notice`."""
    for node in (node for tree in TREES for node in ast.walk(tree)):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("w", "messages", "view.messages"):
            for key in ast.walk(node.slice):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value
    for path in PACKAGE.rglob("*.html"):
        yield from re.findall(r"words\.(\w+)", path.read_text("utf-8"))


def test_every_message_is_used() -> None:
    assert MESSAGES.keys() - set(constants()) - COMPOSED == set()


def test_every_message_that_is_looked_up_is_there() -> None:
    found = set(looked_up())

    assert len(found) > 100
    parts = {key for key in found if key[0] == "_" or key[-1] == "_"}  # of keys that are put together
    assert found - MESSAGES.keys() - parts == set()


def test_every_place_of_a_choice_is_told_in_words() -> None:
    assert {f"surface_{surface}" for surface in (*get_args(Surface), *get_args(ServerSurface))} <= MESSAGES.keys()


def test_a_region_is_told_by_its_name() -> None:
    assert [region_name(code, "en") for code in ("CN", "UK", "US-CA")] == ["China", "United Kingdom", "California"]
    assert [region_name(code, "zh-CN") for code in ("CN", "UK", "US-CA")] == ["中国", "英国", "加利福尼亚州"]
    assert region_name("CA-QC", "en") == "CA-QC"


def test_every_action_is_told_in_words() -> None:
    assert {f"did_{action}" for action in get_args(Action)} <= MESSAGES.keys()


def test_every_word_is_chinese_in_chinese() -> None:
    for message in catalogue("zh_Hans/LC_MESSAGES/consent_widget.po"):
        if message.id:
            assert not message.fuzzy, message.id
            assert HAN.search(str(message.string)) or message.string in ("、", "Cookie"), message.id


@pytest.mark.parametrize("name", catalogues())
def test_every_language_fills_in_the_same_places(name: str) -> None:
    english, translated = MESSAGES, messages(name)
    for key in MESSAGES:
        places = [Counter(re.findall(r"\{\w+(?=[:}])", text)) for text in (english[key], translated[key])]
        assert places[0].keys() == places[1].keys(), key


def test_a_number_goes_with_the_form_of_its_word_in_every_language() -> None:
    assert [MESSAGES["officer_days"].format(days=Counted(days, "en")) for days in (1, 2)] == ["1 day", "2 days"]
    assert messages("zh-CN")["officer_days"].format(days=Counted(1, "zh-CN")) == "1 天"
    assert f"{Counted(2, 'fr'):day|days}" == "days", "a language without a catalogue reads the English messages"
    assert f"{Counted(2, 'zh-CN'):day|days}" == "days", "and so does one in which a message is not translated yet"


def test_no_word_mixes_the_languages() -> None:
    assert not [word for word in messages("en").values() if HAN.search(word)]


def test_chinese_is_written_as_chinese_is() -> None:
    for word in messages("zh-CN").values():
        assert not re.search(r"[\u4e00-\u9fff][,.;:?!()]", word), word
        assert "你" not in word, word


@pytest.mark.parametrize(
    ("locale", "used", "fits"),
    [
        ("zh-CN", "zh_Hans", True),
        ("zh", "zh_Hans", True),
        ("zh-SG", "zh_Hans", True),
        ("zh-Hans-HK", "zh_Hans", True),
        ("zh-TW", "zh_Hans", False),
        ("zh-HK", "zh_Hans", False),
        ("zh-Hant", "zh_Hans", False),
        ("en-GB", "en", True),
        ("ia", "en", False),
        ("x-klingon", "en", False),
    ],
)
def test_messages_are_of_the_same_language_and_script_or_said_not_to_be(locale: str, used: str, fits: bool) -> None:
    assert (catalogue_of(locale), has_catalogue(locale)) == (used, fits)


@pytest.fixture
def with_traditional_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder beside the others is all that it takes."""
    shutil.copytree(TRANSLATIONS, tmp_path, dirs_exist_ok=True)
    WRITE_CATALOGUES(["zh_Hant"], folder=tmp_path)
    folder = tmp_path / "zh_Hant/LC_MESSAGES"
    with (folder / "consent_widget.po").open("rb") as file:
        added = read_po(file)
    added["Accept all"].string = "全部接受（繁體）"
    with (folder / "consent_widget.mo").open("wb") as file:
        write_mo(file, added)
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    cached = (messages, catalogues, country)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


@pytest.mark.usefixtures("with_traditional_chinese")
def test_a_locale_is_a_folder_that_anybody_can_add() -> None:
    assert "zh_Hant" in catalogues()
    assert has_catalogue("zh-TW")
    assert messages("zh-TW")["accept_all"] == messages("zh-HK")["accept_all"] == "全部接受（繁體）"
    assert messages("zh-TW")["reject_all"] == "Reject all"  # not translated yet
    assert messages("zh-CN")["accept_all"] == "全部接受"
    assert country("DE", "zh-TW") == "德國"
    assert country("DE", "zh-CN") == "德国"


@pytest.mark.parametrize(
    ("locale", "in_locale", "name"),
    [
        ("zh-CN", "en", "Chinese"),
        ("en", "zh-CN", "英文"),
        ("fr", "en", "French"),
        ("no", "en", "Norwegian"),  # its tag is also the key of a message
        ("fr-CA", "zh-CN", "法语"),
        ("xx", "en", "xx"),
    ],
)
def test_a_language_is_named_in_the_readers_own(locale: str, in_locale: str, name: str) -> None:
    assert language_name(locale, in_locale) == name
