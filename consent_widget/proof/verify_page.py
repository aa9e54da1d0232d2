"""The page that checks receipts in a browser, without a server: one file that holds all that it needs."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from html import escape
from pathlib import Path

from .verify_receipt import FIELDS, VALUES, WORDS

SOURCES = Path(__file__).parent / "page"
#: Its script, one file after the other.
SCRIPTS = ("reading.js", "checking.js", "words.js", "page.js")
#: What the page takes from the program.
TEXTS = {"words": WORDS, "values": VALUES, "fields": FIELDS}
#: The same checks as a program.
SCRIPT = Path(__file__).parent / "verify_receipt.py"


@cache
def content_policy() -> str:
    """What the page may do: run its own script, in its own style, and fetch nothing."""
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(_source('verify.css'))}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def verify_page(trusted: str = "") -> bytes:
    """The page. `trusted` is the policy that it begins with: what a site says about its own log."""
    parts = {
        "policy": escape(content_policy()),
        "style": _source("verify.css"),
        "script": _script(),
        "words": json.dumps(TEXTS, ensure_ascii=False).replace("<", "\\u003c"),
        "trusted": escape(trusted),
    }
    page = _source("verify.html")
    for name, text in parts.items():
        before, after = page.split("{" + name + "}", 1)
        page = before + text + after
    return page.encode()


def _script() -> str:
    return "\n".join(map(_source, SCRIPTS))


def _source(name: str) -> str:
    return (SOURCES / name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
