"""Notice files as editors save them, Windows' among them; and every text that is missing, named at once."""

from __future__ import annotations

import codecs
from importlib.resources import files
from pathlib import Path

import pytest

from consent_widget import NoticeError, read_notice
from consent_widget.notice.model import Notice

from ..conftest import CONTROLLER

MINIMAL = (files("consent_widget.notice") / "minimal.toml").read_text("utf-8")
#: A text of several lines, which keeps the line ends of its file.
LINES = MINIMAL.replace('en = "Privacy notice"', 'en = """Privacy\nnotice"""', 1)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, ends: str, mark: bytes) -> None:
    (tmp_path / "plain.toml").write_bytes(LINES.encode())
    (tmp_path / "mine.toml").write_bytes(mark + LINES.replace("\n", ends).encode())

    assert read_notice(tmp_path / "mine.toml", CONTROLLER) == read_notice(tmp_path / "plain.toml", CONTROLLER)


def test_json_may_have_a_byte_order_mark_and_an_ending_in_capitals(tmp_path: Path, minimal: Notice) -> None:
    (tmp_path / "NOTICE.JSON").write_bytes(codecs.BOM_UTF8 + minimal.text.encode())

    assert read_notice(tmp_path / "NOTICE.JSON").digest == minimal.digest


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-16"),
     ("gb18030", "not in UTF-8 (line 1)"), ("big5", "not in UTF-8 (line 1)")],
)  # fmt: skip
def test_another_encoding_is_named_with_the_remedy(tmp_path: Path, encoding: str, named: str) -> None:
    traditional = "# 隱私權聲明\n" + MINIMAL.split("\ntitle")[0]
    (tmp_path / "mine.toml").write_bytes(traditional.encode(encoding))

    with pytest.raises(NoticeError) as caught:
        read_notice(tmp_path / "mine.toml", CONTROLLER)
    assert f"mine.toml: is {'in ' if named == 'UTF-16' else ''}{named}" in str(caught.value)
    assert "Save it as UTF-8" in str(caught.value)


def test_all_missing_texts_are_named_at_once(tmp_path: Path) -> None:
    broken = MINIMAL.replace(', en = "Visit statistics"', "", 1).replace('zh-CN = "设备信息"', 'zh-CN = " "', 1)
    broken = "\n".join(line for line in broken.splitlines() if not line.startswith("title"))
    broken = broken.replace('label = { zh-CN = "必要"', 'label = { fr = "Nécessaire", zh-CN = "必要"', 1)
    (tmp_path / "mine.toml").write_text(broken, "utf-8")

    with pytest.raises(NoticeError) as caught:
        read_notice(tmp_path / "mine.toml", CONTROLLER)
    first, *places = str(caught.value).splitlines()
    assert first.startswith(f"mine.toml: {len(places)} texts are missing")
    for place in (
        "title: is missing. Write it for 'zh-CN' and 'en'.",
        "purposes.analytics.label: no text for 'en'.",
        "data.device_info.label: no text for 'zh-CN'.",
        "sections.about.title: is missing.",
        "groups.necessary.label: has a text for 'fr'",
    ):
        assert any(line.strip().startswith(place) for line in places), place
