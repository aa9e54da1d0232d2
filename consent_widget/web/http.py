"""HTTP: which origins may send something, how bodies are read, and how static content and problems are sent."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import Request, Response, abort, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wsgi import get_content_length

from ..errors import InvalidPayload, NotJSON, OriginNotAllowed, PayloadTooLarge, Problem, UnsupportedMediaType
from ..script.body import Body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
#: Methods that send nothing. If such a request has a body nevertheless, it is never read.
READING = ("GET", "HEAD", "OPTIONS")
NO_FIELDS: MultiDict[str, str] = ImmutableMultiDict()
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"
SECONDS = "public, max-age=5"
DAILY = "public, max-age=86400"
#: Returning visitors do not wait: an older copy is used while a new one is fetched, and while the server is down.
STALE_WHILE_REVALIDATE = f"{BRIEFLY}, stale-while-revalidate=86400, stale-if-error=604800"
PRIVATE = "private, no-store"
#: Where a request remembers that its response is streamed.
UNDER_WAY = "_consent_under_way"


def require_same_origin(environ: WSGIEnvironment) -> None:
    """Forms are accepted from the site's own pages only: by Fetch Metadata, or by Origin for browsers without it."""
    if not is_same_origin(environ):
        raise OriginNotAllowed("Choices are taken from this site's own pages only. Behind a proxy, see docs/proxy.md.")


def require_listed_origin(environ: WSGIEnvironment, origins: Collection[str]) -> None:
    """Choices are accepted from the site's own pages, and by `fetch` from the listed origins, compared exactly."""
    allowed = environ.get("HTTP_ORIGIN") in origins and environ.get("HTTP_SEC_FETCH_MODE", "cors") == "cors"
    if not (allowed or is_same_origin(environ)):
        raise OriginNotAllowed(
            "Pages of this origin may not send choices here. If they may, add it to CONSENT_ORIGINS, "
            "or to the site's origins in sites.toml."
        )


def is_same_origin(environ: WSGIEnvironment) -> bool:
    """Does a page of the host that this request was sent to send it?"""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site:
        return bool(site == "same-origin")
    return bool(environ.get("HTTP_ORIGIN") == f"{request.scheme}://{request.host}")


def add_cors_headers(response: Response, origins: Collection[str]) -> Response:
    """Lets pages of the listed origins read this response (CORS): each by name, never by wildcard, without cookies.
    Where any are listed, it may be loaded by pages that are isolated (COEP `require-corp`), as it may by all others.
    """
    if not origins:
        return response
    response.vary.add("Origin")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if (origin := request.environ.get("HTTP_ORIGIN")) in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "POST"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
    return response


def for_everybody(response: Response) -> Response:
    """Lets pages of any origin read this response, without cookies. What is missing now may be there in a moment, so no
    cache keeps that.
    """
    if response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def require_small_body(environ: WSGIEnvironment, largest: int) -> None:
    """A body must be small (at most `largest` bytes), not compressed, and sent with its length. A request that says
    nothing of a body has none (RFC 9112, 6.3).
    """
    length = get_content_length(environ)
    unknown = length is None and ("HTTP_TRANSFER_ENCODING" in environ or environ.get("wsgi.input_terminated"))
    if environ.get("HTTP_CONTENT_ENCODING") or unknown or (length or 0) > largest:
        raise PayloadTooLarge(f"A choice has at most {largest} bytes, sent plain and with its length.")


def require_content_type(environ: WSGIEnvironment, mimetype: str) -> None:
    """A body must have the one type that this endpoint reads. No other is parsed, and no endpoint parses multipart."""
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != mimetype:
        raise UnsupportedMediaType(f"Send {mimetype}.")


def require_single_fields() -> None:
    """No field of a form may be repeated, because two readers could take two meanings. Only `grant` may: there is one
    for each switch.
    """
    if any(len(values) > 1 for name, values in request.form.lists() if name != "grant"):
        raise InvalidPayload("A field of the form stands twice.")


def form_fields() -> MultiDict[str, str]:
    """The fields of the form that was sent, if one was. Every view uses this: Flask's own `request.form` also reads the
    body of a GET request.
    """
    return NO_FIELDS if request.method in READING else request.form


def read_json() -> object:
    """The JSON body, in UTF-8. Repeated names are refused, because two readers could take two meanings; and so is half
    a surrogate pair, which is no text.
    """
    try:
        text = request.get_data(cache=False).decode()
        value: object = DECODE(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise NotJSON("The body is not JSON in UTF-8 with every name used once.") from None
    return value


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name is repeated")
    return table


#: Made once: `json.loads` and `json.dumps` would make one for each text.
DECODE = json.JSONDecoder(object_pairs_hook=_unique_names).decode
ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def add_vary(*headers: str) -> None:
    """Tell caches that the response to this request depends on these headers of it."""
    named = request_values().setdefault("_consent_vary", {})
    for header in headers:
        named[header] = True


def keep_regional(response: Response, headers: Iterable[str]) -> None:
    """What depends on the visitor's region is for their browser alone: many shared caches do not heed `Vary`."""
    response.vary.update(headers)
    if response.cache_control.public:
        response.headers["Cache-Control"] = response.headers["Cache-Control"].replace("public", "private")


def write_vary(response: Response) -> Response:
    """Write all that `add_vary` was told, at once."""
    if headers := request_values().get("_consent_vary"):
        if response.headers.getlist("Vary"):
            response.vary.update(headers)
        else:
            response.headers["Vary"] = ", ".join(headers)
    return response


def current_request() -> Request:
    """The request itself, for who asks it several things: `request` looks for it each time."""
    return request._get_current_object()  # type: ignore[attr-defined, no-any-return]


def request_values() -> dict[str, Any]:
    """What is remembered for the time of this request. `g` may outlive a request."""
    return current_request().__dict__


def begin_streaming() -> None:
    """The headers of this response are being sent: no cookie can be set any more."""
    request_values()[UNDER_WAY] = True


def is_under_way() -> bool:
    """Are the headers of this response sent already?"""
    return UNDER_WAY in request_values()


def static_response(body: Body | None, cache: str) -> Response:
    """Content that is made once, in the best encoding that the client accepts; 304 if the client has it already."""
    if body is None:
        abort(404)
    coding = request.accept_encodings.best_match(list(body.encodings), "identity")
    response = Response(body.encodings[coding], mimetype=body.mimetype)
    if coding != "identity":
        response.content_encoding = coding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(f"{body.hash}-{coding}")
    return cast(Response, response.make_conditional(request))


def json_response(value: object, status: int = 200, mimetype: str = "application/json") -> Response:
    """A JSON response for this visitor only."""
    response = Response(ENCODE(value), status, mimetype=mimetype)
    response.headers["Cache-Control"] = PRIVATE
    return response


def problem_response(problem: Problem, **more: object) -> Response:
    """A problem document (RFC 9457); `more` are extension members."""
    response = json_response(problem.document() | more, problem.status, "application/problem+json")
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def own_path(url: str | None) -> str | None:
    """`url` if it is a path of this site, else None: no redirect leads to another site."""
    if not url or not url.isprintable() or not url.startswith("/") or url[1:2] in ("/", "\\"):
        return None
    parts = urlsplit(url)
    return None if parts.scheme or parts.netloc else url
