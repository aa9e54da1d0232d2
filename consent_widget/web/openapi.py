"""`openapi.json`: all addresses of the widget in the words of OpenAPI 3.1, made from the routes and from the code that
answers them, for the notice of this site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from flask import Response, current_app
from werkzeug.routing import Rule

from ..choice.actions import ACTIONS
from ..choice.submission_schema import submission_schema
from ..errors import Problem
from ..script.body import Body, compact
from ..site.site import Site
from ..subject.receipts import FORMS
from .http import BRIEFLY, FORM, JSON, static_response
from .visitor_site import visitor_site

Part: TypeAlias = "dict[str, Any]"
TEXT = {"type": "string"}
#: The type of what an address answers, by how it ends. All others are pages.
ENDINGS = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".ts": "text/plain", ".json": JSON,
    ".py": "text/plain",
}  # fmt: skip
#: The same, by the name of the view.
TYPES = {
    **dict.fromkeys(("log_checkpoint", "log_policy", "add_checkpoint", "witnessed_checkpoint"), "text/plain"),
    "log_tile": "application/octet-stream",
}
#: The views that programs send something to from anywhere.
FROM_ANYWHERE = ("verify", "add_checkpoint")
#: What is sent to the views that read JSON, and what they answer, by the name of the view. A view that sends a form is
#: not here.
BODIES: Mapping[str, str] = {"records": "Choice", "verify": "Token", "carried_choices": "Carried",
                             "erase_carried": "Carried", "carry_over_sent": "Earlier"}  # fmt: skip
ANSWERS: Mapping[str, str] = {
    "records": "Recorded", "verify": "Verified", "health": "Health", "carried_choices": "Shown",
    "erase_carried": "Told", "carry_over_sent": "Following", "account_state": "Followed", "my_receipt": "Receipt",
}  # fmt: skip


def openapi() -> Response:
    """The description of all addresses."""
    site = visitor_site()
    return static_response(Body(compact(description(site)).encode(), JSON), BRIEFLY)


def description(site: Site) -> Part:
    """The document for the notice of a site. The officer's pages are not in it, so that nobody learns of them."""
    paths: dict[str, Part] = {}
    prefix = site.settings.url_prefix
    for rule in current_app.url_map.iter_rules():
        ours = rule.endpoint.startswith("consent_widget.") and rule.rule.startswith(f"{prefix}/")
        if ours and not rule.rule.startswith(f"{prefix}/officer"):
            for path, item in _items(rule, rule.rule.removeprefix(prefix), site):
                paths.setdefault(path, {}).update(item)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "consent_widget",
            "version": site.notice.version,
            "description": "Choices are taken from the site's own pages: browsers say so by themselves. The visitor is "
            "whom the signed cookie names. Forms belong to their pages, which put marks into them.",
        },
        "servers": [{"url": prefix}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _schemas(site)},
    }


def _items(rule: Rule, path: str, site: Site) -> Iterator[tuple[str, Part]]:
    """The addresses of a route, each with its operations. A receipt has one for each form."""
    path, name = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), rule.endpoint.rpartition(".")[2]
    ending = ENDINGS.get(
        f".{path.rpartition('.')[2]}", JSON if name in ANSWERS and name != "my_receipt" else "text/html"
    )
    yield path, _item(rule, path, name, ending, site)
    if name == "my_receipt":
        for form, (mimetype, _) in FORMS.items():
            yield f"{path}.{form}", _item(rule, f"{path}.{form}", name, mimetype, site)


def _item(rule: Rule, path: str, name: str, mimetype: str, site: Site) -> Part:
    view = current_app.view_functions[rule.endpoint]
    summary = re.split(r"\.\s", " ".join((view.__doc__ or "").split()) + " ")[0]
    parameters = [_in_path(key, site) for key in re.findall(r"{(\w+)}", path)]
    item: Part = {}
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        operation: Part = {"summary": summary, "operationId": re.sub(r"[/.]", "_", f"{method.lower()}{path}")}
        sends = BODIES.get(name)
        if mimetype == "text/html" and method == "GET":
            parameters = [*parameters, {"name": "lang", "in": "query", "schema": TEXT}]
        own = [_FROM_HERE] if method == "POST" and name not in FROM_ANYWHERE else []
        operation["parameters"] = [*parameters, *own]
        if method == "POST":
            sent = (JSON, _ref(sends)) if sends else (TYPES.get(name, FORM), _FIELDS if name not in TYPES else TEXT)
            operation["requestBody"] = {"required": True, "content": {sent[0]: {"schema": sent[1]}}}
        operation["responses"] = _responses(name, mimetype, method)
        item[method.lower()] = operation
    return item


