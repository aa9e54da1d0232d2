"""Three fictional vendors on one origin: analytics (Tally), advertising (Beacon) and video (Reel)."""

from __future__ import annotations

from flask import Flask, Response, request

from .counts import VENDORS, Counts


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

    @app.get("/elsewhere")
    def elsewhere() -> Response:
        chinese = request.accept_languages.best_match(["en", "zh"]) == "zh"
        return app.send_static_file(f"elsewhere.{'zh-CN' if chinese else 'en'}.html")

    return app
