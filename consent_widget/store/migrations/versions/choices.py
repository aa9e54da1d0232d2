"""The tables as they were while each record was a row of consent_choices. Whoever has them was never asked before."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """They are there."""
