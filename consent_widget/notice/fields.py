"""What a change of a field of a notice calls for. Each field declares it in its metadata, where it is defined. Visitors
are told of a change in a field that declares nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, Literal

ChangeClass = Literal["editorial", "notice", "consent"]

#: Wording or arrangement: nobody is told. On a list of parts: nobody is told of an added or removed part.
WORDING: Mapping[str, ChangeClass] = {"change_class": "editorial"}
#: What the visitor agrees to. It is part of the option's fingerprint, so after a change they are asked again.
AGREED: Mapping[str, ChangeClass] = {"change_class": "consent"}
#: On a list of parts: whatever its parts say is wording, but visitors are told of an added or removed part.
WORDING_INSIDE: Mapping[str, ChangeClass] = {"inside": "editorial"}
#: Differs in every version of a notice, or is compared separately.
NOT_COMPARED: Mapping[str, None] = {"change_class": None}


def change_class(field: Field[Any], parts: Field[Any] | None = None) -> ChangeClass | None:
    """The class of a change in `field`, of a part that is in the list `parts`. None: it is not compared."""
    inside: ChangeClass | None = parts.metadata.get("inside") if parts else None
    declared: ChangeClass | None = field.metadata.get("change_class", "notice")
    return inside or declared


def agreed(part: Any) -> dict[str, Any]:
    """The fields of a part that visitors agree to, with their values."""
    return {field.name: getattr(part, field.name) for field in fields(part) if change_class(field) == "consent"}
