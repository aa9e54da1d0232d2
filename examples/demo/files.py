"""The two example sites that are nothing but files: a static site, and a single-page application."""

from __future__ import annotations

from collections.abc import Callable
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response

from .addresses import Addresses

EXAMPLES = Path(__file__).parent.parent


def create_files(folder: str, addresses: Addresses) -> Flask:
    """Serves `examples/<folder>` as any static host would. All it adds is where the demo's other sites are now."""
    app = Flask(__name__, static_folder=None)
    root = EXAMPLES / folder
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        name = path.relative_to(root).as_posix()
        mimetype = guess_type(name)[0] or "application/octet-stream"
        content = addresses.put_right(path.read_text("utf-8"))
        app.add_url_rule("/" + name, name.replace(".", "_"), _answer(content, mimetype))
        if name == "index.html":
            app.add_url_rule("/", "front", _answer(content, mimetype))
    app.add_url_rule("/favicon.ico", "icon", app.view_functions["mark_svg"])
    return app


def _answer(content: str, mimetype: str) -> Callable[[], Response]:
    def answer() -> Response:
        return Response(content, mimetype=mimetype, headers={"Cache-Control": "no-cache"})

    return answer
