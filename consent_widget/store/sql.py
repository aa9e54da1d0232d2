"""The store that ships."""

from __future__ import annotations

from .accounts import Accounts
from .checkpoints import Checkpoints
from .choices import Choices
from .copying import Copying
from .deliveries import Deliveries
from .exporting import Exporting
from .importing import Importing
from .notices import Notices
from .pruning import Pruning
from .purging import Purging
from .scripts import Scripts
from .showings import Showings
from .tallies import Tallies
from .witnessed import Witnessed


class SQLStore(
    Choices, Accounts, Pruning, Checkpoints, Witnessed, Notices, Scripts, Showings, Tallies, Deliveries, Purging,
    Copying, Exporting, Importing,
):  # fmt: skip
    """Stores choices in any database that SQLAlchemy reaches, given its URL. On SQLite every choice is on the disk
    (WAL, synchronous FULL) before it counts as stored. Errors of the database are StoreErrors that show no value of a
    row.
    """
