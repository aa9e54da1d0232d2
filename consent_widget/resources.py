"""Where the built script and the catalogues are: inside the package when it is installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
INSTALLED = (PACKAGE / "static").is_dir()
STATIC = PACKAGE / "static" if INSTALLED else PACKAGE.parent / "static"
TRANSLATIONS = PACKAGE / "translations" if INSTALLED else PACKAGE.parent / "translations"
