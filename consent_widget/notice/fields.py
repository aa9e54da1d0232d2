"""How a change of a notice's field is treated. Each field declares it where it is defined, as its metadata; a field
that declares nothing is one that visitors are told about when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, Literal

ChangeClass = Literal["editorial", "notice", "consent"]

#: Wording, or how things are arranged: a change is not announced. On a list of parts: nor is a part that comes or goes.
WORDING: Mapping[str, ChangeClass] = {"change_class": "editorial"}
#: A part of what the visitor agrees to, so of the option's fingerprint: after a change they are asked again.
AGREED: Mapping[str, ChangeClass] = {"change_class": "consent"}
#: On a list of parts: whatever its parts say is wording. One that comes or goes is announced.
WORDING_INSIDE: Mapping[str, ChangeClass] = {"inside": "editorial"}
#: Tells versions of a notice apart, or is compared by itself.
NOT_COMPARED: Mapping[str, None] = {"change_class": None}


def change_class(field: Field[Any], of: Field[Any] | None = None) -> ChangeClass | None:
    """The class that a field declares, or the list `of` parts that it is in. None: it is not compared."""
    inside: ChangeClass | None = of.metadata.get("inside") if of else None
    declared: ChangeClass | None = field.metadata.get("change_class", "notice")
    return inside or declared


def agreed(part: Any) -> dict[str, Any]:
    """The fields of a part that are agreed to, with their values."""
    return {each.name: getattr(part, each.name) for each in fields(part) if change_class(each) == "consent"}
