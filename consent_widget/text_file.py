"""Text files, as the editors of this world save them."""

from __future__ import annotations

import codecs
from pathlib import Path

REMEDY = "Save it as UTF-8 (in Windows Notepad: Save as, Encoding)."


def read_text_file(path: str | Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, and with any line ends, which become plain
    newlines. OSError where it cannot be read. ValueError where it is in another encoding: the message
    says which, and what to do.
    """
    data = Path(path).read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        raise ValueError(f"is in UTF-16. {REMEDY}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"is not in UTF-8 (line {line}). {REMEDY}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
