"""Vendors' tags in the HTML of the app's own responses become inert unless they are granted (CONSENT_GATE_HTML)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, current_app, request

from ..choice.policy import permits_service
from ..choice.state import State
from ..days import today
from ..script.codings import CODINGS, CodingError
from ..script.flow import gate_pieces
from ..script.inert import Fate, Gated, gate, without_links
from ..script.known import Known, Party
from ..script.markup import reader
from ..site.site import Site, current_site
from ..vendors.addresses import host_of
from .blueprint import NAME
from .cached import draw_for_everybody
from .consent import current_consent, was_asked

HTML = ("text/html", "text/vnd.turbo-stream.html")
#: What a header says of the bytes that were to be sent. A page that names vendors is another one for each visitor.
OF_BYTES = (
    "ETag", "Last-Modified", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest",
)  # fmt: skip
#: The largest file that is read into memory to be looked through.
LARGEST = 16 << 20


def html_gate(response: Response) -> Response:
    """Gates a response of the app: a page, a part of one, a file, a stream. What is no HTML, or asks nobody known, is
    sent as it is.
    """
    site = current_site()
    if site.known is None or response.mimetype not in HTML or request.blueprint == NAME or _is_download(response):
        return response
    _gate_links(site, site.known, response)
    if response.status_code == 206:
        return _not_gated(site, response, "sends a part of a page")
    if "X-Sendfile" in response.headers:
        return _not_gated(site, response, "lets the server send a file")
    if response.direct_passthrough:
        if (response.content_length or 0) > LARGEST:
            return _not_gated(site, response, "sends a file of more than 16 MiB")
        response.direct_passthrough = False  # it is read here, and sent from memory
    elif response.is_streamed:
        return _gate_stream(site, response)
    coding = response.content_encoding or ""
    if coding not in CODINGS:
        return _not_gated(site, response, f"is compressed before it can be read ({coding})")
    try:
        body = CODINGS[coding].decode(response.get_data())
    except CodingError:
        return _not_gated(site, response, f"is not what its header says ({coding})")
    gated = gate(body, site.known, _own_host(), _Fates(site), response.mimetype_params.get("charset", ""))
    _teller(site)(gated)
    if gated.parties:
        _is_a_visitors(response)
    if gated.body is not body:
        response.set_data(CODINGS[coding].compress(gated.body))
    return response


class _Fates:
    """What becomes of a vendor's tags in this response, found out once for each vendor."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._fates: dict[Party, Fate] = {}

    def __call__(self, party: Party) -> Fate:
        if party not in self._fates:
            self._fates[party] = self._fate(party)
        return self._fates[party]

    def _fate(self, party: Party) -> Fate:
        if not party.listed:
            return "held"
        if party.advanced:
            return "free"
        if self._site.settings.render != "server" and not was_asked():
            draw_for_everybody()  # the gates open what this visitor has granted
            return "free" if self._is_free(party) else "held"
        if self._is_free(party) and not self._site.settings.age:
            return "free"
        return "granted" if current_consent().granted_service(party.id) else "held"

    def _is_free(self, party: Party) -> bool:
        """May it run whoever asks?"""
        states = (None, State("", band="child")) if self._site.settings.age else (None,)
        return all(permits_service(self._site.notice, each, party.id, gpc=True, today=today()) for each in states)


def _gate_stream(site: Site, response: Response) -> Response:
    """A stream stays one. Its headers are sent before anybody can know what it asks."""
    tokenizer = reader()
    if site.known is None or tokenizer is None or response.content_encoding:
        return _not_gated(site, response, "is a stream, which needs consent_widget[gate] and no compression")
    fates = _Fates(site)
    for party in site.known.parties:
        fates(party)  # while there is a request to ask about
    if close := getattr(response.response, "close", None):
        response.call_on_close(close)  # it is no longer the response's own
    pieces = response.iter_encoded()
    response.response = gate_pieces(tokenizer, pieces, site.known, _own_host(), fates, _teller(site))
    _is_a_visitors(response)
    response.headers.pop("Content-Length", None)
    return response


def _is_download(response: Response) -> bool:
    """Is it a file to keep, and not a page that is shown?"""
    return response.headers.get("Content-Disposition", "").lower().startswith("attachment")


def _gate_links(site: Site, known: Known, response: Response) -> None:
    links = response.headers.getlist("Link")
    if links:
        fates, own_host = _Fates(site), _own_host()
        kept = (without_links(link, known, own_host, fates) for link in links)
        response.headers.setlist("Link", list(filter(None, kept)))


def _is_a_visitors(response: Response) -> None:
    for name in OF_BYTES:
        response.headers.pop(name, None)
    if response.status_code == 304:  # the copy that the browser has may be that of another choice
        response.status_code = 200


def _own_host() -> str:
    return host_of(f"//{request.host}")


def _teller(site: Site) -> Callable[[Gated], None]:
    """The log says once what the developer has to do about a vendor."""
    view, logger = request.endpoint, current_app.logger

    def tell(gated: Gated) -> None:
        for party in gated.parties:
            if not party.listed and _is_new(site, party.id):
                logger.warning(
                    "A page (first that of the view %r) asks %s, which your notice does not tell: it is held back from "
                    'everybody. Add to the notice: [[services]] use = "%s"',
                    view, ", ".join(party.hosts), party.id,
                )  # fmt: skip
        for party in gated.doubled:
            if _is_new(site, party.id):
                logger.warning(
                    "A page (first that of the view %r) has a tag of %r of its own, which stays inert: the widget "
                    "loads it by itself. Take it out of the template, or write load = false into the service.",
                    view, party.id,
                )  # fmt: skip

    return tell


def _not_gated(site: Site, response: Response, why: str) -> Response:
    if _is_new(site, f"{request.endpoint} {why}"):
        current_app.logger.warning(
            "CONSENT_GATE_HTML: the view %r %s, so vendors in its HTML are not held back.", request.endpoint, why
        )
    return response


def _is_new(site: Site, about: str) -> bool:
    key = f"gate_html {about}"
    if key in site.reported:
        return False
    site.reported.add(key)
    return True
