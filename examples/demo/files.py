"""The two example sites that consist of files only: a static site, and a single-page application."""

from __future__ import annotations

from collections.abc import Callable
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response

from .addresses import Addresses

EXAMPLES = Path(__file__).parent.parent


def create_files(folder: str, addresses: Addresses) -> Flask:
    """Serves `examples/<folder>` as any static host would, with the addresses of this demo's sites filled in."""
    app = Flask(__name__, static_folder=None)
    root = EXAMPLES / folder
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        name = path.relative_to(root).as_posix()
        mimetype = guess_type(name)[0] or "application/octet-stream"
        content = addresses.replace_in(path.read_text("utf-8"))
        app.add_url_rule("/" + name, name.replace(".", "_"), _answer(content, mimetype))
        if name == "index.html":
            app.add_url_rule("/", "front", _answer(content, mimetype))
    app.add_url_rule("/favicon.ico", "icon", app.view_functions["mark_svg"])
    return app


def _answer(content: str, mimetype: str) -> Callable[[], Response]:
    def answer() -> Response:
        return Response(content, mimetype=mimetype, headers={"Cache-Control": "no-cache"})

    return answer
