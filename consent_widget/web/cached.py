"""Pages that caches keep for all visitors (`CONSENT_RENDER = "cached"`): drawn without looking at who asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flask import Flask, Response

from ..site.site import Site
from .consent import FOR_EVERYBODY, was_asked
from .http import request_values


class CspHashes(NamedTuple):
    """What a Content-Security-Policy has to allow in a page that caches keep, where no nonce is of use: sources for
    `script-src` and `style-src`, as they stand there. Empty where pages are drawn for each visitor.
    """

    script: str = ""
    style: str = ""


def csp_hashes(app: Flask) -> CspHashes:
    """The hashes of the script and the style that `{{ consent_widget() }}` puts into cached pages of `app`. They change
    with the settings and with releases of this package, so ask for them at each start.
    """
    site: Site = app.extensions["consent_widget"]
    if site.settings.render != "cached":
        return CspHashes()
    assets = [each.assets for each in site.in_turn]  # an announced notice takes effect without a restart
    return CspHashes(
        _sources(each.show_layer.integrity for each in assets), _sources(each.layer_style.integrity for each in assets)
    )


def _sources(hashes: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(f"'{each}'" for each in hashes))


def is_for_everybody(site: Site) -> bool:
    """Is the page of this request drawn for everybody? One whose view has asked already is drawn for its visitor: no
    cache keeps it.
    """
    if site.settings.render != "cached" or was_asked():
        return False
    draw_for_everybody()
    return True


def draw_for_everybody() -> None:
    """The page of this request is for everybody: from now on nothing in it can ask about the visitor."""
    request_values()[FOR_EVERYBODY] = True


def drawn_for_everybody() -> bool:
    """Was the page of this request drawn for everybody?"""
    return FOR_EVERYBODY in request_values()


def keep_private(response: Response) -> None:
    """Among pages that caches keep, one that has asked about its visitor says that it is for nobody else, whatever the
    site says of all its pages (RFC 9111, 5.2.2.7).
    """
    if was_asked() and not response.cache_control.no_store:
        response.headers["Cache-Control"] = "private, no-cache"
