"""The vendors of the demo on one origin: three that are made up, for analytics (Tally), advertising (Beacon) and video
(Reel), and a stand-in for each vendor of the catalogue that the tea fair uses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

from consent_widget.vendors.catalogue import read_vendor, vendor_ids
from consent_widget.vendors.model import Vendor

from .counts import VENDORS, Counts

FOLDER = Path(__file__).parent / "vendor"
#: What is shown at its place in the page.
FRAMES = {"bilibili": "film.{lang}.html", "amap": "map.html", "turnstile": "captcha.html", "meiqia": "chat.html"}


def create_vendors(counts: Counts) -> Flask:
    """The vendors' server. It counts every request."""
    app = Flask(__name__, static_folder="vendor", static_url_path="")

    @app.before_request
    def count() -> None:
        vendor = request.path.strip("/").split("/")[0].removesuffix(".js")
        if vendor in VENDORS:
            counts.add(vendor)

    @app.after_request
    def let_any_site_use_it(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cache-Control"] = "no-store"  # so that every use is a request, and counted
        return response

    @app.get("/tally/hit")
    def hit() -> Response:
        return Response(status=204)

    @app.get("/beacon/pixel")
    @app.get("/beacon/sale")
    def pixel() -> Response:
        return app.send_static_file("pixel.svg")

    @app.get("/reel/watch/<film>")
    def watch(film: str) -> Response:
        return app.send_static_file(f"film.{'zh-CN' if request.args.get('lang') == 'zh-CN' else 'en'}.html")

    @app.get("/as/<id>.js")
    def script(id: str) -> Response:
        counts.add(id)
        vendor = read_vendor(id) if id in vendor_ids() else abort(404)
        code = (FOLDER / "stand-in.js").read_text("utf-8").replace("VENDOR", json.dumps(left_behind(vendor)), 1)
        return Response(code, mimetype="text/javascript")

    @app.get("/as/<id>/hit")
    def said(id: str) -> Response:
        counts.add(id)
        return Response(status=204)

    @app.get("/as/<any(bilibili, amap, turnstile, meiqia):id>/frame")
    def frame(id: str) -> Response:
        counts.add(id)
        lang = "zh-CN" if request.args.get("lang") == "zh-CN" else "en"
        text = (FOLDER / FRAMES[id].format(lang=lang)).read_text("utf-8").replace("LANG", lang, 1)
        return Response(text.replace("/reel/", "/as/").replace("Reel ", ""), mimetype="text/html")

    @app.get("/as/film.css")
    def film_style() -> Response:
        return app.send_static_file("reel/film.css")

    @app.get("/elsewhere")
    def elsewhere() -> Response:
        chinese = request.accept_languages.best_match(["en", "zh"]) == "zh"
        return app.send_static_file(f"elsewhere.{'zh-CN' if chinese else 'en'}.html")

    return app


def left_behind(vendor: Vendor) -> dict[str, Any]:
    """What this vendor's script leaves on the site, and how it takes calls, by the catalogue."""
    queue = vendor.tag.queue if vendor.tag else None
    return {
        "id": vendor.id,
        "cookies": [cookie.name for cookie in vendor.cookies or () if not cookie.host],
        "keys": [[key.place, key.name] for key in vendor.storage or () if key.place != "database"],
        "forward": [queue.name, queue.forward, queue.at] if queue and queue.forward else None,
    }
