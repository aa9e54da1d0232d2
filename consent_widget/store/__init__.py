"""Where are choices stored? The protocol for stores of a site's own, and the SQL store that ships."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from .sql import SQLStore


def is_sql_store(store: object) -> TypeGuard[SQLStore]:
    """Is this the store that ships? Asked without importing it: before somebody has, there is none."""
    module = sys.modules.get(f"{__name__}.sql")
    return module is not None and isinstance(store, module.SQLStore)
