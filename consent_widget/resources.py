"""Where the built scripts and the translations are: in the package once installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
INSTALLED = (PACKAGE / "static").is_dir()
STATIC = PACKAGE / "static" if INSTALLED else PACKAGE.parent / "static"
TRANSLATIONS = PACKAGE / "translations" if INSTALLED else PACKAGE.parent / "translations"
