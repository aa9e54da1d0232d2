"""Writes the catalogues anew from translations/messages.toml: the template, and each locale with its translations.

    python static/catalogues.py          after a change of a message
    python static/catalogues.py fr       for a new locale, named as Babel names it (zh_Hant, pt_BR)

Then translate every empty msgstr, and run: python static/build.py
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).parent.parent / "translations"
HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: consent_widget\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""


def write_catalogues(new_locales: Iterable[str] = (), folder: Path = TRANSLATIONS) -> None:
    """Write the template and every catalogue. Translations of messages that are gone are dropped."""
    groups = tomllib.loads((folder / "messages.toml").read_text("utf-8")).values()
    keys: dict[str, list[str]] = {}
    for key, english in (message for group in groups for message in group.items()):
        keys.setdefault(english, []).append(key)
    (folder / "consent_widget.pot").write_text(HEADER + "".join(_entries(keys, {})), "utf-8")
    for locale in {*new_locales, *(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/*.po"))}:
        path = folder / locale / "LC_MESSAGES/consent_widget.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        translations = _read(path) if path.exists() else {}
        text = f'{HEADER}"Language: {locale}\\n"\n' + "".join(_entries(keys, translations))
        path.write_text(text, "utf-8")


def _entries(keys: Mapping[str, list[str]], translations: Mapping[str, str]) -> Iterator[str]:
    for english, names in keys.items():
        flag = "#, python-brace-format\n" if "{" in english else ""
        yield (
            f"\n#. {', '.join(names)}\n{flag}msgid {_quoted(english)}\n"
            f"msgstr {_quoted(translations.get(english, ''))}\n"
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file)}


if __name__ == "__main__":
    write_catalogues(sys.argv[1:])