def _responses(name: str, mimetype: str, method: str) -> Part:
    answer = _ref(ANSWERS[name]) if mimetype == JSON and name in ANSWERS else {} if "json" in mimetype else TEXT
    done = {"description": "Done.", "content": {mimetype: {"schema": answer}}}
    refused: Part = {
        "application/problem+json": {"schema": _ref("Problem")},
        "text/html": {"schema": TEXT},
        "text/plain": {"schema": TEXT},
        **({JSON: {"schema": _ref("Health")}} if name == "health" else {}),
    }
    return {
        "200": done,
        **({"201": done} if name == "records" else {}),
        **({"303": {"description": "Done; see there."}} if method == "POST" and mimetype == "text/html" else {}),
        "default": {"description": "Refused, or not there.", "content": refused},
    }


def _in_path(name: str, site: Site) -> Part:
    known: Mapping[str, Part] = {
        "digest": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
        "locale": {"enum": list(site.notice.locales)},
        "version": {"enum": [*site.notices, site.notice.digest]},
        "key": {"enum": list(site.notice.options)},
    }
    return {"name": name, "in": "path", "required": True, "schema": known.get(name, TEXT)}


_FIELDS: Part = {"type": "object", "additionalProperties": TEXT}
_FROM_HERE: Part = {
    "name": "Sec-Fetch-Site", "in": "header", "required": True, "schema": {"const": "same-origin"},
    "description": "Browsers send it. Where one does not, Origin counts; pages of CONSENT_ORIGINS send that as well.",
}  # fmt: skip


def _schemas(site: Site) -> Part:
    settings, text_or_none, flag = site.settings, {"type": ["string", "null"]}, {"type": "boolean"}
    receipt = _object(
        {
            "id": TEXT, "time": {"type": "string", "format": "date-time"}, "locale": TEXT,
            "action": {"enum": list(ACTIONS)}, "purposes": {"type": "object", "additionalProperties": flag},
            "valid_until": {"type": "string", "format": "date"},
            "notice": _object({"id": text_or_none, "version": text_or_none, "digest": TEXT}),
            "controller": text_or_none, "withdraw_at": {"type": "string", "format": "uri"},
        }
    )  # fmt: skip
    texts = {"type": "array", "items": TEXT}
    asks_age = bool(settings.age and settings.age.ask)
    return {
        "Choice": submission_schema(site.notice, asks_age=asks_age, scripted_grants=settings.scripted_grants),
        "Recorded": _object({"token": text_or_none, "receipt": {"anyOf": [_ref("Receipt"), {"type": "null"}]}}),
        "Receipt": receipt,
        "Token": _object({"token": TEXT}),
        "Verified": _object({"genuine": flag, "current": flag, "granted": texts}),
        "Carried": {"type": "object", "properties": {"token": TEXT}, "additionalProperties": TEXT},
        "Shown": _object({"content": {"type": "array"}}),
        "Told": _object({"text": TEXT}),
        "Earlier": _object({"left": TEXT, "locale": TEXT}),
        "Following": _object({"token": text_or_none}),
        "Followed": _object({"token": TEXT, "bar": {}, "signed_in": flag}),
        "Health": _object({"status": TEXT}),
        "Problem": _object({
            "type": {"enum": sorted(f"urn:consent_widget:{kind.type}" for kind in _kinds(Problem))},
            "title": TEXT, "status": {"type": "integer"}, "detail": TEXT,
        }),
    }  # fmt: skip


def _kinds(kind: type[Problem]) -> set[type[Problem]]:
    return {kind}.union(*(_kinds(each) for each in kind.__subclasses__()))


def _object(properties: Part) -> Part:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str | None) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}
