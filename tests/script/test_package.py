"""What is shipped works where it is installed: the built script, the catalogues and the notices come along."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent
CARRIED = {
    "consent_widget/static/dist/widget.js",
    "consent_widget/static/dist/layer.css",
    "consent_widget/translations/zh_Hans/LC_MESSAGES/consent_widget.mo",
    "consent_widget/translations/messages.toml",
    "consent_widget/notice/shop.toml",
    "consent_widget/notice/minimal.toml",
    "consent_widget/service/sites.toml",
    "consent_widget/web/templates/consent_widget/page.html",
    "consent_widget/py.typed",
    "consent_widget/widget.d.ts",
}


def build(source: Path, target: Path, *kinds: str) -> None:
    arguments = [part for kind in kinds for part in ("-t", kind)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(target), *arguments],
        cwd=source,
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the project as they would be fetched: nothing built."""
    target = tmp_path_factory.mktemp("checkout") / "project"
    built = shutil.ignore_patterns("dist", "*.mo", ".venv", ".git", "__pycache__", "node_modules", ".*_cache")
    shutil.copytree(ROOT, target, ignore=built)
    return target


def test_a_wheel_carries_everything_a_site_needs(checkout: Path, tmp_path: Path) -> None:
    build(checkout, tmp_path, "wheel")

    (wheel,) = tmp_path.glob("*.whl")
    assert set(zipfile.ZipFile(wheel).namelist()) >= CARRIED
    assert wheel.name.endswith("py3-none-any.whl")


def test_a_wheel_does_not_tell_when_it_was_made(checkout: Path, tmp_path: Path) -> None:
    build(checkout, tmp_path, "wheel")

    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            assert files.getinfo(name).date_time < (2026,), name
            if name.endswith(".mo"):
                assert b"POT-Creation-Date: 1970-01-01" in files.read(name)


def test_a_wheel_made_from_the_sdist_is_the_same(checkout: Path, tmp_path: Path) -> None:
    build(checkout, tmp_path / "first", "sdist", "wheel")
    (sdist,), (wheel,) = (tmp_path / "first").glob("*.tar.gz"), (tmp_path / "first").glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    build(unpacked, tmp_path / "second", "wheel")

    (again,) = (tmp_path / "second").glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()
