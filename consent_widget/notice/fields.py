"""When a field changes, are visitors told, asked again, or neither? Each field says so in its metadata. Without
metadata, visitors are told.
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
#: For the site's own use: no part of the text that visitors read, and of its digest.
NOT_SHOWN: Mapping[str, object] = {"change_class": None, "shown": False}


def change_class(field: Field[Any], list_field: Field[Any] | None = None) -> ChangeClass | None:
    """The class of a change in `field`, of a part in the list that `list_field` holds. None: it is not compared."""
    inside: ChangeClass | None = list_field.metadata.get("inside") if list_field else None
    declared: ChangeClass | None = field.metadata.get("change_class", "notice")
    return inside or declared


def agreed(part: Any) -> dict[str, Any]:
    """The fields of a part that visitors agree to, with their values."""
    return {field.name: getattr(part, field.name) for field in fields(part) if change_class(field) == "consent"}
