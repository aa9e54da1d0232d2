"""Builds the script, the styles and the translations: by hand in a checkout, by pip when it packages the project."""

from __future__ import annotations

import runpy
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
#: The date in every catalogue, so that the same sources always make the same package.
EPOCH = datetime.fromtimestamp(0, UTC)

Hook: Any = object
with suppress(ImportError):  # run by hand, without Hatchling
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Hook


class Build(Hook):  # type: ignore[misc]
    """Hatchling's build hook: runs for wheels and editable installs, also when they are made from an sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds before Hatchling collects the files."""
        build()


def build() -> None:
    """Writes static/dist and every .mo file."""
    runpy.run_path(str(ROOT / "consent_widget/script/build.py"))["build"](ROOT / "static")
    for source in sorted((ROOT / "translations").rglob("*.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as binary:
            catalogue = read_po(text)
            catalogue.creation_date = EPOCH
            write_mo(binary, catalogue)


if __name__ == "__main__":
    build()
